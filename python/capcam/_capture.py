# SPDX-License-Identifier: Apache-2.0
"""Makes a trace from a model at work."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import _checks, _metadata
from ._errors import InputError
from ._numbers import DTYPES, alike, copied
from ._trace import make_trace

if TYPE_CHECKING:
    from ._calls import AttentionCall
    from ._watch import Watch

# What a trace says once for all of its layers, and what it may say by layer.
_Settings = tuple[tuple[str, Any], ...]
_FOR_ALL = ("causal", "query_offset")
_BY_LAYER = ("window", "scale")
# What capture takes, and what it takes from the model.
_SETTINGS = ("path", "part", "match", "call", "dtype", "model", "sigma_q", "sigma_k")
_RECORDED = ("causal", "query_offset", "window", "scale", "mask")


@dataclass
class _Recording:
    """Holds the layers of one part of one call of the model, as a trace file does."""

    layers: dict[int, tuple[Any, ...]] = field(default_factory=dict)  # (q, k, v, mask)
    paths: dict[int, str] = field(default_factory=dict)
    settings: dict[int, dict[str, Any]] = field(default_factory=dict)
    sigma_q: dict[int, float] = field(default_factory=dict)  # where a trace could not tell padding


class capture:  # noqa: N801  used like a function
    """Records the attention of whatever model runs inside, and writes it as a trace.

    ::

        with capcam.capture("trace.safetensors", text="what the model read"):
            model(**inputs)

    Any model whose attention goes through the attention interface of transformers (implementations "sdpa" and "eager"),
    torch's scaled_dot_product_attention or nn.MultiheadAttention is seen: Q, K and V as the scores are computed from
    them, so after rotary positions and, in transformers, before grouped heads are repeated; key padding, causality,
    sliding windows, the softmax scale and the position of the first query (decoding with a cache) are recorded as the
    model uses them, windows and scales layer by layer. For other code there is record().

    path: this is the trace's. A trace holds layers of one shape and one call of the model. "{part}" in the path makes a
        file for each part (encoder, decoder, cross), "{call}" one for each call, counted from 0. Without it, more than
        one is refused.
    part: record only "encoder", "decoder" or "cross" (attention of a decoder to its encoder).
    match: record only attention modules whose path in the model this regular expression finds ("vision_model").
    call: record only that call of the model.
    dtype: "float32", "float16" or "bfloat16", rounded with the signs kept; the model's own if not given.
    metadata: strings the trace should say of itself; ``model`` is its name. Names that nearly are a setting's are
        refused.

    Within or around capcam.attention it records what the model on the hardware computes.

    The files are written when the block ends, and none if it ends by an exception. Raises InputError, then or at the
    attention concerned, if a trace cannot say what the model does, or if nothing, or only part of the attention that
    part= and match= choose, was seen.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        part: str | None = None,
        match: str | None = None,
        call: int | None = None,
        dtype: str | None = None,
        **metadata: Any,
    ) -> None:
        self._path = os.fspath(path)
        if part is not None:
            _checks.one_of("part", part, ("encoder", "decoder", "cross"))
        if dtype is not None:
            _checks.one_of("dtype", dtype, DTYPES)
        self._call = None if call is None else _checks.integer("call", call, 0, _checks.POSITIONS)
        self._part, self._match, self._dtype = part, match, dtype
        if recorded := [name for name in metadata if name in _RECORDED]:
            raise InputError(f"capture: {', '.join(recorded)}: recorded from the model; record() takes them")
        self._sigmas: dict[str, Any] = {name: metadata.pop(name) for name in ("sigma_q", "sigma_k") if name in metadata}
        words = {name: value for name, value in metadata.items() if name != "model"}
        _metadata.checked(words, (*_SETTINGS, *_RECORDED), "capture")
        self._metadata = metadata
        self._recordings: dict[tuple[str, int], _Recording] = {}
        self._watch: Watch | None = None  # while the block lasts
        self.files: list[str] = []  # written when the block has ended

    def __enter__(self) -> capture:
        from ._hook import begin
        from ._watch import Watch

        if self._watch is not None:
            raise InputError("capcam.capture: this block is entered already: make another")
        watch = Watch(self._see, part=self._part, match=self._match, name="capcam.capture", answers=False)
        begin(watch)
        self._watch = watch
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        from ._hook import end

        watch, self._watch = self._watch, None
        if watch is None:
            return
        end(watch)
        if kind is None:
            watch.check("recorded")
            self._write()

    def record(
        self,
        layer: int,
        q: Any,
        k: Any,
        v: Any,
        *,
        mask: Any = None,
        causal: bool = False,
        query_offset: int = 0,
        window: int | None = None,
        scale: float | None = None,
        part: str = "encoder",
        call: int | None = None,
    ) -> None:
        """Records a layer of code that does not go through transformers. Arrays are as in make_trace, and are copied.

        call: which call of the model; if not given, a layer that comes again begins the next one.
        """
        if call is None:
            calls = [number for name, number in self._recordings if name == part]
            call = max(calls, default=0)
            if calls and layer in self._recordings[part, call].layers:
                call += 1
        settings = {
            "causal": _checks.truth("causal", causal),
            "query_offset": query_offset,
            "window": window,
            "scale": scale,
        }
        self._keep(part, layer, call, f"layer {layer}", (q, k, v, mask), settings)
        if self._watch is not None:
            self._watch.claim()

    def _see(self, call: AttentionCall) -> None:
        from ._padding import sigma_of_queries

        validity = call.validity
        settings = {
            "causal": validity.causal,
            "query_offset": validity.query_offset,
            "window": validity.window,
            "scale": call.scale,
        }
        arrays = (call.q, call.k, call.v, validity.mask)
        self._keep(call.part, call.layer, call.call, call.path, arrays, settings, sigma_of_queries(call))

    def _keep(
        self,
        part: str,
        layer: int,
        call: int,
        path: str,
        arrays: tuple[Any, ...],
        settings: dict[str, Any],
        sigma_q: float | None = None,
    ) -> None:
        if (self._call is not None and call != self._call) or (self._part is not None and part != self._part):
            return
        recording = self._recordings.setdefault((part, call), _Recording())
        if layer in recording.layers:
            raise InputError(
                f"two attentions are layer {layer} of the {part}: {recording.paths[layer]} and {path}: choose by match="
            )
        name = f"layers.{layer}."
        q, k, v = alike([copied(array, self._dtype, name + role) for role, array in zip("qkv", arrays)])
        recording.layers[layer] = (q, k, v, arrays[3])
        if sigma_q is not None:
            recording.sigma_q[layer] = sigma_q
        recording.paths[layer] = path
        recording.settings[layer] = settings

    def _write(self) -> None:
        if not self._recordings:
            chosen = f"call={self._call}" if self._call is not None else f"part={self._part!r}"
            raise InputError(f"{self._path}: no attention was recorded: {chosen} chose none of those that ran")
        self._refuse_several("part", sorted({part for part, _ in self._recordings}))
        self._refuse_several("call", sorted({call for _, call in self._recordings}))
        traces = [self._trace(part, call, recording) for (part, call), recording in self._recordings.items()]
        for trace in traces:  # all are good, and now they are written
            trace.save(trace.path)
            self.files.append(trace.path)

    def _refuse_several(self, what: str, found: list[Any]) -> None:
        if len(found) > 1 and f"{{{what}}}" not in self._path:
            names = ", ".join(str(name) for name in found)
            raise InputError(
                f"{self._path}: {len(found)} {what}s of the model were recorded ({names}), and a trace holds one: "
                f"put {{{what}}} into the path for a file of each, or choose one by {what}="
            )

    def _trace(self, part: str, call: int, recording: _Recording) -> Any:
        path = self._path.replace("{part}", part).replace("{call}", str(call))
        kinds: dict[_Settings, list[int]] = {}
        for layer, settings in recording.settings.items():
            shapes = tuple((role, list(recording.layers[layer][i].shape)) for i, role in enumerate("qkv"))
            once = (*((key, settings[key]) for key in _FOR_ALL), *((role, str(shape)) for role, shape in shapes))
            kinds.setdefault(once, []).append(layer)
        if len(kinds) > 1:
            lines = [
                f"\n  layers {', '.join(map(str, layers))} ({recording.paths[layers[0]]} ...): "
                + ", ".join(f"{key} {value}" for key, value in once)
                for once, layers in kinds.items()
            ]
            raise InputError(
                f"{path}: the layers differ in what a trace says once for all: choose some by match=" + "".join(lines)
            )
        first = next(iter(recording.settings.values()))
        stated: dict[str, Any] = {"part": part, **{key: first[key] for key in _FOR_ALL}}
        for key in _BY_LAYER:
            values = {layer: settings[key] for layer, settings in sorted(recording.settings.items())}
            stated[key] = next(iter(values.values())) if len(set(values.values())) == 1 else values
        if recording.sigma_q and "sigma_q" not in self._sigmas:
            measured = {f"sigma_q.{layer}": repr(sigma) for layer, sigma in recording.sigma_q.items()}
            stated |= {key: value for key, value in measured.items() if key not in self._metadata}
        stated |= {**self._sigmas, **self._metadata}
        return make_trace(
            {layer: recording.layers[layer] for layer in sorted(recording.layers)},
            name=path,
            call=call,
            **stated,
        )
