# SPDX-License-Identifier: Apache-2.0
"""Adapter of a model in plain torch, whose attention modules call `self.attend(q, k, v)`: it replaces that method."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

from .adapter import Attend, AttentionCall
from .attention import exact_attention


def plain_attend(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, valid: torch.Tensor | None = None, scale: float | None = None
) -> torch.Tensor:
    """Exact attention; what `attend` of an attention module is until an adapter replaces it.

    q [batch, heads, queries, D], k [batch, kv_heads, keys, D], v [batch, kv_heads, keys, Dv]; valid bool, broadcast to
    [batch, heads, queries, keys]; scale 1 / sqrt(D) by default. Returns [batch, heads, queries, Dv].
    """
    return exact_attention(_call(0, q, k, v, valid, scale)).output


class PlainTorch:
    """`attentions`: the modules, in layer order, whose forward calls `self.attend(q, k, v, valid=None, scale=None)`."""

    def __init__(self, model: torch.nn.Module, attentions: Sequence[torch.nn.Module]) -> None:
        without = [type(module).__name__ for module in attentions if not callable(getattr(module, "attend", None))]
        if without or not attentions:
            raise TypeError(f"attention modules need a method attend(q, k, v), see plain_attend; without: {without}")
        self.model = model
        self._attentions = list(attentions)

    @contextmanager
    def using(self, attend: Attend) -> Iterator[None]:
        before = [vars(module).get("attend") for module in self._attentions]
        for layer, module in enumerate(self._attentions):
            module.attend = _of_layer(layer, attend)  # type: ignore[assignment]
        try:
            yield
        finally:
            for module, own in zip(self._attentions, before, strict=True):
                del module.attend
                if own is not None:
                    module.attend = own


def _of_layer(layer: int, attend: Attend) -> Callable[..., torch.Tensor]:
    return lambda q, k, v, valid=None, scale=None: attend(_call(layer, q, k, v, valid, scale))


def _call(
    layer: int,
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    valid: torch.Tensor | None,
    scale: float | None,
) -> AttentionCall:
    return AttentionCall(layer, q, k, v, 1 / math.sqrt(q.shape[-1]) if scale is None else float(scale), valid)
