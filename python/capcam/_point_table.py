# SPDX-License-Identifier: Apache-2.0
"""Shows the points of a sweep or a search as a table, with what matters first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from ._labels import KNOWN, label_of
from ._show import ROWS, table
from ._units import number

# The columns of a report begin here; those before are keys that vary.
REPORT = ("trace.", "cycles.", "counts.", "throughput.", "energy_pj.", "area_um2.", "power_mw.", "efficiency.",
          "accuracy.", "workload.", "cards", "warnings", "engine", "seed", "version", "schema", "pareto", "trial",
          "status", "error", "position")  # fmt: skip


class PointTable(pd.DataFrame):  # type: ignore[misc]
    """A pandas DataFrame that has one row per point."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return PointTable

    def _repr_html_(self) -> str:
        """Shows keys and figures, the Pareto front first."""
        if "pareto" not in self:
            return str(pd.DataFrame(self)._repr_html_())
        front = self["pareto"].astype(bool)
        keys = [str(name) for name in self if not str(name).startswith(REPORT)]
        figures = [name for name in KNOWN if name in self and self[name].notna().any()]
        shown = pd.concat([pd.DataFrame(self)[front], pd.DataFrame(self)[~front]]).head(ROWS)
        rows = [
            ["●" if point["pareto"] else "", *(_key(point[key]) for key in keys)]
            + [number(float(point[name]) / label_of(name).size, 4) for name in figures]
            for _, point in shown.iterrows()
        ]
        more = f", the first {ROWS} shown" if len(self) > ROWS else ""
        caption = f"{len(self)} points, {int(front.sum())} on the Pareto front (●){more}"
        return table(["front", *keys, *(label_of(name).text for name in figures)], rows, caption)


def _key(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
