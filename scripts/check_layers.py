#!/usr/bin/env python3
"""Checks who may include whom: the arrows between the folders of src/, and SystemC only where it belongs.

The table is closed: an arrow that is not listed fails, and so does a listed arrow that nobody uses. A folder may always
include itself and the public headers; a public header includes public headers alone. Arrows point one way: a folder
includes only folders that stand before it in the table. `check_layers.py [ROOT]` checks the tree at ROOT.
"""

# SPDX-License-Identifier: Apache-2.0
import re
import sys
from pathlib import Path

ARROWS = """
core
config             core
trace              core
kernels            core config
workload           core config trace kernels
mapping            kernels workload
machine            core mapping
stats              core kernels mapping workload
cost               core config kernels
report             core config trace workload cost
outputs            core trace mapping stats
engines/fast       core kernels workload mapping machine stats
engines/systemc    core kernels workload mapping machine stats
simulate           core trace kernels workload mapping stats cost report outputs
studies/spice      config kernels
studies/montecarlo core config kernels stats report
studies/selection  core kernels workload stats report
studies/price      core config kernels cost report outputs
studies/compare    core kernels workload mapping machine stats cost report
studies/reproduce  core config trace kernels workload cost report studies/montecarlo studies/selection studies/compare
studies/sweep      core config trace kernels workload cost report
apps/python        core config trace stats report cost
apps/cli           core config trace kernels workload cost report outputs studies/spice studies/montecarlo studies/selection
                   studies/price studies/compare studies/reproduce studies/sweep
"""

SYSTEMC = re.compile(r"^(systemc(\.h)?$|systemc/|sysc/|tlm(\.h)?$|tlm/|tlm_utils/)")
MAY_SEE_SYSTEMC = re.compile(
    r"^(src/engines/systemc/|include/capcam/systemc/|src/apps/cli/main\.cpp|tests/(stage|system|support)/|bench/|examples/)"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
SOURCES = ("include", "src", "tests", "fuzz", "bench", "examples")


def read_table(text):
    """Returns {folder: set of folders it may include}, in order. A line that begins with a space goes on."""
    table = {}
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if line.startswith(" "):
            table[folder] |= set(words)
        else:
            folder, *allowed = words
            table[folder] = set(allowed)
    return table


def folder_of(path, table):
    """The table's folder that a path under src/ lies in; None: no such folder."""
    parts = path.split("/")
    two = "/".join(parts[:2])
    return two if two in table else parts[0] if parts[0] in table else None


def check_table(table):
    problems, before = [], set()
    for folder, allowed in table.items():
        problems += [f"table: {folder} -> {other}: {other} does not stand before it" for other in allowed - before]
        before.add(folder)
    return problems


def check_file(path, text, table, used):
    problems = []
    for match in INCLUDE.finditer(text):
        quote, header = match.groups()
        place = f"{path}:{text.count(chr(10), 0, match.start()) + 1}: includes {header}"
        if SYSTEMC.match(header) and quote == "<" and not MAY_SEE_SYSTEMC.match(path):
            problems.append(f"{place}, but SystemC stays in the SystemC engine and main")
        if quote == "<" or header.startswith("capcam/"):
            continue
        if path.startswith("include/"):
            problems.append(f"{place}, but a public header includes public headers alone")
        if not path.startswith("src/"):
            continue
        me, other = folder_of(path[4:], table), folder_of(header, table)
        if me is None:
            problems.append(f"{path}: its folder is not in the table")
        elif other is None:
            problems.append(f"{place}, which lies in no folder of the table")
        elif other != me:
            used.add((me, other))
            if other not in table[me]:
                problems.append(f"{place}, but {me} may include only: {' '.join(sorted(table[me])) or 'itself'}")
    return problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)
    table = read_table(ARROWS)
    problems, used, files = check_table(table), set(), 0
    for source in SOURCES:
        for path in sorted((root / source).rglob("*")):
            if path.suffix not in (".h", ".cpp") or not path.is_file():
                continue
            files += 1
            problems += check_file(path.relative_to(root).as_posix(), path.read_text(), table, used)
    if files == 0:
        problems.append(f"no source found under {root}: wrong folder?")
    problems += [f"table: {a} -> {b}: nobody uses this arrow" for a in table for b in sorted(table[a]) if (a, b) not in used]
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        print(f"layers: {len(problems)} problem(s) against the table of scripts/check_layers.py", file=sys.stderr)
        return 1
    print(f"layers: {files} files, {len(used)} arrows, all in the table")
    return 0


if __name__ == "__main__":
    sys.exit(main())
