# SPDX-License-Identifier: Apache-2.0
"""Has the one-bit functions and the smooth curves that lead to them. All take x / sigma and return units of sigma."""

from __future__ import annotations

from typing import Any

import torch


def bit(x: torch.Tensor) -> torch.Tensor:
    """Returns +1 where x >= 0 (so 0.0 and -0.0 are +1, as in the hardware), else -1."""
    return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)


def scaled_tanh(x: torch.Tensor, c: float, keep_slope: bool = True) -> torch.Tensor:
    """Returns tanh(x / c), which tends to bit(x) as c -> 0 and to x / c for large c.

    With `keep_slope` it is multiplied by max(c, 1), so that it tends to x itself for large c: the student of a large c
    is then the teacher. The two forms are equal for c <= 1.
    """
    y = torch.tanh(x / c)
    return y * c if keep_slope and c > 1 else y


class _SignSte(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, clip: float) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.clip = clip
        return bit(x)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= ctx.clip), None


def sign_ste(x: torch.Tensor, clip: float) -> torch.Tensor:
    """Returns bit(x), whose gradient is that of x where |x| <= clip and zero elsewhere (straight-through estimator)."""
    y: torch.Tensor = _SignSte.apply(x, clip)  # type: ignore[no-untyped-call]
    return y
