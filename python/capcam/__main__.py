# SPDX-License-Identifier: Apache-2.0
"""`python -m capcam COMMAND`: runs what needs Python. Exit status 2 means that the input is wrong, 130 interrupted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ._errors import InputError
from ._printable import printable
from .report import command as report


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m capcam", description="what of capcam needs Python")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    report.add_to(commands)
    arguments = parser.parse_args(words)
    try:
        arguments.run(arguments)
    except InputError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
