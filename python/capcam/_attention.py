# SPDX-License-Identifier: Apache-2.0
"""Runs a model's attention on the simulated hardware."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import _checks
from ._errors import InputError
from ._layers import Layer, LayerSettings, checked, number_of, settings_of
from ._machine import Machine
from ._numbers import alike, prepared
from ._settings import Config, Settings
from ._totals import Totals
from ._trace import make_trace

if TYPE_CHECKING:
    import torch

    from ._calls import AttentionCall
    from ._watch import Watch

_LIBRARIES = ("capcam", "torch", "transformers")

# One number for all layers, or one by layer: 3, or "decoder.3" where parts of a model have layers of the same number.
Sigmas = float | Mapping[Layer, float] | None


class attention:  # noqa: N801  used like a function
    """Runs whatever model is inside on the simulated hardware, and tells what that cost.

    ::

        with capcam.attention("camformer", set={"sensing.bits": 5}) as hw:
            output = model(**inputs)
        print(hw.cycles, hw.energy_pj)

    Every attention that goes through the attention interface of transformers, torch's scaled_dot_product_attention or
    nn.MultiheadAttention is computed by the fast engine, with the errors of the circuit, and the model goes on with the
    result. Masks, causality, grouped heads and caches are those of the model; no gradient flows through the hardware.
    For other code, call it: ``hw(q, k, v, layer=3)``.

    config, set, seed: these are as in capcam.Machine; config may be a Machine.
    layers: changes to the machine for some of the attention: {"decoder": {"top_n.tile_k": 0}} of a part, {3: ...} or
        {"decoder.3": ...} of a layer. Each layer's cycles and energy are those of its own machine.
    sigma_q, sigma_k: scales of the binarised Q and K, one number or one by layer. If they are not given, they are the
        population standard deviation of each call's own Q and K, over all sequences of a batch together, with padding
        left out. Then a sequence's result depends on its neighbours, and a warning says so. `capcam.estimate_sigmas`
        measures them over data.
    part, match: these choose the attention of a part ("encoder", "decoder", "cross"), or of modules whose path in the
        model the regular expression finds. The rest is left to the model.
    threads: 0 means one per processor; no result depends on it.

    Noise is drawn anew in every call of a layer, and errors of the circuit that are fixed stay. Both follow from the
    seed. Only what runs in the block's own thread and context is on the hardware. Compiled models run uncompiled.

    Raises InputError if the hardware cannot compute an attention of the model, and at the end of a block in which it
    computed none, or only part of what part= and match= choose, naming the modules that went past.
    """

    def __init__(
        self,
        config: Config | Machine = "camformer",
        *,
        set: Settings | None = None,
        layers: LayerSettings | None = None,
        sigma_q: Sigmas = None,
        sigma_k: Sigmas = None,
        seed: int = 1,
        threads: int = 0,
        part: str | None = None,
        match: str | None = None,
    ) -> None:
        self.machine = config if isinstance(config, Machine) else Machine(config, set=set, seed=seed)
        self._layers, self._machines = checked(layers), dict[Layer, Machine]()
        self._sigmas = (sigma_q, sigma_k)
        self._threads, self._part, self._match = _checks.threads(threads), part, match
        if part is not None:
            _checks.one_of("part", part, ("encoder", "decoder", "cross"))
        self.totals = Totals()
        self._by_layer: dict[int | str, Totals] = {}
        self._watch: Watch | None = None  # while a block lasts
        self._warned = False
        self._lock = threading.Lock()  # of the totals

    def __enter__(self) -> attention:
        from ._hook import begin
        from ._watch import Watch

        if self._watch is not None:
            raise InputError("capcam.attention: this block is entered already: make another")
        watch = Watch(self._answer, part=self._part, match=self._match, name="capcam.attention", answers=True)
        begin(watch)
        self._watch = watch
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        from ._hook import end

        watch, self._watch = self._watch, None
        if watch is None:
            return
        end(watch)
        if kind is None:
            watch.check("computed by the hardware")

    @property
    def cycles(self) -> int:
        """Returns the cycles of all calls, one after another."""
        return self.totals.cycles

    @property
    def energy_pj(self) -> float:
        """Returns the energy of all calls, on chip and DRAM, in picojoules."""
        return self.totals.energy_pj

    @property
    def report(self) -> dict[str, Any]:
        """Adds up all calls: calls, head_queries, and the sections of a report that add up; {} before the first."""
        return self.totals.report()

    @property
    def layers(self) -> dict[int | str, dict[str, Any]]:
        """Returns the same by layer: "encoder.3" in a model of transformers, otherwise what `layer` said."""
        return {layer: totals.report() for layer, totals in self._by_layer.items()}

    def __call__(
        self,
        q: Any,
        k: Any,
        v: Any,
        *,
        layer: Layer = 0,
        mask: Any = None,
        causal: bool = False,
        query_offset: int = 0,
        window: int | None = None,
        scale: float | None = None,
    ) -> Any:
        """Computes one attention layer on the hardware; the arrays are as in make_trace.

        Returns [batch, heads, queries, Dv]: a tensor of q's dtype and device if q is one, else a float32 array.
        """
        settings = {"causal": causal, "query_offset": query_offset, "window": window, "scale": scale}
        output = self._compute(layer, number_of(layer), (q, k, v, mask), settings, sigmas_of=None)
        if self._watch is not None:
            self._watch.claim()
        return output

    def _answer(self, call: AttentionCall) -> torch.Tensor:
        validity = call.validity
        settings = {
            "causal": validity.causal,
            "query_offset": validity.query_offset,
            "window": validity.window,
            "scale": call.scale,
        }
        output: torch.Tensor = self._compute(
            call.key, call.layer, (call.q, call.k, call.v, validity.mask), settings, sigmas_of=call
        )
        return output

    def _compute(
        self,
        key: int | str,
        layer: int,
        arrays: tuple[Any, ...],
        settings: dict[str, Any],
        *,
        sigmas_of: AttentionCall | None,
    ) -> Any:
        *qkv, mask = arrays
        ready = alike([prepared(array, role) for role, array in zip("qkv", qkv)])
        sigma_q, sigma_k = (_of_layer(sigmas, key, layer) for sigmas in self._sigmas)
        if sigma_q is None or sigma_k is None:
            self._warn_of_neighbours(ready[0])
        if sigma_q is None and sigmas_of is not None:
            from ._padding import sigma_of_queries

            sigma_q = sigma_of_queries(sigmas_of)
        with self._lock:
            totals = self._by_layer.setdefault(key, Totals())
            trace = make_trace(
                {layer: (*ready, mask)},
                sigma_q=sigma_q,
                sigma_k=sigma_k,
                call=totals.calls,
                name=f"layer {key}",
                **settings,
            )
            result = self._machine_of(key).replay(trace, threads=self._threads)
            totals.add(result.report)
            self.totals.add(result.report)
        q, v = qkv[0], qkv[2]
        if not hasattr(q, "detach"):
            return result.output
        import torch

        from ._gradient import without_gradient

        output = torch.from_numpy(result.output).to(device=q.device, dtype=v.dtype if hasattr(v, "detach") else q.dtype)
        return without_gradient(output, *(x for x in qkv if hasattr(x, "detach")))

    def _machine_of(self, key: Layer) -> Machine:
        changes = settings_of(self._layers, key)
        if not changes:
            return self.machine
        if key not in self._machines:
            self._machines[key] = self.machine.changed(*changes)
        return self._machines[key]

    def _warn_of_neighbours(self, q: Any) -> None:
        if self._warned or q.ndim != 4 or q.shape[0] == 1:
            return
        self._warned = True
        warnings.warn(
            f"sigma_q and sigma_k are measured over the {q.shape[0]} sequences of a batch together, so that what a "
            "sequence gives depends on its neighbours: give them, as capcam.estimate_sigmas measures them over data",
            stacklevel=_frames_to_the_user(),
        )


def _frames_to_the_user() -> int:
    """Tells how far up the stack a warning's reader is: above this package, torch and transformers."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in _LIBRARIES:
        frame, level = frame.f_back, level + 1
    return level


def _of_layer(sigmas: Sigmas, key: int | str, layer: int) -> float | None:
    if isinstance(sigmas, Mapping):
        return sigmas.get(key, sigmas.get(layer))
    return sigmas
