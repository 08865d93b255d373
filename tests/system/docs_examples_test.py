#!/usr/bin/env python3
"""The code of a page is the code of the examples: docs_examples_test.py [--write] PAGE.md...

A block below `<!-- file: PATH -->` is that file (without its licence line); one below `<!-- lines of: PATH -->` consists of
lines of it. PATH is from the project's folder. Files that a page links to exist. --write fills the blocks of whole files.
Exit status 1 if anything differs, or if a page has no such block.
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"^<!-- (file|lines of): (\S+) -->\n```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def text_of(path):
    lines = (ROOT / path).read_text().splitlines(keepends=True)
    return "".join(line for line in lines if "SPDX-License-Identifier" not in line)


def problems_of(page):
    text = page.read_text()
    blocks = BLOCK.findall(text)
    if not blocks:
        yield f"{page}: no block of a file"
    for what, path, _, code in blocks:
        if what == "file" and code != text_of(path):
            yield f"{page}: the block of {path} is not the file; --write fills it"
        if what == "lines of":
            for line in code.splitlines():
                if line not in text_of(path).splitlines():
                    yield f"{page}: {path} has no line {line!r}"
    for target in LINK.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)):
        if not (page.parent / target).exists():
            yield f"{page}: there is no {target}"


def fill(page):
    def block(match):
        what, path, language, code = match.groups()
        return f"<!-- {what}: {path} -->\n```{language}\n{text_of(path) if what == 'file' else code}```"

    page.write_text(BLOCK.sub(block, page.read_text()))


def main(arguments):
    pages = [pathlib.Path(argument).resolve() for argument in arguments if argument != "--write"]
    if "--write" in arguments:
        for page in pages:
            fill(page)
    problems = [problem for page in pages for problem in problems_of(page)]
    print("\n".join(problems) or f"{len(pages)} pages say what the examples do")
    return 1 if problems or not pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
