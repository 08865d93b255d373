# SPDX-License-Identifier: Apache-2.0
"""Puts a machine into the student's forward pass: by its rules in torch, or by its engine with the circuit's errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy
import torch

from .._layers import Layer, LayerSettings, checked, number_of, settings_of
from .._machine import Machine
from .._settings import Config, Settings
from .._trace import make_trace
from .adapter import AttentionCall
from .attention import Measure
from .hardware_call import validity_of
from .rules import Rules
from .sigma import Sigma

DEFAULT_N = 30  # published for the main results


class InLoop:
    """Has what each layer of a student runs on.

    config: a configuration or a Machine; None: ideal hardware. top_n: N; None: the machine's own, or 30 on ideal
    hardware. layers: changes for some layers, as of `capcam.attention`.
    """

    def __init__(
        self,
        config: Config | Machine | None = None,
        *,
        set: Settings | None = None,
        top_n: int | None = None,
        layers: LayerSettings | None = None,
    ) -> None:
        machine = None
        if config is not None:
            own_n: Settings = {} if top_n is None else {"top_n.n": top_n}
            machine = config if isinstance(config, Machine) else Machine(config)
            machine = machine.changed(own_n, set or {})
        self.machine, self._layers = machine, checked(layers)
        self.top_n: int = machine.config["top_n"]["n"] if machine else top_n or DEFAULT_N
        self._rules: dict[Layer, Rules] = {}
        self._drawn: tuple[int, dict[str, Machine]] = (-1, {})  # machines of a seed, by their changes

    def rules(self, layer: Layer) -> Rules:
        """Returns what the layer's machine does without errors of the circuit."""
        if layer not in self._rules:
            self._rules[layer] = self._read_rules(layer)
        return self._rules[layer]

    def _read_rules(self, layer: Layer) -> Rules:
        changes = settings_of(self._layers, layer)
        if self.machine is not None:
            return Rules.of(self.machine.changed(*changes).config)
        n = self.top_n
        for change in changes:
            n = _value(change, "top_n", "n", n)
        return Rules(n)

    def _machine(self, changes: list[Settings], seed: int) -> Machine:
        assert self.machine is not None
        if self._drawn[0] != seed:
            self._drawn = (seed, {})
        machines, name = self._drawn[1], repr(changes)
        if name not in machines:
            machines[name] = self.machine.changed(*changes, seed=seed)
        return machines[name]

    def measure(self, layer: Layer, sigma: Sigma, seed: int) -> Measure:
        """Returns a function that has the engine compute a map, with the circuit's errors that follow from seed."""
        machine = self._machine(settings_of(self._layers, layer), seed)

        def measure(call: AttentionCall) -> torch.Tensor:
            batch, kv_heads, keys, _ = call.k.shape
            validity = validity_of(call)
            # Values that are rows of the identity make the output the map itself; no number format changes 0 and 1.
            identity = numpy.broadcast_to(numpy.eye(keys, dtype=numpy.float32), (batch, kv_heads, keys, keys))
            q, k = (x.detach().float().cpu().contiguous() for x in (call.q, call.k))
            trace = make_trace(
                {number_of(layer): (q, k, identity, validity.mask)},
                causal=validity.causal,
                query_offset=validity.query_offset,
                window=validity.window,
                scale=call.scale,
                sigma_q=sigma.q,
                sigma_k=sigma.k,
            )
            return torch.from_numpy(machine.replay(trace, threads=torch.get_num_threads()).output).to(call.q.device)

        return measure


def _value(settings: Settings, section: str, key: str, otherwise: Any) -> Any:
    """Reads a key from settings of either form, {"top_n.n": 8} or {"top_n": {"n": 8}}."""
    inner = settings.get(section)
    nested = inner.get(key, otherwise) if isinstance(inner, Mapping) else otherwise
    return settings.get(f"{section}.{key}", nested)
