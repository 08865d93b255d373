# SPDX-License-Identifier: Apache-2.0
"""Reads traces from files, makes them from arrays in memory, and writes them into files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _checks, _metadata
from ._engine import Trace
from ._errors import InputError

__all__ = ["Trace", "make_trace", "open_trace", "save_trace"]

# (q, k, v) or (q, k, v, mask), or the same by name.
Layer = Sequence[Any] | Mapping[str, Any]
_ROLES = ("q", "k", "v", "mask")
# What is stated once for all layers, or by layer.
_SETTINGS = (
    "causal", "query_offset", "window", "scale", "sigma_q", "sigma_k", "model", "call", "name", "mask", "layers",
)  # fmt: skip
LAYERS = 2**32 - 1


def open_trace(path: str | os.PathLike[str]) -> Trace:
    """Opens a trace file, mapped and never copied whole. Raises InputError with every problem found."""
    return Trace.open(path)


def make_trace(
    layers: Mapping[int, Layer] | Sequence[Layer],
    *,
    causal: bool = False,
    query_offset: int = 0,
    window: Mapping[int, int | None] | int | None = None,
    scale: Mapping[int, float | None] | float | None = None,
    sigma_q: Mapping[int, float] | float | None = None,
    sigma_k: Mapping[int, float] | float | None = None,
    model: str = "",
    call: int = 0,
    name: str = "the trace in memory",
    **metadata: str,
) -> Trace:
    """Makes a trace of arrays in memory.

    layers: by number (a sequence counts from 0), each ``(q, k, v)``, ``(q, k, v, mask)`` or a dict of these names.
        q [batch, heads, queries, D], k [batch, kv_heads, keys, D] and v [batch, kv_heads, keys, Dv], of one dtype:
        float32, float16 or bfloat16; mask [batch, keys], of truth values or integers, true or 1 where a key is valid.
        numpy arrays, torch tensors in the processor's memory, or anything that speaks DLPack. Row-major arrays are used
        where they lie, without a copy: do not change them while the trace is in use. Others are copied.
    causal, query_offset, window, scale, sigma_q, sigma_k, model, call: these are as in a trace file (traces/README.md);
        window, scale and the sigmas are one number for all layers, or one by layer.
    name: stands where a file's path would, in messages and reports.
    metadata: whatever else the trace should say of itself; names that nearly are one of the above are refused.

    Raises InputError naming every tensor and key that is wrong.
    """
    numbered = _numbered(layers)
    arrays: dict[str, Any] = {}
    for number, layer in numbered.items():
        for role, array in _parts(number, layer).items():
            if array is None:
                continue
            key = f"layers.{number}.{role}"
            arrays[key] = _mask(array, key) if role == "mask" else _in_place(array, key)
    stated = {"format": "capcam-trace", "version": "1", **_metadata.checked(metadata, _SETTINGS, "make_trace")}
    if _checks.truth("causal", causal):
        stated["causal"] = "true"
    if offset := _checks.integer("query_offset", query_offset, 0, _checks.POSITIONS):
        stated["query_offset"] = str(offset)
    if turn := _checks.integer("call", call, 0, _checks.POSITIONS):
        stated["call"] = str(turn)
    stated |= _stated("window", window, numbered, _window, for_all=True)
    stated |= _stated("scale", scale, numbered, _above_zero, for_all=True)
    stated |= _stated("sigma_q", sigma_q, numbered, _above_zero) | _stated("sigma_k", sigma_k, numbered, _above_zero)
    if not isinstance(model, str):
        raise InputError(f"model: expected a text, got {model!r}")
    if model:
        stated["model"] = model
    return Trace.of_arrays(arrays, stated, name)


def save_trace(path: str | os.PathLike[str], layers: Mapping[int, Layer] | Sequence[Layer], **settings: Any) -> Trace:
    """Writes a trace file and returns it opened. Its arguments are those of make_trace.

    The file appears under its name only when it is whole; nothing is written if InputError is raised.
    """
    make_trace(layers, **{"name": os.fspath(path), **settings}).save(path)
    return open_trace(path)


def _numbered(layers: Any) -> dict[int, Layer]:
    if isinstance(layers, Mapping):
        numbered = {_checks.integer("a layer's number", number, 0, LAYERS): layer for number, layer in layers.items()}
        if len(numbered) < len(layers):
            raise InputError(f"layers: two are of one number: {list(layers)}")
        return numbered
    if isinstance(layers, str | bytes) or not isinstance(layers, Sequence):
        raise InputError(f"layers: expected one by number or a list, got {type(layers).__name__}")
    return dict(enumerate(layers))


def _parts(number: int, layer: Any) -> Mapping[str, Any]:
    if isinstance(layer, Mapping):
        if unknown := [str(role) for role in layer if role not in _ROLES]:
            raise InputError(f"layer {number}: expected q, k, v and mask, got {', '.join(unknown)}")
        return layer
    if isinstance(layer, str | bytes) or not isinstance(layer, Sequence) or len(layer) not in (3, 4):
        got = f"{len(layer)} of them" if isinstance(layer, Sequence) else type(layer).__name__
        raise InputError(f"layer {number}: expected (q, k, v) or (q, k, v, mask), got {got}")
    return dict(zip(_ROLES, layer))


def _stated(key: str, value: Any, layers: Mapping[int, Any], text: Any, *, for_all: bool = False) -> dict[str, str]:
    """Writes a setting as metadata says it: once if it may be, else by layer. Layers of None state nothing."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        if for_all:
            return {key: text(key, value)}
        return {f"{key}.{layer}": text(key, value) for layer in layers}
    stated = {}
    for layer, one in value.items():
        number = _checks.integer(f"{key}: a layer's number", layer, 0, LAYERS)
        if one is not None:
            stated[f"{key}.{number}"] = text(f"{key}.{number}", one)
    return stated


