#!/usr/bin/env python3
"""A page's tables are what its commands print.

    docs_tables_test.py CAPCAM PAGE.md [--slow]

Every command that begins with one of those in MAKES and stands in backquotes in the page is run, in order, in a folder
that holds the traces (one with CONFIG for a configuration is none). Of every table of the page that has the header of
one that was made, each line must have been made: a page may show some of them. With --slow those commands are run that
take minutes, and without it all others. Exit status 1 if a line was not made, or if there is nothing to check.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parents[2]
# What a command needs to leave its table in table.md; None: it makes no table; "-": it prints the table.
MAKES = {
    "capcam trace synth": None,
    "capcam compare": "--markdown table.md",
    "capcam selection": "--markdown table.md",
    "scripts/circuit_rules.py table": "-",
    "scripts/circuit_rules.py published": "-",
    "scripts/circuit_rules.py map": "-",
    "scripts/accuracy_table.sh": "-",
    "scripts/placement_table.py": "-",
    "scripts/where_array_wins.py one": "-",
    "scripts/where_array_wins.py best": "-",
}
SLOW = ("scripts/circuit_rules.py published", "scripts/circuit_rules.py map", "scripts/where_array_wins.py best")


def commands_of(page, slow):
    spans = (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", page))
    return [
        (span, start)
        for span in spans
        for start in MAKES
        if span.startswith(start) and "CONFIG" not in span and (start in SLOW) == slow
    ]


def table_of(command, start, capcam, folder):
    """The lines of the table that a command makes."""
    words = shlex.split(command)
    how = MAKES[start]
    if how == "-":
        return subprocess.run([SOURCES / words[0], *words[1:], capcam], check=True, capture_output=True, text=True).stdout
    words[0] = capcam
    if how is not None and "--markdown" not in words:
        words += how.split()
    subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    return "" if how is None else (folder / "table.md").read_text(encoding="utf-8")


def tables_of(text):
    """The tables of a Markdown text: lists of lines, the header first."""
    blocks, lines = [], []
    for line in [*text.splitlines(), ""]:
        if line.strip().startswith("|"):
            lines.append(line.strip())
        elif lines:
            blocks.append(lines)
            lines = []
    return blocks


def main():
    capcam, path = os.path.abspath(sys.argv[1]), sys.argv[2]
    page = pathlib.Path(path).read_text(encoding="utf-8")
    made = {}  # lines by header
    with tempfile.TemporaryDirectory(prefix="capcam-tables-") as name:
        folder = pathlib.Path(name)
        (folder / "traces").symlink_to(SOURCES / "traces")
        for command, start in commands_of(page, "--slow" in sys.argv[3:]):
            for header, *lines in tables_of(table_of(command, start, capcam, folder)):
                made.setdefault(header, set()).update(lines)
    checked, stale = 0, 0
    for header, *lines in tables_of(page):
        if header not in made:
            continue
        checked += len(lines)
        for line in lines:
            if line not in made[header]:
                stale += 1
                print(f"{path} says, and no command of it:\n  {line}")
    print(f"{checked} lines of tables of {path}, {stale} of them stale")
    return 1 if stale or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
