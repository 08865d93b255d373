#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes jargon_passages.txt, one English passage per line, from the Jargon File 4.4.7 (Debian package jargon-text).

apt-get download jargon-text && dpkg-deb -x jargon-text_*.deb x
python make_passages.py x/usr/share/doc/jargon-text/jargon.txt.gz > jargon_passages.txt
"""

import gzip
import re
import sys

FEWEST_WORDS, MOST_WORDS = 18, 60
COARSE = re.compile(r"\b(fuck|shit|piss|sex|rape|nazi|cunt|bitch|whore|dick|cock|negro|jew|jesus|damn|hell|crap)", re.I)
QUOTES = {0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"}
PLAIN = QUOTES | {
    0x2014: "--",
    0x2013: "-",
    0x2026: "...",
    ord("{"): "",
    ord("}"): "",
}  # dashes, dots; braces are links
ODD = re.compile(r"[|<>=_*/\\]|:\w+:")


def passages(text: str):
    """Gives the lexicon's paragraphs that are whole sentences of plain ASCII and as long as sentence models expect."""
    lexicon = text[text.rindex("\n   :abbrev:") :]
    for paragraph in re.split(r"\n\s*\n", lexicon):
        words = paragraph.translate(PLAIN).split()
        line = re.sub(r"^(\d+\. |\[[a-z ,;:]+\] )+", "", " ".join(words))
        if not FEWEST_WORDS <= len(line.split()) <= MOST_WORDS or not line.isascii() or COARSE.search(line):
            continue
        if re.match(r'["A-Z]', line) and re.search(r'[.!?]["\')]?$', line) and not ODD.search(line):
            yield line


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
        print("\n".join(dict.fromkeys(passages(file.read()))))


if __name__ == "__main__":
    main()
