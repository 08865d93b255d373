# SPDX-License-Identifier: Apache-2.0
"""Runs the simulated machine in process, by the fast engine, which agrees with the SystemC one in every number."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _checks
from ._engine import Trace
from ._resources import engine
from ._settings import Config, Settings, assignments, config_and_sets
from ._show import report_as_html
from ._trace import make_trace

__all__ = ["Machine", "Result", "simulate"]


@dataclass(frozen=True)
class Result:
    """Has what came out of a replay."""

    outputs: dict[int, NDArray[np.float32]]
    """By layer: [batch, heads, queries, value_dim]; zero for a query without a valid key."""
    report: dict[str, Any]
    """As the report.json of `capcam run` (schema capcam-report/1)."""

    @property
    def output(self) -> NDArray[np.float32]:
        """Returns the output of the only layer."""
        (output,) = self.outputs.values()
        return output

    @property
    def cycles(self) -> int:
        """Returns the cycles until the last output is complete."""
        return int(self.report["cycles"]["total"])

    @property
    def energy_pj(self) -> float:
        """Returns the energy on chip and of the DRAM, in picojoules."""
        return float(self.report["energy_pj"]["total"])

    def _repr_html_(self) -> str:
        return report_as_html(self.report)


class Machine:
    """A machine that is configured and priced once and then replays any number of traces.

    config: the name of a shipped configuration ("camformer"), the path of a TOML file, or keys over the published
        design as a dict (the "config" of a report is one).
    set: changes to it, {"array.rows": 32}; the keys and units are those of `capcam explain`.
    seed: everything that is drawn at random follows from it.
    models: a folder of cards of your own, looked at before the shipped ones.

    Raises InputError with every problem of the configuration and its cards.
    """

    def __init__(
        self,
        config: Config = "camformer",
        *,
        set: Settings | None = None,
        seed: int = 1,
        models: str | os.PathLike[str] | None = None,
    ) -> None:
        self._name, self._sets = config_and_sets(config, set)
        self._models = models or ""
        self._machine = engine.Machine(self._name, self._sets, _checks.seed(seed), self._models)

    def changed(self, *settings: Settings, seed: int | None = None) -> Machine:
        """Returns this machine with changes, the last first in rank, and with a seed of its own if one is given."""
        machine = object.__new__(Machine)
        machine._name, machine._models = self._name, self._models
        machine._sets = [*self._sets, *(change for one in settings for change in assignments(one))]
        seed = self.seed if seed is None else _checks.seed(seed)
        machine._machine = engine.Machine(machine._name, machine._sets, seed, machine._models)
        return machine

    @property
    def config(self) -> dict[str, Any]:
        """Returns every key, as the report carries it."""
        return self._machine.config

    @property
    def seed(self) -> int:
        return self._machine.seed

    def replay(self, trace: Trace, *, threads: int = 0, accuracy: float = 0.0) -> Result:
        """Simulates a trace; Python's lock is released meanwhile.

        threads: 0 means one per processor; the result does not depend on it.
        accuracy: share of the queries whose output is compared with the references, 0 to 1.

        Raises InputError for values that are not finite or do not fit; Ctrl-C ends it with KeyboardInterrupt.
        """
        outputs, report = self._machine.replay(trace, _checks.threads(threads), _checks.share("accuracy", accuracy))
        return Result(dict(zip(trace.layers, outputs)), report)

    def time(self, trace: Trace) -> dict[str, Any]:
        """Returns the report alone, without outputs and accuracy: cycles, actions and cost. It is quicker."""
        return self._machine.time(trace)


def simulate(
    q: Any,
    k: Any,
    v: Any,
    config: Config | Machine = "camformer",
    *,
    set: Settings | None = None,
    mask: Any = None,
    causal: bool = False,
    window: int | None = None,
    query_offset: int = 0,
    scale: float | None = None,
    sigma_q: float | None = None,
    sigma_k: float | None = None,
    seed: int = 1,
    threads: int = 0,
    accuracy: float = 0.0,
) -> Result:
    """Computes one attention layer on the machine.

    q [batch, heads, queries, D], k [batch, kv_heads, keys, D], v [batch, kv_heads, keys, Dv], mask [batch, keys] are as
    in make_trace, and are not copied where they are row-major. scale is the softmax's, 1 / sqrt(D) if not given.
    sigma_q and sigma_k are the scales of the binarised Q and K, their population standard deviation if not given.
    config may be a Machine, which saves reading it again; set and seed are then its own.

    Raises InputError with every problem of the configuration or of the arrays.
    """
    machine = config if isinstance(config, Machine) else Machine(config, set=set, seed=seed)
    trace = make_trace(
        {0: (q, k, v, mask)},
        causal=causal,
        window=window,
        query_offset=query_offset,
        scale=scale,
        sigma_q=sigma_q,
        sigma_k=sigma_k,
    )
    return machine.replay(trace, threads=threads, accuracy=accuracy)
