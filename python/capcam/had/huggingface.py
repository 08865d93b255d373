# SPDX-License-Identifier: Apache-2.0
"""Adapter of a Hugging Face model whose attention goes through the library's attention interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .. import _interface
from .._validity import Validity
from .adapter import Attend, AttentionCall


class HuggingFace:
    """`model`: any of transformers with attention "sdpa" or "eager" (BERT, ViT, DeiT, GPT-2, Llama, ...).

    part, match: only the attention of a part ("encoder", "decoder", "cross"), or of modules whose path in the model the
    regular expression finds, as of `capcam.attention`; the rest is left to the model. Layers are numbered as there.
    """

    def __init__(self, model: torch.nn.Module, *, part: str | None = None, match: str | None = None) -> None:
        self.model = model
        self._part, self._match = part, match

    @contextmanager
    def using(self, attend: Attend) -> Iterator[None]:
        def answer(call: _interface.AttentionCall) -> torch.Tensor:
            scale = call.q.shape[-1] ** -0.5 if call.scale is None else float(call.scale)
            output = attend(AttentionCall(call.layer, call.q, call.k, call.v, scale, _valid(call)))
            return output.transpose(1, 2).contiguous()

        with _interface.Interception(answer, part=self._part, match=self._match).active():
            yield


def _valid(call: _interface.AttentionCall) -> torch.Tensor | None:
    validity: Validity = call.validity
    if validity.mask is None and not validity.causal and validity.window is None:
        return None
    allowed = validity.allowed(call.q.shape[0], call.q.shape[2], call.k.shape[2])
    return allowed[:, None].to(call.q.device)
