# SPDX-License-Identifier: Apache-2.0
"""From a folder to its page."""

from __future__ import annotations

from pathlib import Path

from .._errors import InputError
from .._folder import read_run
from .._points import DATABASE, SEARCHES, read_points
from . import run_page, sweep_page
from .html import Page


def _page(folder: Path, timeline: Path | None, montecarlo: Path | None) -> Page:
    if (folder / "report.json").is_file():
        return run_page.page(read_run(folder, timeline, montecarlo))
    if (folder / DATABASE).is_file():
        return sweep_page.page(read_points(folder), f"Sweep {folder.resolve().name}")
    if any((folder / name).is_file() for name in SEARCHES):
        from ..explore._results import read_search

        return sweep_page.page(read_search(folder), f"Search {folder.resolve().name}")
    raise InputError(
        f"{folder}: holds no finished run (report.json), sweep ({DATABASE}) or search ({', '.join(SEARCHES)})"
    )


def write_report(
    folder: Path | str, to: Path | str | None = None, *, timeline: Path | None = None, montecarlo: Path | None = None
) -> Path:
    """Writes the page of the run or sweep in `folder` to `to` (report.html in it) and returns where it is.

    `timeline` and `montecarlo` are files of `capcam run --timeline` and `capcam montecarlo --csv`; timeline.json and
    montecarlo.csv in the folder are found by themselves. Raises InputError if there is nothing to report.
    """
    folder = Path(folder)
    to = Path(to) if to else folder / "report.html"
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    text = _page(folder, timeline, montecarlo).html()
    part = to.with_name(to.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(to)
    except OSError as error:
        raise InputError(f"{to}: {error.strerror}") from None
    return to
