# SPDX-License-Identifier: Apache-2.0
"""Reads the points of a sweep (`capcam sweep --out`) from its database, which is not trusted: all is checked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ._errors import InputError
from ._flat import flat
from ._objective import DEFAULT_OBJECTIVES, Objective, pareto_front, read_objectives

DATABASE = "results.sqlite"
SEARCHES = ("study.sqlite", "study.journal")  # of capcam.explore


@dataclass(frozen=True)
class Points:
    """`frame` has a row for each point that is done: the keys that vary (`keys`), every figure of the report
    under its dotted path, and `pareto`."""

    frame: pd.DataFrame
    keys: list[str]
    objectives: list[Objective]
    cards: list[dict[str, Any]]  # of the first point
    failed: int = 0
    missing: int = 0
    unmoved: tuple[str, ...] = ()  # sentences: which objectives did not respond to which keys


def read_points(folder: Path | str, objectives: list[Objective] | None = None) -> Points:
    """Reads the points. Raises InputError if the folder holds no results of a sweep, or none yet."""
    path = Path(folder) / DATABASE
    if not path.is_file():
        raise InputError(f"{folder}: holds no results of a sweep ({DATABASE})")
    reports: list[dict[str, Any]] = []
    failed = missing = 0
    try:
        check_tables(path, ("meta", "points", "results"))
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT value FROM meta WHERE name = 'objectives'").fetchone()
            stored = json.loads(found[0]) if found else None
            said = database.execute("SELECT value FROM meta WHERE name = 'unmoved'").fetchone()
            unmoved = _sentences(json.loads(said[0])) if said else ()
            rows = database.execute("SELECT status, report FROM points LEFT JOIN results USING (key) ORDER BY position")
            for status, report in rows:
                if status == "done":
                    reports.append(_report(report))
                failed += status == "failed"
                missing += status is None
        objectives = objectives or (read_objectives(stored) if stored else list(DEFAULT_OBJECTIVES))
    except RecursionError:
        raise InputError(f"{path}: a report is nested too deep") from None
    except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{path}: {error}") from None
    if not reports:
        raise InputError(f"{folder}: the sweep has no finished point yet ({failed} failed, {missing} to do)")
    try:
        return replace(points_of(reports, objectives, failed, missing), unmoved=unmoved)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise InputError(f"{path}: damaged: {type(error).__name__}: {error}") from None


def check_tables(path: Path, names: Sequence[str]) -> None:
    """Raises InputError if one of the database's tables is something else, because a view may compute for ever."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        kinds = dict(database.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    if wrong := [name for name in names if kinds.get(name, "table") != "table"]:
        raise InputError(f"{path}: {', '.join(wrong)}: expected a table, got a view")


def _sentences(read: Any) -> tuple[str, ...]:
    if not isinstance(read, list) or not all(isinstance(sentence, str) for sentence in read):
        raise ValueError("what did not respond: expected a list of texts")
    return tuple(read)


def _report(text: Any) -> dict[str, Any]:
    report = json.loads(text)
    if not isinstance(report, dict) or not isinstance(report.get("config", {}), dict):
        raise ValueError(f"expected a report, got {type(report).__name__}")
    if not isinstance(cards := report.get("cards", []), list) or not all(isinstance(card, dict) for card in cards):
        raise ValueError("a report's cards: expected a list of sections")
    return report


def points_of(reports: list[dict[str, Any]], objectives: list[Objective], failed: int = 0, missing: int = 0) -> Points:
    """Makes a table of reports."""
    rows = []
    for report in reports:
        row = {f"config.{key}": value for key, value in flat(report.get("config", {})).items()}
        row.update((name, value) for name, value in flat(report).items() if not name.startswith(("config.", "schema")))
        rows.append(row)
    table = pd.DataFrame(rows)
    config = [name for name in table if name.startswith("config.")]
    varying = [name for name in config if table[name].nunique(dropna=False) > 1]
    frame = table.drop(columns=[name for name in config if name not in varying])
    frame = frame.rename(columns={name: name.removeprefix("config.") for name in varying})
    for objective in objectives:
        if objective.figure not in frame:
            frame[objective.figure] = float("nan")
        frame[objective.figure] = pd.to_numeric(frame[objective.figure], errors="coerce")
    frame["pareto"] = pareto_front(frame, objectives)
    keys = [name.removeprefix("config.") for name in varying]
    return Points(frame, keys, objectives, reports[0].get("cards", []), failed, missing)
