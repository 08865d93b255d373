# SPDX-License-Identifier: Apache-2.0
"""Draws figures for papers in matplotlib, of the size at which they are printed, with text that can be read there.

Every function returns a matplotlib Figure; `figure.savefig("energy.pdf")` writes it. What is drawn is a folder of
`capcam run --out`, a report, or what `capcam.run` and a machine return; for points, a folder of a sweep or a search.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._errors import InputError
from ._folder import as_run
from ._groups import GROUPS, group_of, words
from ._labels import label_of
from ._objective import pareto_front, read_objectives
from ._points import DATABASE, Points, read_points
from ._report_form import STATES
from ._units import AREA, ENERGY, Unit, fitting

COLUMN, PAGE = 3.5, 7.16  # inches: a column and a page of IEEE's two-column layout

STATE_COLOURS = dict(zip(STATES, ("#2b5f9e", "#d9dee5", "#d08a2e"), strict=True))
GROUP_COLOURS = dict(zip(GROUPS, ("#2b5f9e", "#3f8f86", "#b8653a", "#7d7aa8", "#8b95a1"), strict=True))
FRONT, BEATEN = "#b8653a", "#8b95a1"

STYLE: Any = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # text stays text
    "svg.fonttype": "none",
}


def stages(run: Any, width: float = COLUMN) -> Figure:
    """Shows the shares of all cycles in which each stage was busy, starved and blocked."""
    shares = 100 * as_run(run).stages
    with mpl.rc_context(STYLE):
        figure, axes = _blank(width, 0.6 + 0.19 * len(shares))
        left = pd.Series(0.0, index=shares.index)
        for state in STATES:
            axes.barh([words(str(n)) for n in shares.index], shares[state], 0.65, left, color=STATE_COLOURS[state])
            left = left + shares[state]
        axes.invert_yaxis()
        axes.set(xlim=(0, 100), xlabel="share of cycles, %")
        axes.legend(STATES, ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)
        return figure


def energy(run: Any, width: float = COLUMN) -> Figure:
    """Shows the energy of each component per head-query, the largest first."""
    run = as_run(run)
    report = run.report["energy_pj"]
    scale = (report["per_head_query"] or report["total"]) / report["total"] if report["total"] else 1.0
    values = run.costs["energy_pj"] * scale
    return _components(values, fitting(ENERGY, values), "energy per head-query", width)


def area(run: Any, width: float = COLUMN) -> Figure:
    """Shows the area of each component, the largest first."""
    values = as_run(run).costs["area_um2"]
    return _components(values, fitting(AREA, values), "area", width)


def accuracy(run: Any, figure: str = "ideal_cosine", width: float = COLUMN) -> Figure:
    """Shows a figure of heads.csv by layer and head. Raises InputError if the run has not measured it."""
    table = as_run(run).head_accuracy(figure)
    if table is None:
        raise InputError(f"the run has no {figure} of its heads: capcam run --out with --accuracy above 0 measures it")
    with mpl.rc_context(STYLE):
        drawing, axes = _blank(width, 0.75 + 0.22 * len(table))
        image = axes.imshow(table, cmap="Blues_r" if figure.endswith("l2") else "Blues", aspect="auto")
        axes.set_xticks(range(table.shape[1]), [str(head) for head in table.columns])
        axes.set_yticks(range(table.shape[0]), [str(layer) for layer in table.index])
        axes.set(xlabel="head", ylabel="layer")
        axes.spines[:].set_visible(False)
        against, _, name = figure.partition("_")
        drawing.colorbar(image, label=f"{words(name)} ({against})").outline.set_visible(False)
        return drawing


def scores(run: Any, layer: int | None = None, width: float = COLUMN) -> Figure:
    """Shows how many bits of the valid and of the kept keys match, in a layer or in all.

    Raises InputError without scores.
    """
    table = as_run(run).scores
    if table is None:
        raise InputError("the run has no scores: capcam run --out with --accuracy above 0 counts them")
    if layer is not None:
        table = table[table["layer"] == layer]
    sums = table.groupby("matches")[["valid_keys", "kept_keys"]].sum()
    with mpl.rc_context(STYLE):
        figure, axes = _blank(width, 0.6 * width)
        axes.bar(sums.index, sums["valid_keys"], 0.9, color=STATE_COLOURS["starved"], label="valid keys")
        axes.bar(sums.index, sums["kept_keys"], 0.9, color=STATE_COLOURS["busy"], label="kept keys")
        axes.set(xlabel="matching bits", ylabel="keys")
        axes.legend()
        return figure


def pareto(
    points: Path | str | Points | pd.DataFrame,
    objectives: Sequence[str] | None = None,
    width: float = COLUMN,
) -> Figure:
    """Shows two objectives ("energy_pj.per_head_query:min") of a sweep's or search's points (default: its first two).

    Raises InputError if there are not two, or the points lack one.
    """
    if isinstance(points, str | Path):
        points = _points_in(Path(points))
    frame = points if isinstance(points, pd.DataFrame) else points.frame
    given = objectives or (points.objectives if isinstance(points, Points) else [])
    wanted = read_objectives(given) if given else []
    if len(wanted) < 2:
        raise InputError("pareto: two objectives are needed, FIGURE:min or FIGURE:max")
    one, other = wanted[:2]
    if missing := [o.figure for o in (one, other) if o.figure not in frame]:
        raise InputError(f"pareto: the points have no {', '.join(missing)}")
    x, y = (frame[o.figure].astype(float) / label_of(o.figure).size for o in (one, other))
    front = pareto_front(frame, [one, other])
    edge = pd.DataFrame({"x": x[front], "y": y[front]}).sort_values(["x", "y"])
    with mpl.rc_context(STYLE):
        figure, axes = _blank(width, 0.7 * width)
        axes.scatter(x[~front], y[~front], 9, BEATEN, alpha=0.5, linewidths=0, label="beaten")
        steps = "steps-post" if one.smaller_is_better else "steps-pre"
        axes.plot(edge["x"], edge["y"], color=FRONT, linewidth=1, drawstyle=steps)
        axes.scatter(edge["x"], edge["y"], 16, FRONT, zorder=3, linewidths=0, label="Pareto front")
        axes.set(xlabel=label_of(one.figure).text, ylabel=label_of(other.figure).text)
        axes.legend()
        return figure


def _points_in(folder: Path) -> Points:
    if (folder / DATABASE).is_file():
        return read_points(folder)
    from .explore._results import read_search

    return read_search(folder)


class PaperFigure(Figure):
    """A matplotlib Figure that notebooks show without pyplot."""

    def _repr_html_(self) -> str:
        image = io.BytesIO()
        self.savefig(image, format="png", dpi=150)
        data = base64.b64encode(image.getvalue()).decode()
        return f'<img alt="figure" width="{96 * self.get_figwidth():.0f}" src="data:image/png;base64,{data}">'


def _blank(width: float, height: float) -> tuple[Figure, Axes]:
    figure = PaperFigure((width, height), layout="constrained")
    return figure, figure.add_subplot()


def _components(values: pd.Series, unit: Unit, what: str, width: float) -> Figure:
    values = (values[values > 0] / unit.size).sort_values(ascending=False)
    groups = [group_of(str(name)) for name in values.index]
    with mpl.rc_context(STYLE):
        figure, axes = _blank(width, 0.55 + 0.17 * len(values))
        bars = axes.barh([words(str(n)) for n in values.index], values, 0.7, color=[GROUP_COLOURS[g] for g in groups])
        axes.bar_label(bars, [f"{100 * value / values.sum():.1f} %" for value in values], padding=2, fontsize=6)
        axes.invert_yaxis()
        axes.margins(x=0.16)
        axes.set(xlabel=f"{what}, {unit.name}")
        axes.legend(
            [mpl.patches.Patch(color=GROUP_COLOURS[g]) for g in GROUPS if g in groups],
            [g for g in GROUPS if g in groups],
            loc="lower right",
        )
        return figure