def _window(key: str, value: Any) -> str:
    return str(_checks.integer(key, value, 1, _checks.POSITIONS))


def _above_zero(key: str, value: Any) -> str:
    return repr(_checks.above_zero(key, value))


def _in_place(array: Any, key: str) -> Any:
    """Brings an array to row-major order and to the processor's memory and byte order; copies only if needed."""
    if hasattr(array, "detach") and hasattr(array, "contiguous"):  # torch
        if array.device.type != "cpu":
            raise InputError(
                f"{key}: expected a tensor in the processor's memory, got one on {array.device}: use .cpu()"
            )
        return array.detach().contiguous()
    if not isinstance(array, np.ndarray) and hasattr(array, "__dlpack__"):
        return array
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        raise InputError(f"{key}: some of its elements are masked (numpy.ma): fill them, and say padding by mask")
    plain = np.ascontiguousarray(array)
    if plain.dtype.kind not in "fiub" and plain.dtype.name != "bfloat16":
        raise InputError(f"{key}: expected an array of numbers, got {plain.dtype}")
    return plain if plain.dtype.isnative else plain.astype(plain.dtype.newbyteorder("="))


def _mask(array: Any, key: str) -> Any:
    array = _in_place(array, key)
    if array.is_floating_point() if hasattr(array, "is_floating_point") else np.asarray(array).dtype.kind == "f":
        raise InputError(
            f"{key}: expected truth values or integers, 1 where a key is valid, got {array.dtype}: of a mask that is "
            "added to the scores (0: attend) give mask == 0, of one that is 1 where a key is valid give mask != 0"
        )
    mask = np.asarray(array)
    if mask.dtype == np.bool_ or mask.dtype == np.uint8:
        return mask
    if not ((mask == 0) | (mask == 1)).all():
        raise InputError(
            f"{key}: expected 1 (true) where a key is valid and 0 (false) where it is not, got other numbers"
        )
    return mask.astype(np.bool_)
