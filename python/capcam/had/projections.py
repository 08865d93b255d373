# SPDX-License-Identifier: Apache-2.0
"""Finds the linear layers whose outputs are an attention's queries and keys, by what they put out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from .adapter import AttentionCall


@dataclass(frozen=True)
class Projection:
    """Has a linear layer, and which of its outputs are the dimensions of the heads of Q or K, times a factor."""

    module: torch.nn.Module
    outputs: torch.Tensor  # [heads, D], numbers of outputs

    @property
    def transposed(self) -> bool:
        """Returns true for weights [inputs, outputs], as of transformers' Conv1D."""
        return not isinstance(self.module, torch.nn.Linear)


class Projections:
    """Records what linear layers put out, and finds the one that an attention's queries or keys come from."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._model = model
        self._outputs: list[tuple[torch.nn.Module, torch.Tensor]] = []  # since the last attention

    @contextmanager
    def recording(self) -> Iterator[None]:
        hooks = [
            module.register_forward_hook(self._record)
            for module in self._model.modules()
            if isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D"
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
            self._outputs.clear()

    def _record(self, module: torch.nn.Module, _: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor):
            self._outputs.append((module, output))

    def of(self, call: AttentionCall) -> tuple[Projection | None, Projection | None]:
        """Returns the projections of an attention's queries and keys; None where no linear layer put them out.

        Rotary positions and normalised queries are no outputs of a linear layer.
        """
        found = self._find(call.q), self._find(call.k)
        self._outputs.clear()
        return found

    def _find(self, x: torch.Tensor) -> Projection | None:
        batch, heads, tokens, dim = x.shape
        wanted = x.transpose(1, 2).reshape(batch * tokens, heads * dim).double()
        for module, output in reversed(self._outputs):
            if output.numel() % (batch * tokens) or output.shape[-1] < heads * dim:
                continue
            if output.numel() != batch * tokens * output.shape[-1]:
                continue
            columns = output.reshape(batch * tokens, -1).double()
            for factor in (1.0, dim**-0.5):  # some models scale the queries by themselves
                numbers = _same_columns(columns * factor, wanted)
                if numbers is not None:
                    return Projection(module, numbers.view(heads, dim))
        return None


def _same_columns(columns: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor | None:
    """Returns which of `columns` [tokens, many] each of `wanted` [tokens, few] is, or None if one is none of them."""
    generator = torch.Generator().manual_seed(0)
    mixed = torch.randn(len(wanted), dtype=torch.float64, generator=generator).to(wanted.device)
    order = torch.argsort(mixed @ columns)
    sorted_marks = (mixed @ columns)[order]
    marks = mixed @ wanted
    above = torch.searchsorted(sorted_marks, marks).clamp(max=len(order) - 1)
    below = (above - 1).clamp(min=0)
    nearer = (sorted_marks[above] - marks).abs() < (sorted_marks[below] - marks).abs()
    numbers = order[torch.where(nearer, above, below)]
    if len(set(numbers.tolist())) < len(numbers):
        return None
    close = torch.allclose(columns[:, numbers], wanted, rtol=1e-4, atol=1e-6 * float(wanted.abs().max()))
    return numbers if close else None
