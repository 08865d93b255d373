# SPDX-License-Identifier: Apache-2.0
"""The points of a sweep, read from its database."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from capcam import InputError
from capcam._points import read_points
from capcam.report import write_report


def swept(folder: Path, rows: list[int | None], objectives: list[str]) -> Path:
    """A database as `capcam sweep` makes it, a point for each number of rows; None: not simulated yet."""
    with sqlite3.connect(folder / "results.sqlite") as database:
        database.executescript(
            "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);"
            "CREATE TABLE results (key TEXT PRIMARY KEY, status TEXT, report TEXT);"
            "CREATE TABLE points (position INTEGER PRIMARY KEY, key TEXT);"
        )
        database.execute("INSERT INTO meta VALUES ('objectives', ?)", [json.dumps(objectives)])
        for position, row in enumerate(rows):
            database.execute("INSERT INTO points VALUES (?, ?)", [position, f"k{position}"])
            if row is None:
                continue
            report = {
                "config": {"array": {"rows": row, "columns": 64}},
                "cycles": {"total": 1000 // max(row, 1)},
                "area_um2": {"total": 10.0 * row},
                "cards": [{"component": "cam_array", "source": "<b>nobody</b>"}],
            }
            status = "failed" if row == 0 else "done"
            database.execute("INSERT INTO results VALUES (?, ?, ?)", [f"k{position}", status, json.dumps(report)])
    return folder


def test_keys_that_vary_are_columns_and_the_front_is_that_of_the_sweep(tmp_path: Path) -> None:
    points = read_points(swept(tmp_path, [16, 8, 32, None], ["cycles.total:min", "area_um2.total:min"]))
    assert points.keys == ["array.rows"]
    assert points.frame["array.rows"].tolist() == [16, 8, 32]
    assert points.frame["cycles.total"].tolist() == [62, 125, 31]
    assert points.frame["pareto"].tolist() == [True, True, True]  # less time for more area
    assert points.missing == 1
    assert read_points(tmp_path, [points.objectives[0]]).frame["pareto"].tolist() == [False, False, True]


def test_a_sweep_has_a_page_with_its_front(tmp_path: Path) -> None:
    text = write_report(swept(tmp_path, [16, 8], ["cycles.total:min", "area_um2.total:min"])).read_text()
    assert 'id="front-table"' in text
    assert "&lt;b&gt;nobody&lt;/b&gt;" in text


def test_a_sweep_that_has_nothing_yet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished point yet"):
        read_points(swept(tmp_path, [None, None], ["cycles.total:min"]))
