# SPDX-License-Identifier: Apache-2.0
"""Makes shorter numbers that keep the sign by which the hardware binarises: bit(x) = x >= 0, so -0.0 is positive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import InputError

if TYPE_CHECKING:
    import torch

DTYPES = ("float32", "float16", "bfloat16")


def copied(array: Any, dtype: str | None, name: str) -> Any:
    """Makes a row-major copy in the processor's memory, as `dtype` (None: its own, or float32 if no trace holds that).

    A negative number that rounds to zero becomes the smallest negative one. Raises InputError if one becomes infinite.
    """
    if dtype is not None and dtype not in DTYPES:
        raise InputError(f"dtype: expected one of {', '.join(DTYPES)}, got {dtype}")
    if hasattr(array, "detach"):
        return _copied_tensor(array, dtype, name)
    own = np.asarray(array)
    if dtype == "bfloat16" and own.dtype.name != "bfloat16":
        raise InputError(f"{name}: numpy has no bfloat16: give torch tensors, or choose float16")
    target = np.dtype(dtype or (own.dtype.name if own.dtype.name in DTYPES else "float32"))
    with np.errstate(over="ignore"):
        result = np.array(own, dtype=target, order="C")
    if own.dtype != target:
        result[(result == 0) & (own < 0)] = -np.finfo(target).smallest_subnormal
        _refuse_infinite(bool((np.isinf(result) & ~np.isinf(own)).any()), name, target.name)
    return result


def _copied_tensor(tensor: torch.Tensor, dtype: str | None, name: str) -> torch.Tensor:
    import torch

    own = tensor.detach().to("cpu")
    names = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16"}
    target: torch.dtype = getattr(torch, dtype or names.get(own.dtype, "float32"))
    if own.dtype == target:
        return own.clone(memory_format=torch.contiguous_format)
    result = own.to(target).contiguous()
    limits = torch.finfo(target)
    result[(result == 0) & (own < 0)] = -limits.smallest_normal * limits.eps  # the smallest there is
    _refuse_infinite(bool((result.isinf() & ~own.isinf()).any()), name, str(target).removeprefix("torch."))
    return result


def prepared(array: Any, role: str) -> Any:
    """Returns it as it is if a trace can hold it. A tensor of another kind or in another memory is copied."""
    if hasattr(array, "detach"):
        fine = array.device.type == "cpu" and str(array.dtype).removeprefix("torch.") in DTYPES
        return array if fine else copied(array, None, role)
    return array


def alike(arrays: list[Any]) -> list[Any]:
    """Brings tensors of different kinds of number (mixed precision) to the one that holds them all."""
    if not all(hasattr(array, "detach") for array in arrays) or len({array.dtype for array in arrays}) == 1:
        return arrays
    import torch

    widest = arrays[0].dtype
    for array in arrays[1:]:
        widest = torch.promote_types(widest, array.dtype)
    return [array.detach().to(widest) for array in arrays]


def _refuse_infinite(any_infinite: bool, name: str, dtype: str) -> None:
    if any_infinite:
        raise InputError(f"{name}: a number is too large for {dtype}")
