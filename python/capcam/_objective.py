# SPDX-License-Identifier: Apache-2.0
"""Says what a search is after, and which points no other point beats. The rules are those of `capcam sweep`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ._errors import InputError


@dataclass(frozen=True)
class Objective:
    """Names a figure of the report by its dotted path, and says which way is better."""

    figure: str
    smaller_is_better: bool = True

    def __str__(self) -> str:
        return f"{self.figure}:{'min' if self.smaller_is_better else 'max'}"


DEFAULT_OBJECTIVES = (
    Objective("energy_pj.per_head_query"),
    Objective("throughput.queries_per_ms", smaller_is_better=False),
    Objective("accuracy.exact.cosine", smaller_is_better=False),
)


def read_objectives(texts: Iterable[str | Objective]) -> list[Objective]:
    """Reads "figure:min" and "figure:max". Raises InputError with every problem."""
    objectives: list[Objective] = []
    problems = []
    for text in texts:
        figure, _, way = str(text).rpartition(":")
        if not figure or way not in ("min", "max"):
            problems.append(f"expected FIGURE:min or FIGURE:max, got '{text}'")
        elif any(figure == other.figure for other in objectives):
            problems.append(f"'{figure}' is there twice")
        objectives.append(Objective(figure, way == "min"))
    if not objectives:
        problems.append("expected at least one, FIGURE:min or FIGURE:max")
    if problems:
        raise InputError("\n  ".join(["objectives", *problems]))
    return objectives


def pareto_front(points: pd.DataFrame, objectives: Sequence[Objective]) -> pd.Series:
    """Returns true for the rows that no other dominates by being as good in every objective and better in one.

    Equal rows are all on the front; a row that lacks one of the figures never is.
    """
    signs = [1.0 if objective.smaller_is_better else -1.0 for objective in objectives]
    costs = points[[objective.figure for objective in objectives]].to_numpy(dtype=float) * signs
    on_front = np.zeros(len(points), dtype=bool)
    whole = np.flatnonzero(~np.isnan(costs).any(axis=1))
    order = whole[np.lexsort(costs[whole].T[::-1])]
    front = np.empty((0, len(objectives)))
    # In the order of costs a row can only be dominated by one before it, and only those of the front need be asked.
    for row in order:
        as_good = (front <= costs[row]).all(axis=1)
        if (as_good & (front != costs[row]).any(axis=1)).any():
            continue
        on_front[row] = True
        front = np.vstack([front, costs[row]])
    return pd.Series(on_front, index=points.index, name="pareto")
