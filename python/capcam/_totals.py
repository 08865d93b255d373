# SPDX-License-Identifier: Apache-2.0
"""Adds up the reports of several replays on one machine, one after another."""

from __future__ import annotations

from typing import Any

# What adds up, by section of a report; the rest is worked out from the sums or is the machine's own.
_ADDITIVE = {
    "cycles": ("total", "time_us"),
    "energy_pj": ("total", "on_chip", "dram", "leakage"),
}


class Totals:
    """Has cycles, actions and energy of all replays, and what follows from them."""

    def __init__(self) -> None:
        self.calls = 0
        self.head_queries = 0
        self._sums: dict[str, Any] = {}
        self._machine: dict[str, Any] = {}
        self._warnings: dict[str, None] = {}  # in the order they came

    def add(self, report: dict[str, Any]) -> None:
        trace = report["trace"]
        self.calls += 1
        self.head_queries += len(trace["layers"]) * trace["batch"] * trace["heads"] * trace["queries"]
        if self.calls == 1:
            self._machine = {key: report[key] for key in ("config", "engine", "seed", "version", "area_um2", "cards")}
        self._warnings |= dict.fromkeys(report["warnings"])
        for section, keys in _ADDITIVE.items():
            sums = self._sums.setdefault(section, {})
            for key in keys:
                sums[key] = sums.get(key, 0) + report[section][key]
        _add_tree(self._sums["cycles"].setdefault("stages", {}), report["cycles"]["stages"], keep=("units",))
        _add_tree(self._sums["energy_pj"].setdefault("components", {}), report["energy_pj"]["components"])
        _add_tree(self._sums.setdefault("counts", {}), report["counts"])

    def merge(self, other: Totals) -> None:
        """Does as if the other's replays had been added here."""
        if self.calls == 0:
            self._machine = other._machine
        self.calls += other.calls
        self.head_queries += other.head_queries
        self._warnings |= other._warnings
        _add_tree(self._sums, other._sums, keep=("units",))

    @property
    def cycles(self) -> int:
        return int(self._sums["cycles"]["total"]) if self.calls else 0

    @property
    def energy_pj(self) -> float:
        return float(self._sums["energy_pj"]["total"]) if self.calls else 0.0

    def report(self) -> dict[str, Any]:
        """Returns sections as in capcam-report/1: config, cycles, counts, energy_pj, power_mw, throughput, cards ...

        and calls, head_queries. {} before the first replay.
        """
        if self.calls == 0:
            return {}
        cycles, energy = self._sums["cycles"], self._sums["energy_pj"]
        time_us, queries = cycles["time_us"], self.head_queries
        return {
            "schema": "capcam-totals/1",
            **self._machine,
            "calls": self.calls,
            "head_queries": queries,
            "cycles": {**cycles, "stages": {name: dict(stage) for name, stage in cycles["stages"].items()}},
            "counts": dict(self._sums["counts"]),
            "throughput": {"head_queries_per_ms": queries / time_us * 1e3},
            "energy_pj": {
                **energy,
                "components": dict(energy["components"]),
                "per_head_query": energy["total"] / queries,
            },
            "power_mw": {key: energy[key] / time_us / 1e3 for key in ("total", "on_chip", "dram")},
            "efficiency": {"head_queries_per_mj": queries / energy["total"] * 1e9},
            "warnings": list(self._warnings),
        }


def _add_tree(sums: dict[str, Any], values: dict[str, Any], keep: tuple[str, ...] = ()) -> None:
    for key, value in values.items():
        if isinstance(value, dict):
            _add_tree(sums.setdefault(key, {}), value, keep)
        else:
            sums[key] = value if key in keep else sums.get(key, 0) + value
