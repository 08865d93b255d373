# SPDX-License-Identifier: Apache-2.0
"""Makes the figures of a run's page, as plotly's JSON: what ran when, what cost what, how good the result is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .._folder import RunFolder, Timeline
from .._groups import group_of, words
from .._report_form import STATES
from .._units import AREA, ENERGY, fitting, number, percent
from .html import Figure, text

SEQUENTIAL = [[0, "@seq0"], [0.5, "@seq1"], [1, "@seq2"]]
ACCURACY = {
    "ideal_cosine": "output cosine against ideal",
    "ideal_selection_recall": "selection recall against ideal",
    "ideal_relative_l2": "relative L2 error against ideal",
    "exact_cosine": "output cosine against exact",
    "exact_selection_recall": "selection recall against exact",
    "exact_relative_l2": "relative L2 error against exact",
}
TIMELINE_WINDOWS = (500, 2000, 10_000)


def stages(run: RunFolder) -> Figure:
    shares = run.stages[::-1]
    units = {name: stage.get("units", 1) for name, stage in run.report["cycles"]["stages"].items()}
    names = [text(words(name)) + (f" ×{units[name]}" if units[name] > 1 else "") for name in shares.index]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": state,
            "y": names,
            "x": [100 * share for share in shares[state]],
            "marker": {"color": f"@{state}"},
            "hovertemplate": "%{y}: %{x:.1f} % " + state + "<extra></extra>",
        }
        for state in STATES
    ]
    layout = {
        "barmode": "stack",
        "bargap": 0.35,
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "xaxis": {"range": [0, 100], "ticksuffix": " %", "title": {"text": "share of all cycles"}},
        "yaxis": {"ticksuffix": "  "},
    }
    return Figure("stages", {"stages": {"data": data, "layout": layout}}, 90 + 28 * len(names))


def heads(run: RunFolder) -> Figure:
    """Shows when each head was on which core."""
    table = run.heads
    layers = sorted(table["layer"].unique())
    data = []
    for index, layer in enumerate(layers):
        mine = table[table["layer"] == layer]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": f"layer {layer}",
                "y": [f"core {core}" for core in mine["core"]],
                "base": mine["first_cycle"].tolist(),
                "x": (mine["last_cycle"] - mine["first_cycle"]).tolist(),
                "marker": {"color": f"@c{index % 7}", "line": {"color": "@bg", "width": 0.5}},
                "customdata": mine[["layer", "batch", "head", "first_cycle", "last_cycle"]].to_numpy().tolist(),
                "hovertemplate": "layer %{customdata[0]}, sequence %{customdata[1]}, head %{customdata[2]}<br>"
                "cycles %{customdata[3]:,} to %{customdata[4]:,}<extra></extra>",
            }
        )
    layout = {
        "barmode": "overlay",
        "showlegend": len(layers) <= 12,
        "xaxis": {"title": {"text": "cycle"}},
        "yaxis": {"autorange": "reversed", "ticksuffix": "  ", "type": "category"},
    }
    return Figure("heads", {"heads": {"data": data, "layout": layout}}, 150 + 26 * int(table["core"].nunique()))


def timeline(whole: Timeline) -> Figure:
    """Shows the first cycles of every unit."""
    windows = {f"cycles 0 to {end:,}": _window(whole, end) for end in TIMELINE_WINDOWS}
    return Figure("timeline", windows, 100 + 26 * len(whole.tracks))


def _window(whole: Timeline, end: int) -> dict[str, Any]:
    data = []
    for state in ("busy", "blocked"):
        mine = [s for s in whole.slices if s.cycle < end and (s.name == "blocked") == (state == "blocked")]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": state,
                "y": [text(words(s.track)) for s in mine],
                "base": [s.cycle for s in mine],
                "x": [min(s.cycles, end - s.cycle) for s in mine],
                "marker": {"color": f"@{state}", "line": {"color": "@bg", "width": 0.5}},
                "customdata": [[text(s.name), s.cycle, s.cycle + s.cycles] for s in mine],
                "hovertemplate": "%{y}: %{customdata[0]}<br>cycles %{customdata[1]:,} to %{customdata[2]:,}"
                "<extra></extra>",
            }
        )
    layout = {
        "barmode": "overlay",
        "bargap": 0.3,
        "showlegend": True,
        "xaxis": {"range": [0, end], "title": {"text": "cycle"}},
        "yaxis": {
            "categoryorder": "array",
            "categoryarray": [text(words(track)) for track in reversed(whole.tracks)],
            "ticksuffix": "  ",
        },
    }
    return {"data": data, "layout": layout}


def costs(run: RunFolder) -> Figure:
    """Shows energy and area: all, then by stage, then by component."""
    head_queries = _head_queries(run)
    table = run.costs
    energy = fitting(ENERGY, [table["energy_pj"].sum() / head_queries])
    area = fitting(AREA, [table["area_um2"].sum()])
    return Figure(
        "costs",
        {
            "energy per head-query": _sunburst(
                table["energy_pj"] / (head_queries * energy.size), f"{energy.name} per head-query", "energy"
            ),
            "area": _sunburst(table["area_um2"] / area.size, area.name, "area"),
        },
        440,
    )


TORNADO_BARS = 10


def tornado(run: RunFolder) -> Figure:
    """Shows how far each unit's cards move a figure when all others are the preferred ones."""
    views = {}
    for figure in run.report["drawn"]:
        swings = figure["by_cards"][:TORNADO_BARS][::-1]
        data = [
            {
                "type": "bar",
                "orientation": "h",
                "y": [text(words(swing["cards"])) for swing in swings],
                "base": [swing["low"] for swing in swings],
                "x": [swing["high"] - swing["low"] for swing in swings],
                "customdata": [[number(swing["low"], 4), number(swing["high"], 4)] for swing in swings],
                "marker": {"color": "@c0"},
                "hovertemplate": "%{y}: %{customdata[0]} to %{customdata[1]}<extra></extra>",
            }
        ]
        line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"color": "@c1", "width": 2}}
        layout = {
            "showlegend": False,
            "xaxis": {"title": {"text": text(f"{figure['figure']}, {figure['unit']}")}},
            "yaxis": {"ticksuffix": "  ", "type": "category"},
            "shapes": [{**line, "x0": figure["value"], "x1": figure["value"]}],
        }
        views[figure["figure"]] = {"data": data, "layout": layout}
    return Figure("tornado", views, 110 + 26 * TORNADO_BARS)


