# SPDX-License-Identifier: Apache-2.0
"""Is the command `python -m capcam report DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from .._printable import printable
from .write import write_report


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("report", help="one HTML page of a run or a sweep, with everything in it")
    command.add_argument("folder", type=Path, help="what capcam run or capcam sweep wrote with --out")
    command.add_argument("--out", type=Path, help="the page; default: report.html in the folder")
    command.add_argument("--timeline", type=Path, help="of capcam run --timeline; default: timeline.json in the folder")
    command.add_argument("--montecarlo", type=Path, help="of capcam montecarlo --csv; default: montecarlo.csv there")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    page = write_report(arguments.folder, arguments.out, timeline=arguments.timeline, montecarlo=arguments.montecarlo)
    if str(page) not in ("/dev/stdout", "/dev/fd/1"):
        print(printable(str(page)))
