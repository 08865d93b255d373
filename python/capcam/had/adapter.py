# SPDX-License-Identifier: Apache-2.0
"""Says what the distillation needs of a model: a way to run it with another function as its attention."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import torch

from .._layers import Layer
from .._validity import Validity


@dataclass(frozen=True)
class AttentionCall:
    """Has one layer's attention, as the model asks for it (rotary positions already applied)."""

    layer: Layer  # its number, or "cross.3" in a model whose parts have layers of the same number
    q: torch.Tensor  # [batch, heads, queries, D]
    k: torch.Tensor  # [batch, kv_heads, keys, D]
    v: torch.Tensor  # [batch, kv_heads, keys, Dv]
    scale: float  # scale of the softmax, 1 / sqrt(D) in most models
    valid: torch.Tensor | None = None  # bool, broadcasts to [batch, heads, queries, keys]; None: every key
    validity: Validity | None = None  # the same in the words of a trace, where they are known
    crossed: bool = False  # queries and keys are of different tokens

    @property
    def keys(self) -> torch.Tensor:
        """Returns k with one key head for every query head."""
        return self._per_query_head(self.k)

    @property
    def values(self) -> torch.Tensor:
        """Returns v with one value head for every query head."""
        return self._per_query_head(self.v)

    def _per_query_head(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.shape[1] == self.q.shape[1] else x.repeat_interleave(self.q.shape[1] // x.shape[1], dim=1)

    @property
    def token_exists(self) -> torch.Tensor | None:
        """Bool [batch, keys]: some query may see the key, so it is no padding. None: all exist."""
        if self.valid is None:
            return None
        shape = (self.q.shape[0], self.q.shape[1], self.q.shape[2], self.k.shape[2])
        return self.valid.expand(shape).any(dim=2).any(dim=1)

    @property
    def query_exists(self) -> torch.Tensor | None:
        """Bool [batch, queries]: the query is no padding. None: all exist, or none can be told.

        In self-attention over as many keys as queries, a query is padding where the key at its position is.
        """
        exists = self.token_exists
        return None if exists is None or self.crossed or exists.shape[1] != self.q.shape[2] else exists


Attend = Callable[[AttentionCall], torch.Tensor]  # returns [batch, heads, queries, Dv]


class Adapter(Protocol):
    """Has everything that `capcam.had` asks of a model; `HuggingFace` and `PlainTorch` are two."""

    model: torch.nn.Module

    def using(self, attend: Attend) -> AbstractContextManager[None]:
        """Within the context every attention of the model is `attend`; each layer has a number or name of its own."""
        ...
