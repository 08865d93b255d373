# SPDX-License-Identifier: Apache-2.0
"""Shows scores and their errors: how many bits match, which keys were kept, and how far sensing was off."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .._folder import RunFolder
from .html import Cell, Figure, Row, table, text


def histogram(run: RunFolder) -> Figure | None:
    variants = {name: _histogram(scores) for name, scores in _by_layer(run)}
    return Figure("scores", variants, 340, "Keys of") if variants else None


def sensing_error(run: RunFolder) -> Figure | None:
    variants = {name: _error(scores) for name, scores in _by_layer(run) if scores["kept_keys"].sum() > 0}
    return Figure("sensing", variants, 320, "Kept keys of") if variants else None


def mean_error(run: RunFolder) -> tuple[float, float] | None:
    """Shows the mean and the mean absolute sensing error of the kept keys, in matches."""
    if run.scores is None or run.scores["kept_keys"].sum() == 0:
        return None
    kept = run.scores[run.scores["kept_keys"] > 0]
    weights = kept["kept_keys"] / kept["kept_keys"].sum()
    return float((weights * kept["mean_error"]).sum()), float((weights * kept["mean_absolute_error"]).sum())


def montecarlo(lines: pd.DataFrame) -> str:
    """Shows the conditions of a `capcam montecarlo --csv` file."""
    columns = {
        "mean_lsb": "mean, LSB",
        "deviation_lsb": "deviation, LSB",
        "largest_lsb": "largest, LSB",
        "wrong_codes": "wrong codes, %",
        "selection_recall": "recall",
        "cosine": "cosine",
    }
    there = [name for name in columns if name in lines]
    conditions = [name for name in ("corner", "temperature_c", "supply_error") if name in lines]
    heads = {"corner": "corner", "temperature_c": "temperature, °C", "supply_error": "supply, %"}
    rows: list[Row] = []
    for _, line in lines.iterrows():
        row: list[Cell | str] = []
        for name in [*conditions, *there]:
            value = line[name]
            if isinstance(value, str):
                row.append(value)
                continue
            value = float(value) * (100 if name in ("supply_error", "wrong_codes") else 1)
            row.append(Cell(f"{value:g}" if name in conditions else f"{value:.3f}", value))
        rows.append(row)
    return table([*(heads[c] for c in conditions), *(columns[c] for c in there)], rows, name="montecarlo")


def _by_layer(run: RunFolder) -> list[tuple[str, pd.DataFrame]]:
    if run.scores is None:
        return []
    layers = sorted(run.scores["layer"].unique())
    single = [(f"layer {text(layer)}", run.scores[run.scores["layer"] == layer]) for layer in layers]
    return [("all layers", _together(run.scores)), *single] if len(layers) > 1 else single


def _together(scores: pd.DataFrame) -> pd.DataFrame:
    parts = scores.assign(error_sum=scores["mean_error"] * scores["kept_keys"])
    sums = parts.groupby("matches").agg(
        valid_keys=("valid_keys", "sum"),
        kept_keys=("kept_keys", "sum"),
        error_sum=("error_sum", "sum"),
        least_error=("least_error", "min"),
        largest_error=("largest_error", "max"),
    )
    sums["mean_error"] = sums["error_sum"] / sums["kept_keys"].where(sums["kept_keys"] > 0)
    return sums.reset_index()


def _histogram(scores: pd.DataFrame) -> dict[str, Any]:
    data = [
        {
            "type": "bar",
            "name": name,
            "x": scores["matches"].tolist(),
            "y": scores[column].tolist(),
            "marker": {"color": colour},
            "hovertemplate": "%{x} matching bits: %{y:,} " + name + "<extra></extra>",
        }
        for name, column, colour in (("valid keys", "valid_keys", "@starved"), ("kept keys", "kept_keys", "@busy"))
    ]
    layout = {
        "barmode": "overlay",
        "bargap": 0.08,
        "showlegend": True,
        "xaxis": {"title": {"text": "matching bits"}},
        "yaxis": {"title": {"text": "keys"}},
    }
    return {"data": data, "layout": layout}


def _error(scores: pd.DataFrame) -> dict[str, Any]:
    kept = scores[scores["kept_keys"] > 0]
    x = kept["matches"].tolist()
    band = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "x": x, "hoverinfo": "skip", "showlegend": False}
    data = [
        {**band, "y": kept["least_error"].tolist()},
        {
            **band,
            "y": kept["largest_error"].tolist(),
            "fill": "tonexty",
            "fillcolor": "@starved",
            "name": "least to largest",
            "showlegend": True,
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "mean",
            "x": x,
            "y": kept["mean_error"].tolist(),
            "line": {"color": "@busy"},
            "marker": {"size": 5},
            "customdata": kept[["least_error", "largest_error"]].to_numpy().tolist(),
            "hovertemplate": "%{x} matching bits: mean %{y:.3f}, %{customdata[0]:.3f} to %{customdata[1]:.3f} matches"
            "<extra></extra>",
        },
    ]
    layout = {
        "showlegend": True,
        "xaxis": {"title": {"text": "matching bits"}},
        "yaxis": {"title": {"text": "error, matches"}},
    }
    return {"data": data, "layout": layout}
