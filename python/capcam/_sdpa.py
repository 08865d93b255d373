# SPDX-License-Identifier: Apache-2.0
"""Makes calls that can be shown of torch's own attention: scaled_dot_product_attention, and what is built on it."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from ._calls import AttentionCall
from ._errors import InputError
from ._validity import Validity, boolean, explain, no_mask

# Functions that multiply matrices, by name.
PRODUCTS = frozenset({"matmul", "__matmul__", "__rmatmul__", "bmm", "baddbmm", "einsum"})


def shapes_in(args: Any) -> list[torch.Size]:
    """Returns the shapes of the tensors among arguments; einsum may have them in a list."""
    flat = [one for arg in args for one in (arg if isinstance(arg, list | tuple) else [arg])]
    return [tensor.shape for tensor in flat if isinstance(tensor, torch.Tensor)]


@dataclass(frozen=True, eq=False)
class Arguments:
    """Has the arguments of scaled_dot_product_attention: [..., heads, queries, D], or [..., queries, D] of one head."""

    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor
    mask: torch.Tensor | None
    dropout: float
    causal: bool
    scale: float | None

    @classmethod
    def of(
        cls,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attn_mask: torch.Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        *,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> Arguments:
        return cls(query, key, value, attn_mask, dropout_p, is_causal, scale)

    def describe(self, path: str, part: str, layer: int, call: int) -> AttentionCall:
        """Raises InputError if a trace cannot say what the model does."""
        if self.dropout:
            raise InputError(f"the model is training (dropout {self.dropout}): call model.eval() first")
        if self.q.is_nested:
            raise InputError("nested tensors: pad them, and say so by a mask")
        lead = self._lead
        q, k, v = (
            x.expand(*lead, *x.shape[-self._own :]).reshape(-1, *self._heads(x)) for x in (self.q, self.k, self.v)
        )
        validity = self._validity(q.shape[0], q.shape[1], q.shape[2], k.shape[2])
        return AttentionCall(path, part, layer, call, q, k, v, self.scale, validity)

    def shaped(self, output: torch.Tensor) -> torch.Tensor:
        """Brings an output [batch, heads, queries, Dv] to the shape that was asked for."""
        heads = output.shape[1:] if self._own == 3 else output.shape[2:]
        return output.reshape(*self._lead, *heads)

    @property
    def _own(self) -> int:
        """Returns the dimensions that are one attention's, without heads where there are three."""
        return 3 if self.q.ndim >= 4 else 2

    @property
    def _lead(self) -> torch.Size:
        """Returns the dimensions before those."""
        shapes = [x.shape[: -self._own] for x in (self.q, self.k, self.v)]
        return torch.Size(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]

    def _heads(self, x: torch.Tensor) -> tuple[int, ...]:
        return tuple(x.shape[-3:]) if self._own == 3 else (1, *x.shape[-2:])

    def _validity(self, batch: int, heads: int, queries: int, keys: int) -> Validity:
        if self.mask is None:
            return no_mask(causal=self.causal, batch=batch, queries=queries, keys=keys, first=0)
        if self.causal:
            raise InputError("attn_mask and is_causal together")
        mask = self.mask
        if mask.ndim > 2 and self._own == 2:  # its lead is that of the batch
            mask = mask.unsqueeze(-3)
        mask = mask.expand(*self._lead, heads if mask.ndim > 2 and mask.shape[-3] > 1 else 1, queries, keys)
        return explain(boolean(mask.reshape(batch, -1, queries, keys), batch, queries, keys), causal=False)


def multi_head_attention_by(attend: Callable[..., torch.Tensor]) -> Any:
    """Returns torch's multi_head_attention_forward with `attend` for its scaled_dot_product_attention."""
    source: Any = functional.multi_head_attention_forward
    scope = {**vars(functional), "scaled_dot_product_attention": attend, "has_torch_function": lambda _: False}
    function = types.FunctionType(source.__code__, scope, source.__name__, source.__defaults__, source.__closure__)
    function.__kwdefaults__ = source.__kwdefaults__
    return function
