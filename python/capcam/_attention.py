# SPDX-License-Identifier: Apache-2.0
"""The simulated hardware as a model's attention."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from ._machine import Machine
from ._numbers import DTYPES, copied
from ._settings import Config, Settings
from ._totals import Totals
from ._trace import make_trace

if TYPE_CHECKING:
    import torch

    from ._interface import AttentionCall

# One number for all layers, or by layer: 3, or "decoder.3" where parts of a model have layers of the same number.
Sigmas = float | Mapping[int | str, float] | None


class attention:  # noqa: N801  used like a function
    """Runs whatever model is inside on the simulated hardware, and tells what that cost.

    ::

        with capcam.attention("camformer", set={"sensing.bits": 5}) as hw:
            output = model(**inputs)
        print(hw.cycles, hw.energy_pj)

    Every attention that goes through the attention interface of transformers is computed by the fast engine, errors of
    the circuit and all, and the model goes on with the result. Masks, causality, grouped heads and caches are those of
    the model; no gradient flows through the hardware. For other code, call it: ``hw(q, k, v, layer=3)``.

    config, set, seed: as of capcam.Machine, or a Machine.
    sigma_q, sigma_k: scales of the binarised Q and K, one number or one by layer; the population standard deviation of
        each call's own Q and K if not given.
    part, match: only the attention of a part ("encoder", "decoder", "cross"), or of modules whose path in the model the
        regular expression finds; the rest is left to the model.
    threads: 0 for one per processor; nothing depends on it.

    Noise is drawn anew in every call of a layer, errors of the circuit that are fixed stay; both follow from the seed.
    Raises InputError if the hardware cannot compute an attention of the model.
    """

    def __init__(
        self,
        config: Config | Machine = "camformer",
        *,
        set: Settings | None = None,
        sigma_q: Sigmas = None,
        sigma_k: Sigmas = None,
        seed: int = 1,
        threads: int = 0,
        part: str | None = None,
        match: str | None = None,
    ) -> None:
        self.machine = config if isinstance(config, Machine) else Machine(config, set=set, seed=seed)
        self._sigmas = (sigma_q, sigma_k)
        self._threads, self._part, self._match = threads, part, match
        self.totals = Totals()
        self._by_layer: dict[int | str, Totals] = {}
        self._stack = ExitStack()

    def __enter__(self) -> attention:
        if "transformers.modeling_utils" in sys.modules:
            from ._interface import Interception

            self._stack.enter_context(Interception(self._answer, part=self._part, match=self._match).active())
        return self

    def __exit__(self, *_: Any) -> None:
        self._stack.close()

    @property
    def cycles(self) -> int:
        """Of all calls, one after another."""
        return self.totals.cycles

    @property
    def energy_pj(self) -> float:
        """Of all calls, on chip and DRAM, in picojoules."""
        return self.totals.energy_pj

    @property
    def report(self) -> dict[str, Any]:
        """All calls added up: calls, head_queries, and the sections of a report that add up; {} before the first."""
        return self.totals.report()

    @property
    def layers(self) -> dict[int | str, dict[str, Any]]:
        """The same by layer: "encoder.3" in a model of transformers, what `layer` said otherwise."""
        return {layer: totals.report() for layer, totals in self._by_layer.items()}

    def __call__(
        self,
        q: Any,
        k: Any,
        v: Any,
        *,
        layer: int = 0,
        mask: Any = None,
        causal: bool = False,
        query_offset: int = 0,
        window: int | None = None,
        scale: float | None = None,
    ) -> Any:
        """One attention layer on the hardware: arrays as of make_trace.

        Returns [batch, heads, queries, Dv]: a tensor of q's dtype and device if q is one, else a float32 array.
        """
        settings = {"causal": causal, "query_offset": query_offset, "window": window, "scale": scale}
        return self._compute(layer, layer, (q, k, v, mask), settings)

    def _answer(self, call: AttentionCall) -> torch.Tensor:
        validity = call.validity
        settings = {
            "causal": validity.causal,
            "query_offset": validity.query_offset,
            "window": validity.window,
            "scale": call.scale,
        }
        output = self._compute(call.key, call.layer, (call.q, call.k, call.v, validity.mask), settings)
        result: torch.Tensor = output.transpose(1, 2).contiguous()
        return result

    def _compute(self, key: int | str, layer: int, arrays: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        *qkv, mask = arrays
        prepared = [_prepared(array, role) for role, array in zip("qkv", qkv)]
        totals = self._by_layer.setdefault(key, Totals())
        sigma_q, sigma_k = (_of_layer(sigmas, key, layer) for sigmas in self._sigmas)
        trace = make_trace(
            {layer: (*prepared, mask)},
            sigma_q=sigma_q,
            sigma_k=sigma_k,
            call=totals.calls,
            name=f"layer {key}",
            **settings,
        )
        result = self.machine.replay(trace, threads=self._threads)
        totals.add(result.report)
        self.totals.add(result.report)
        q = arrays[0]
        if not hasattr(q, "detach"):
            return result.output
        import torch

        return torch.from_numpy(result.output).to(device=q.device, dtype=q.dtype)


def _of_layer(sigmas: Sigmas, key: int | str, layer: int) -> float | None:
    if isinstance(sigmas, Mapping):
        return sigmas.get(key, sigmas.get(layer))
    return sigmas


def _prepared(array: Any, role: str) -> Any:
    """As it is if a trace can hold it; another kind of number, or one in another memory, is copied."""
    if hasattr(array, "detach"):
        fine = array.device.type == "cpu" and str(array.dtype).removeprefix("torch.") in DTYPES
        return array if fine else copied(array, None, role)
    return array
