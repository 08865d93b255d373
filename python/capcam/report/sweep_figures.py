# SPDX-License-Identifier: Apache-2.0
"""Makes the figures of a sweep's page, as plotly's JSON: what is traded for what, and what a key does."""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd

from .._labels import KNOWN, label_of
from .._objective import Objective, pareto_front
from .._points import Points
from .._units import number
from .html import Figure, text

ALSO = [
    (Objective("area_um2.total"), Objective("throughput.queries_per_ms", smaller_is_better=False)),
    (Objective("energy_pj.per_head_query"), Objective("throughput.queries_per_ms", smaller_is_better=False)),
    (Objective("energy_pj.per_head_query"), Objective("accuracy.ideal.selection_recall", smaller_is_better=False)),
]


def pareto(points: Points) -> Figure | None:
    pairs = list(itertools.combinations(points.objectives, 2))
    pairs += [pair for pair in ALSO if pair not in pairs]
    variants = {}
    for one, other in pairs:
        if all(_is_there(points.frame, objective.figure) for objective in (one, other)):
            name = f"{_name(other.figure)} over {_name(one.figure)}"
            variants[name] = _trade(points, one, other)
    return Figure("pareto", variants, 460) if variants else None


def influence(points: Points) -> Figure | None:
    """Shows every figure over every key that varies."""
    figures = [f for f in dict.fromkeys([*(o.figure for o in points.objectives), *KNOWN]) if _is_there(points.frame, f)]
    variants = {
        f"{_name(figure)} over {key}": _over(points, key, figure) for key in points.keys for figure in figures[:6]
    }
    return Figure("influence", variants, 380) if variants else None


def hover(points: Points) -> list[str]:
    """Says what tells a point from the others, and what it reaches."""
    lines = []
    figures = [objective.figure for objective in points.objectives]
    for _, row in points.frame.iterrows():
        keys = [f"{text(key)} = {text(row[key])}" for key in points.keys]
        reached = [f"{text(_name(f))}: {number(_scaled(row[f], f), 4)}" for f in figures]
        lines.append("<br>".join([*keys, "", *reached]))
    return lines


def _is_there(frame: pd.DataFrame, figure: str) -> bool:
    return figure in frame and pd.api.types.is_numeric_dtype(frame[figure]) and bool(frame[figure].notna().any())


def _name(figure: str) -> str:
    return label_of(figure).text.split(",")[0]


def _scaled(value: Any, figure: str) -> float | None:
    return None if pd.isna(value) else float(value) / label_of(figure).size


def _column(frame: pd.DataFrame, figure: str) -> list[float | None]:
    return [_scaled(value, figure) for value in frame[figure]]


def _trade(points: Points, one: Objective, other: Objective) -> dict[str, Any]:
    frame = points.frame.assign(hover=hover(points))
    edge = frame[pareto_front(frame, [one, other])].sort_values([one.figure, other.figure])
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "best of these two",
            "x": _column(edge, one.figure),
            "y": _column(edge, other.figure),
            "line": {"color": "@front", "width": 1.5, "shape": "hv" if one.smaller_is_better else "vh"},
            "hoverinfo": "skip",
        }
    ]
    for name, mine, colour, size in (
        ("beaten", frame[~frame["pareto"]], "@other", 7),
        ("Pareto front", frame[frame["pareto"]], "@front", 10),
    ):
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": _column(mine, one.figure),
                "y": _column(mine, other.figure),
                "text": mine["hover"].tolist(),
                "marker": {"color": colour, "size": size, "opacity": 0.55 if name == "beaten" else 1},
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    layout = {
        "showlegend": True,
        "hovermode": "closest",
        "xaxis": {"title": {"text": _axis(one)}},
        "yaxis": {"title": {"text": _axis(other)}},
    }
    return {"data": data, "layout": layout}


def _axis(objective: Objective) -> str:
    return f"{text(label_of(objective.figure).text)} ({'less' if objective.smaller_is_better else 'more'} is better)"


def _over(points: Points, key: str, figure: str) -> dict[str, Any]:
    frame = points.frame.assign(hover=hover(points))
    numeric = pd.api.types.is_numeric_dtype(frame[key]) and not pd.api.types.is_bool_dtype(frame[key])
    values = sorted(frame[key].unique()) if numeric else [str(value) for value in frame[key].unique()]
    texts = frame[key] if numeric else frame[key].astype(str)
    medians = [frame.loc[texts == value, figure].median() for value in values]
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "points",
            "x": [text(value) for value in texts],
            "y": _column(frame, figure),
            "text": frame["hover"].tolist(),
            "marker": {"color": "@other", "size": 7, "opacity": 0.5},
            "hovertemplate": "%{text}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "median",
            "x": [text(value) for value in values],
            "y": [_scaled(value, figure) for value in medians],
            "line": {"color": "@busy"},
            "marker": {"size": 8},
            "hovertemplate": "median at %{x}: %{y:.4g}<extra></extra>",
        },
    ]
    layout = {
        "showlegend": True,
        "hovermode": "closest",
        "xaxis": {
            "type": "category",
            "title": {"text": text(key)},
            "categoryorder": "array",
            "categoryarray": [text(value) for value in values],
        },
        "yaxis": {"title": {"text": text(label_of(figure).text)}},
    }
    return {"data": data, "layout": layout}
