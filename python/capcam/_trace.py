# SPDX-License-Identifier: Apache-2.0
"""Traces: from files, from arrays in memory, and into files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._engine import Trace
from ._errors import InputError

__all__ = ["Trace", "make_trace", "open_trace", "save_trace"]

# (q, k, v) or (q, k, v, mask), or the same by name.
Layer = Sequence[Any] | Mapping[str, Any]
_ROLES = ("q", "k", "v", "mask")


def open_trace(path: str | os.PathLike[str]) -> Trace:
    """Opens a trace file, mapped and never copied whole. Raises InputError with every problem found."""
    return Trace.open(path)


def make_trace(
    layers: Mapping[int, Layer] | Sequence[Layer],
    *,
    causal: bool = False,
    query_offset: int = 0,
    window: int | None = None,
    scale: float | None = None,
    sigma_q: Mapping[int, float] | float | None = None,
    sigma_k: Mapping[int, float] | float | None = None,
    model: str = "",
    call: int = 0,
    name: str = "the trace in memory",
    **metadata: str,
) -> Trace:
    """A trace of arrays in memory.

    layers: by number (a sequence counts from 0), each ``(q, k, v)``, ``(q, k, v, mask)`` or a dict of these names.
        q [batch, heads, queries, D], k [batch, kv_heads, keys, D] and v [batch, kv_heads, keys, Dv], of one dtype:
        float32, float16 or bfloat16; mask [batch, keys], true or 1 where a key is valid. numpy arrays, torch tensors in
        the processor's memory, or anything that speaks DLPack. Row-major arrays are used where they lie, without a
        copy: do not change them while the trace is in use. Others are copied.
    causal, query_offset, window, scale, sigma_q, sigma_k, model, call: as in a trace file (traces/README.md);
        a sigma is one number for all layers, or one by layer.
    name: stands where a file's path would, in messages and reports.
    metadata: whatever else the trace should say of itself.

    Raises InputError naming every tensor and key that is wrong.
    """
    numbered = layers if isinstance(layers, Mapping) else dict(enumerate(layers))
    arrays: dict[str, Any] = {}
    for number, layer in numbered.items():
        parts = layer if isinstance(layer, Mapping) else dict(zip(_ROLES, layer))
        for role, array in parts.items():
            if array is None:
                continue
            key = f"layers.{int(number)}.{role}"
            arrays[key] = _mask(array, key) if role == "mask" else _in_place(array, key)
    stated = {"format": "capcam-trace", "version": "1", **{key: str(value) for key, value in metadata.items()}}
    if causal:
        stated["causal"] = "true"
    optional = {"query_offset": query_offset or None, "window": window, "call": call or None}
    stated |= {key: str(int(value)) for key, value in optional.items() if value is not None}
    if scale is not None:
        stated["scale"] = repr(float(scale))
    if model:
        stated["model"] = model
    for key, sigma in (("sigma_q", sigma_q), ("sigma_k", sigma_k)):
        if sigma is not None:
            by_layer = sigma if isinstance(sigma, Mapping) else dict.fromkeys(numbered, sigma)
            stated |= {f"{key}.{int(layer)}": repr(float(value)) for layer, value in by_layer.items()}
    return Trace.of_arrays(arrays, stated, name)


def save_trace(path: str | os.PathLike[str], layers: Mapping[int, Layer] | Sequence[Layer], **settings: Any) -> Trace:
    """Writes a trace file and returns it opened. Arguments as of make_trace.

    The file appears under its name only when it is whole; nothing is written if InputError is raised.
    """
    make_trace(layers, **{"name": os.fspath(path), **settings}).save(path)
    return open_trace(path)


def _in_place(array: Any, key: str) -> Any:
    """Row-major, in the processor's memory; the same memory where it already is."""
    if hasattr(array, "detach") and hasattr(array, "contiguous"):  # torch
        if array.device.type != "cpu":
            raise InputError(
                f"{key}: expected a tensor in the processor's memory, got one on {array.device}: use .cpu()"
            )
        return array.detach().contiguous()
    if not isinstance(array, np.ndarray) and hasattr(array, "__dlpack__"):
        return array
    return np.ascontiguousarray(array)


def _mask(array: Any, key: str) -> Any:
    mask = np.asarray(_in_place(array, key))
    if mask.dtype == np.bool_ or mask.dtype == np.uint8:
        return mask
    if not ((mask == 0) | (mask == 1)).all():
        raise InputError(
            f"{key}: expected 1 (true) where a key is valid and 0 (false) where it is not, got other numbers"
        )
    return mask.astype(np.bool_)
