# SPDX-License-Identifier: Apache-2.0
"""Simulates one point of a search, in this process or any other that sees the same files and has capcam."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .._flat import flat
from .._machine import Machine
from .._program import call
from .._settings import assignments
from .._trace import open_trace

DROPPED = ("config.", "counts.", "trace.", "schema")


@dataclass(frozen=True)
class Simulation:
    """Has what is the same for every point. It travels to the workers of a cluster, so it has plain values only."""

    base: str
    traces: tuple[str, ...]
    same: dict[str, Any]
    layers: str | None
    seed: int
    accuracy: float

    def figures(self, point: dict[str, Any]) -> dict[str, float]:
        """Returns the report's figures at this point, means over the traces.

        Raises InputError for a machine that cannot be.
        """
        sums: dict[str, float] = {}
        for trace in self.traces:
            for name, value in flat(self._report(trace, {**self.same, **point})).items():
                if isinstance(value, int | float) and not isinstance(value, bool) and not name.startswith(DROPPED):
                    sums[name] = sums.get(name, 0.0) + value
        return {name: total / len(self.traces) for name, total in sums.items()}

    def _report(self, trace: str, keys: dict[str, Any]) -> dict[str, Any]:
        if self.layers is None:
            return self._in_process(trace, keys)
        options = ["--engine", "fast", "--threads", "1", "--json", "--seed", str(self.seed)]
        options += ["--accuracy", repr(self.accuracy), "--layers", self.layers]
        options += [word for one in assignments(keys) for word in ("--set", one)]
        report: dict[str, Any] = json.loads(call(["run", self.base, "--trace", trace, *options]))
        return report

    def _in_process(self, trace: str, keys: dict[str, Any]) -> dict[str, Any]:
        machine = Machine(self.base, set=keys, seed=self.seed)
        if self.accuracy == 0.0:
            return machine.time(open_trace(trace))
        return machine.replay(open_trace(trace), threads=1, accuracy=self.accuracy).report
