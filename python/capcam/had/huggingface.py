# SPDX-License-Identifier: Apache-2.0
"""Adapter of a Hugging Face model whose attention goes through the library's attention interface."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .adapter import Attend, AttentionCall

NAME = "capcam_had"


class HuggingFace:
    """`model`: any transformers model that takes `attn_implementation` (BERT, ViT, DeiT, GPT-2, Llama, ...)."""

    def __init__(self, model: torch.nn.Module):
        self.model = model
        self._layers: dict[int, int] = {}  # id of the attention module -> layer, in calling order

    @contextmanager
    def using(self, attend: Attend) -> Iterator[None]:
        from transformers import AttentionInterface, AttentionMaskInterface
        from transformers.masking_utils import eager_mask

        def function(module, query, key, value, attention_mask, scaling=None, **_):
            layer = self._layers.setdefault(id(module), len(self._layers))
            scale = 1 / math.sqrt(query.shape[-1]) if scaling is None else float(scaling)
            valid = _valid(module, query, key, attention_mask)
            output = attend(AttentionCall(layer, query, key, value, scale, valid))
            return output.transpose(1, 2).contiguous(), None

        before = self.model.config._attn_implementation
        AttentionInterface.register(NAME, function)
        AttentionMaskInterface.register(NAME, eager_mask)
        self.model.set_attn_implementation(NAME)
        try:
            yield
        finally:
            self.model.set_attn_implementation(before)


def _valid(module, query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor | None:
    if mask is None:
        queries, keys = query.shape[2], key.shape[2]
        if not getattr(module, "is_causal", False) or queries == 1:
            return None
        return torch.ones(queries, keys, dtype=torch.bool, device=query.device).tril(keys - queries)[None, None]
    if mask.dtype == torch.bool:
        return mask[..., : key.shape[2]]
    return mask[..., : key.shape[2]] > torch.finfo(mask.dtype).min / 2
