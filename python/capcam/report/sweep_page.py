# SPDX-License-Identifier: Apache-2.0
"""Makes the page of a sweep or of a search."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from .._labels import KNOWN, label_of
from .._points import Points
from .._units import number
from . import sweep_figures
from .html import Cell, Page, Row, Section, pairs, table
from .provenance import cards_table

LARGEST_TABLE = 500


def page(points: Points, title: str) -> Page:
    frame = points.frame
    tiles = [
        ("Points", number(len(frame)), "simulated"),
        ("On the front", number(int(frame["pareto"].sum())), "no other point beats them"),
        ("Keys", number(len(points.keys)), "that vary"),
    ]
    if points.failed:
        tiles.append(("Refused", number(points.failed), "no machine, or failed"))
    if points.missing:
        tiles.append(("To do", number(points.missing), "not simulated yet"))
    for objective in points.objectives:
        label, figures = label_of(objective.figure), frame[objective.figure].dropna()
        if len(figures):
            best = figures.min() if objective.smaller_is_better else figures.max()
            tiles.append(("Best", number(float(best) / label.size, 4), label.text))
    return Page(
        title,
        "objectives: " + ", ".join(map(str, points.objectives)),
        tiles,
        list(points.unmoved),
        list(_sections(points)),
    )


def _sections(points: Points) -> Iterator[Section]:
    if figure := sweep_figures.pareto(points):
        note = "Every point; hover for its keys. The line joins the best of the two figures shown alone."
        yield Section("front", "Pareto front", [figure], note)
    if figure := sweep_figures.influence(points):
        yield Section("keys", "What a key does", [figure], "All points at each value of a key, and their median.")
    front, rest = points.frame[points.frame["pareto"]], points.frame[~points.frame["pareto"]]
    yield Section("best", "Points on the front", [_table(points, front.head(LARGEST_TABLE), "front-table")])
    if len(rest):
        cut = f"The first {LARGEST_TABLE} of {len(rest):,}." if len(rest) > LARGEST_TABLE else ""
        yield Section("rest", "Points that are beaten", [_table(points, rest.head(LARGEST_TABLE), "rest-table")], cut)
    if points.cards:
        yield Section("provenance", "Provenance", [_facts(points), cards_table(points.cards)], "Of the first point.")


def _table(points: Points, frame: pd.DataFrame, name: str) -> str:
    figures = list(dict.fromkeys([*(o.figure for o in points.objectives), *KNOWN]))
    figures = [f for f in figures if f in frame and pd.api.types.is_numeric_dtype(frame[f])][:8]
    rows: list[Row] = []
    for _, point in frame.iterrows():
        cells = [_key_cell(point[key]) for key in points.keys]
        for figure in figures:
            value = None if pd.isna(point[figure]) else float(point[figure]) / label_of(figure).size
            cells.append(Cell(number(value, 4), value))
        rows.append(cells)
    return table([*points.keys, *(label_of(f).text for f in figures)], rows, name=name)


def _key_cell(value: object) -> Cell | str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return Cell(f"{value:g}", value)


def _facts(points: Points) -> str:
    frame = points.frame
    names = [n for n in ("trace.path", "trace.model", "trace.sha256", "engine", "seed", "version") if n in frame]
    return pairs((n.removeprefix("trace."), ", ".join(map(str, frame[n].unique()[:8]))) for n in names)