def _head_queries(run: RunFolder) -> float:
    energy = run.report["energy_pj"]
    return energy["total"] / energy["per_head_query"] if energy.get("per_head_query") else 1.0


def _sunburst(values: pd.Series, unit: str, what: str) -> dict[str, Any]:
    values = values[values > 0]
    groups = values.groupby([group_of(str(name)) for name in values.index]).sum()
    total = float(values.sum())
    names = [str(name) for name in values.index]
    ids = ["all", *groups.index, *(f"{group_of(name)}/{name}" for name in names)]
    amounts = [total, *groups.tolist(), *values.tolist()]
    data = {
        "type": "sunburst",
        "branchvalues": "total",
        "ids": ids,
        "parents": ["", *["all"] * len(groups), *(group_of(name) for name in names)],
        "labels": [f"<b>{number(total, 4)}</b><br>{unit}", *groups.index, *(text(words(name)) for name in names)],
        # Sums that differ by rounding would be refused. What is shown is the amount itself, in the text.
        "values": [1.0001 * total, *(1.00005 * g for g in groups), *values.tolist()],
        "customdata": [[number(amount), percent(amount / total if total else None)] for amount in amounts],
        "hovertemplate": f"%{{label}}<br>%{{customdata[0]}} {unit}, %{{customdata[1]}} of the {what}<extra></extra>",
        "marker": {
            "colors": ["@panel", *(f"@{g}" for g in groups.index), *(f"@{group_of(name)}" for name in names)],
            "line": {"color": "@bg", "width": 1.5},
        },
        "leaf": {"opacity": 0.88},
        "insidetextfont": {"color": ["@ink", *["@on"] * (len(amounts) - 1)]},
        "insidetextorientation": "auto",
        "sort": True,
    }
    return {"data": [data], "layout": {"margin": {"l": 0, "r": 0, "t": 8, "b": 8}}}


def accuracy(run: RunFolder) -> Figure | None:
    """Shows accuracy by layer and head. Returns None if the run measured none."""
    variants = {}
    for figure, name in ACCURACY.items():
        table = run.head_accuracy(figure)
        if table is None:
            continue
        smaller_is_better = figure.endswith("l2")
        data = {
            "type": "heatmap",
            "x": [str(head) for head in table.columns],
            "y": [str(layer) for layer in table.index],
            "z": [[None if pd.isna(v) else v for v in row] for row in table.to_numpy().tolist()],
            "colorscale": SEQUENTIAL,
            "reversescale": smaller_is_better,
            "xgap": 2,
            "ygap": 2,
            "texttemplate": "%{z:.2f}" if table.shape[1] <= 16 else "",
            "hovertemplate": "layer %{y}, head %{x}: %{z:.4f}<extra></extra>",
            "colorbar": {"thickness": 10, "outlinewidth": 0, "title": {"text": ""}},
        }
        layout = {
            "xaxis": {"title": {"text": "head"}, "type": "category", "showgrid": False},
            "yaxis": {"title": {"text": "layer"}, "type": "category", "autorange": "reversed", "showgrid": False},
        }
        variants[name] = {"data": [data], "layout": layout}
    return Figure("accuracy-map", variants, 110 + 30 * max(3, run.heads["layer"].nunique())) if variants else None
