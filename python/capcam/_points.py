# SPDX-License-Identifier: Apache-2.0
"""The points of a sweep (`capcam sweep --out`), read from its database. Untrusted: what is read is checked."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
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
    """`frame` has a row a point that is done: the configuration keys that vary (`keys`), every figure of the report
    under its dotted path, and `pareto`."""

    frame: pd.DataFrame
    keys: list[str]
    objectives: list[Objective]
    cards: list[dict[str, Any]]  # of the first point
    failed: int = 0
    missing: int = 0


def read_points(folder: Path | str, objectives: list[Objective] | None = None) -> Points:
    """Raises InputError if the folder holds no results of a sweep, or none yet."""
    path = Path(folder) / DATABASE
    if not path.is_file():
        raise InputError(f"{folder}: holds no results of a sweep ({DATABASE})")
    reports: list[dict[str, Any]] = []
    failed = missing = 0
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT value FROM meta WHERE name = 'objectives'").fetchone()
            stored = json.loads(found[0]) if found else None
            rows = database.execute("SELECT status, report FROM points LEFT JOIN results USING (key) ORDER BY position")
            for status, report in rows:
                if status == "done":
                    reports.append(json.loads(report))
                failed += status == "failed"
                missing += status is None
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise InputError(f"{path}: {error}") from None
    if not reports:
        raise InputError(f"{folder}: the sweep has no finished point yet ({failed} failed, {missing} to do)")
    if objectives is None:
        objectives = read_objectives(stored) if stored else list(DEFAULT_OBJECTIVES)
    return points_of(reports, objectives, failed, missing)


def points_of(reports: list[dict[str, Any]], objectives: list[Objective], failed: int = 0, missing: int = 0) -> Points:
    """Reports as a table."""
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
