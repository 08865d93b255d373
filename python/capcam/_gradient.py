# SPDX-License-Identifier: Apache-2.0
"""What the hardware gives has no gradient: whoever asks for one is told."""

from __future__ import annotations

from typing import Any

import torch

from ._errors import InputError


class _NoGradient(torch.autograd.Function):
    @staticmethod
    def forward(_: Any, output: torch.Tensor, *inputs: torch.Tensor) -> torch.Tensor:
        return output.view_as(output)

    @staticmethod
    def backward(_: Any, *gradients: torch.Tensor) -> Any:
        raise InputError(
            "no gradient flows through the simulated hardware: train with capcam.had, whose attention has one, and use "
            "torch.no_grad() around the hardware"
        )


def without_gradient(output: torch.Tensor, *inputs: torch.Tensor) -> torch.Tensor:
    """Returns the output. A backward pass that comes to it raises InputError if an input wants a gradient."""
    if not torch.is_grad_enabled() or not any(x.requires_grad for x in inputs):
        return output
    result: torch.Tensor = _NoGradient.apply(output, *inputs)  # type: ignore[no-untyped-call]
    return result
