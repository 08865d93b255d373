#!/usr/bin/env python3
"""Runs the commands of a page: every line of its sh blocks, in order, in an empty folder.

    docs_test.py CAPCAM PAGE.md

A line must end with status 0. A `capcam run` without --engine runs on both engines, whose reports must be equal, and so
must be the files it names with --dram-trace. Exit status 1 if anything fails, or if the page has no command.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def commands_of(page):
    """Lines of the ```sh blocks; one that ends with a backslash goes on in the next."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


class Page:
    def __init__(self, capcam, folder):
        self.folder = pathlib.Path(folder)
        programs = self.folder / ".bin"
        programs.mkdir()
        (programs / "capcam").symlink_to(pathlib.Path(capcam).resolve())
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
        self.failures = 0

    def call(self, line):
        ended = subprocess.run(
            ["sh", "-c", line], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if ended.returncode != 0:
            self.failures += 1
            print(f"FAILED ({ended.returncode}): {line}\n{ended.stdout[-1000:]}{ended.stderr[-1000:]}", flush=True)
        return ended

    def run(self, line):
        if not line.startswith("capcam run ") or "--engine" in line:
            self.call(line)
            return
        asked_for = re.search(r"--dram-trace (\S+)", line)
        seen = []
        for engine in ("systemc", "fast"):
            ended = self.call(f"{line} --json --engine {engine}")
            if ended.returncode != 0:
                return
            report = json.loads(ended.stdout)
            report.pop("engine")
            seen.append((report, (self.folder / asked_for[1]).read_bytes() if asked_for else b""))
        if seen[0] != seen[1]:
            self.failures += 1
            print(f"FAILED: the engines differ: {line}", flush=True)


def main():
    capcam, path = sys.argv[1:]
    commands = commands_of(pathlib.Path(path).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="capcam-docs-") as folder:
        page = Page(capcam, folder)
        for line in commands:
            page.run(line)
    print(f"{len(commands)} commands of {path}, {page.failures} failures")
    return 1 if page.failures or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
