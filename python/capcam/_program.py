# SPDX-License-Identifier: Apache-2.0
"""Finds the capcam program and runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ._errors import InputError, LawBroken

_OWN = Path(__file__).parent / "bin" / "capcam"


def program() -> Path:
    """Returns the capcam program: $CAPCAM_PROGRAM, else the package's own, else one on the PATH.

    Raises InputError if there is none: a package that was built without SystemC has none.
    """
    if named := os.environ.get("CAPCAM_PROGRAM"):
        if not os.access(named, os.X_OK):
            raise InputError(f"CAPCAM_PROGRAM names {named}, which is not a program")
        return Path(named)
    if _OWN.exists():
        return _OWN
    for folder in os.get_exec_path():
        found = shutil.which("capcam", path=folder)
        if found and not _is_script(Path(found)):  # the launcher below is a script of the same name
            return Path(found)
    raise InputError(
        "there is no capcam program: this package was built where SystemC was not found\n"
        "  install SystemC (Debian, Ubuntu: libsystemc-dev, libcli11-dev, pkg-config) and the package again,\n"
        "  or put a capcam on the PATH, or name one by CAPCAM_PROGRAM"
    )


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def call(arguments: Sequence[str]) -> str:
    """Runs the program and returns what it prints. Its exit status becomes the exception it stands for.

    Ctrl-C ends it in good order, with what was finished kept, and raises KeyboardInterrupt.
    """
    # It has a session of its own, so that the terminal's Ctrl-C comes to Python alone, which hands on exactly one.
    with subprocess.Popen(
        [program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            out, errors = process.communicate()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise
    if process.returncode == 0:
        return out
    lines = errors.strip().split("\n")
    start = next((i for i, line in enumerate(lines) if line.startswith("error: ")), 0)
    text = "\n".join(lines[start:]).removeprefix("error: ")
    if process.returncode == 2:
        raise InputError(text)
    if process.returncode == 3:
        raise LawBroken(text)
    if process.returncode == 130:
        raise KeyboardInterrupt
    raise RuntimeError(f"capcam {' '.join(arguments)} ended with status {process.returncode}: {errors.strip()}")


def main() -> None:
    """Is the command `capcam` of a Python environment, and becomes the program."""
    try:
        path = program()
    except InputError as error:
        sys.exit(f"error: {error}")
    os.execv(path, ["capcam", *sys.argv[1:]])
