# SPDX-License-Identifier: Apache-2.0
"""Names figures of a report for axes and columns, in the units that people read."""

from __future__ import annotations

from dataclasses import dataclass

from ._groups import words


@dataclass(frozen=True)
class Label:
    text: str
    size: float = 1.0  # the report's number is divided by it


KNOWN = {
    "cycles.total": Label("cycles"),
    "cycles.first_query_latency": Label("latency of the first query, cycles"),
    "cycles.time_us": Label("time, µs"),
    "throughput.queries_per_ms": Label("throughput, queries/ms"),
    "throughput.head_queries_per_ms": Label("throughput, head-queries/ms"),
    "energy_pj.total": Label("energy, nJ", 1e3),
    "energy_pj.per_head_query": Label("energy per head-query, nJ", 1e3),
    "area_um2.total": Label("area, mm²", 1e6),
    "power_mw.total": Label("power, mW"),
    "efficiency.tops_per_w": Label("efficiency, TOPS/W"),
    "accuracy.exact.cosine": Label("output cosine against exact"),
    "accuracy.exact.selection_recall": Label("selection recall against exact"),
    "accuracy.exact.relative_l2": Label("relative L2 error against exact"),
    "accuracy.ideal.cosine": Label("output cosine against ideal"),
    "accuracy.ideal.selection_recall": Label("selection recall against ideal"),
    "accuracy.ideal.relative_l2": Label("relative L2 error against ideal"),
}


def label_of(figure: str) -> Label:
    return KNOWN.get(figure) or Label(words(figure.replace(".", ": ")))
