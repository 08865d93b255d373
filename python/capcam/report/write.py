# SPDX-License-Identifier: Apache-2.0
"""Makes a folder's page."""

from __future__ import annotations

from pathlib import Path

from .._errors import InputError
from .._files import replacing, write_named
from .._folder import read_run
from .._points import DATABASE, SEARCHES, read_points
from . import run_page, sweep_page
from .html import Page

# What a page is made from.
READ = ("report.json", "heads.csv", "scores.csv", "timeline.json", "montecarlo.csv", DATABASE, *SEARCHES)


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
    montecarlo.csv in the folder are found by themselves. A `to` that is a link, a pipe or a device is written through,
    not replaced. Raises InputError if there is nothing to report, what there is is damaged, or `to` is what is read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    named = Path(to) if to else None
    page = named or folder / "report.html"
    inputs = [folder / name for name in READ] + [path for path in (timeline, montecarlo) if path]
    if named is not None and any(_same(named, path) for path in inputs):
        raise InputError(f"{page}: is read for the page: name another file")
    if named is None and page.is_symlink():
        raise InputError(f"{page}: is a link: name where to write by --out")
    try:
        content = _page(folder, timeline, montecarlo).html().encode("utf-8", "backslashreplace")
    except InputError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise InputError(f"{folder}: damaged: {type(error).__name__}: {error}") from error
    if named is None:
        with replacing(page) as file:
            file.write(content)
    else:
        write_named(named, content)
    return page


def _same(a: Path, b: Path) -> bool:
    try:
        return a.samefile(b)
    except OSError:
        return False
