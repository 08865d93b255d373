# SPDX-License-Identifier: Apache-2.0
"""A trace from a model at work."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._errors import InputError
from ._numbers import copied
from ._trace import make_trace

if TYPE_CHECKING:
    from ._interface import AttentionCall

# What a trace says once for all of its layers.
_Settings = tuple[tuple[str, Any], ...]


@dataclass
class _Recording:
    """The layers of one part of one call of the model: what a trace file holds."""

    layers: dict[int, tuple[Any, ...]] = field(default_factory=dict)  # (q, k, v, mask)
    paths: dict[int, str] = field(default_factory=dict)
    settings: dict[int, _Settings] = field(default_factory=dict)


class capture:  # noqa: N801  used like a function
    """Records the attention of whatever model runs inside, and writes it as a trace.

    ::

        with capcam.capture("trace.safetensors", text="what the model read"):
            model(**inputs)

    Any model whose attention goes through the attention interface of transformers (implementations "sdpa" and "eager")
    is seen: Q, K and V as the scores are computed from them, so after rotary positions and before grouped heads are
    repeated; key padding, causality, sliding windows, the softmax scale and the position of the first query (decoding
    with a cache) are recorded as the model uses them. For other code there is record().

    path: of the trace. A trace holds layers of one shape and one call of the model. "{part}" in the path makes a file
        of each part (encoder, decoder, cross), "{call}" one of each call, counted from 0; without it more than one is
        refused.
    part: record only "encoder", "decoder" or "cross" (attention of a decoder to its encoder).
    match: record only attention modules whose path in the model this regular expression finds ("vision_model").
    call: record only that call of the model.
    dtype: "float32", "float16" or "bfloat16", rounded with the signs kept; the model's own if not given.
    metadata: strings the trace should say of itself; ``model`` is its name.

    The files are written when the block ends, and none if it ends by an exception. Raises InputError, then or at the
    attention concerned, if a trace cannot say what the model does.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        part: str | None = None,
        match: str | None = None,
        call: int | None = None,
        dtype: str | None = None,
        **metadata: str,
    ) -> None:
        self._path = os.fspath(path)
        self._part, self._match, self._call, self._dtype = part, match, call, dtype
        self._metadata = metadata
        self._recordings: dict[tuple[str, int], _Recording] = {}
        self._stack = ExitStack()
        self.files: list[str] = []  # written when the block has ended

    def __enter__(self) -> capture:
        if "transformers.modeling_utils" in sys.modules:
            from ._interface import Interception

            self._stack.enter_context(Interception(self._see, part=self._part, match=self._match).active())
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        self._stack.close()
        if kind is None:
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
        """Records a layer of code that does not go through transformers: arrays as of make_trace, copied.

        call: which call of the model; if not given, a layer that comes again begins the next one.
        """
        if call is None:
            calls = [number for name, number in self._recordings if name == part]
            call = max(calls, default=0)
            if calls and layer in self._recordings[part, call].layers:
                call += 1
        settings = (("causal", causal), ("query_offset", query_offset), ("window", window), ("scale", scale))
        self._keep(part, layer, call, f"layer {layer}", (q, k, v, mask), settings)

    def _see(self, call: AttentionCall) -> None:
        validity = call.validity
        settings = (
            ("causal", validity.causal),
            ("query_offset", validity.query_offset),
            ("window", validity.window),
            ("scale", call.scale),
        )
        self._keep(call.part, call.layer, call.call, call.path, (call.q, call.k, call.v, validity.mask), settings)

    def _keep(self, part: str, layer: int, call: int, path: str, arrays: tuple[Any, ...], settings: _Settings) -> None:
        if (self._call is not None and call != self._call) or (self._part is not None and part != self._part):
            return
        recording = self._recordings.setdefault((part, call), _Recording())
        if layer in recording.layers:
            raise InputError(
                f"two attentions are layer {layer} of the {part}: {recording.paths[layer]} and {path}: choose by match="
            )
        name = f"layers.{layer}."
        q, k, v = (copied(array, self._dtype, name + role) for role, array in zip("qkv", arrays))
        recording.layers[layer] = (q, k, v, arrays[3])
        recording.paths[layer] = path
        recording.settings[layer] = settings

    def _write(self) -> None:
        if not self._recordings:
            raise InputError(
                f"{self._path}: no attention was recorded: none went through the attention interface of transformers "
                "(is it imported before the block?), and record() was not called"
            )
        self._refuse_several("part", sorted({part for part, _ in self._recordings}))
        self._refuse_several("call", sorted({call for _, call in self._recordings}))
        traces = [self._trace(part, call, recording) for (part, call), recording in self._recordings.items()]
        for trace in traces:  # all are good: now they are written
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
            kinds.setdefault(settings, []).append(layer)
        if len(kinds) > 1:
            lines = [
                f"\n  layers {', '.join(map(str, layers))} ({recording.paths[layers[0]]} ...): "
                + ", ".join(f"{key} {value}" for key, value in settings)
                for settings, layers in kinds.items()
            ]
            raise InputError(
                f"{path}: the layers differ in what a trace says once for all: choose some by match=" + "".join(lines)
            )
        stated: dict[str, Any] = {"part": part, **dict(next(iter(kinds))), **self._metadata}
        return make_trace(
            {layer: recording.layers[layer] for layer in sorted(recording.layers)},
            name=path,
            call=call,
            **stated,
        )
