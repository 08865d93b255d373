# SPDX-License-Identifier: Apache-2.0
"""Adapter of a Hugging Face model, or any whose attention is seen as `capcam.attention` sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .. import _calls
from .._errors import InputError
from .._hook import watching
from .._layers import Layer
from .._validity import Validity
from .._watch import Watch
from .adapter import Attend, AttentionCall


class HuggingFace:
    """`model`: any of transformers with attention "sdpa" or "eager" (BERT, ViT, DeiT, GPT-2, Llama, ...), or any whose
    attention is torch's scaled_dot_product_attention or nn.MultiheadAttention.

    part, match: only the attention of a part ("encoder", "decoder", "cross"), or of modules whose path in the model the
    regular expression finds, as of `capcam.attention`; the rest is left to the model. Layers are numbered as there; in
    a model with cross-attention they are named "encoder.3", "decoder.3" and "cross.3", unless part= chooses.
    Raises InputError for a model of which two attentions have one name (two towers), or of which attention goes past:
    choose by part= or match=.
    """

    def __init__(self, model: torch.nn.Module, *, part: str | None = None, match: str | None = None) -> None:
        self.model = model
        self._part, self._match = part, match
        self._named = part is None and _has_cross_attention(model)

    @contextmanager
    def using(self, attend: Attend) -> Iterator[None]:
        owners: dict[Layer, str] = {}  # of the names: sigmas and maps are kept by them

        def answer(call: _calls.AttentionCall) -> torch.Tensor:
            place = f"{call.path} ({call.part})"
            layer = call.key if self._named else call.layer
            if owners.setdefault(layer, place) != place:
                raise InputError(
                    f"two attentions are layer {layer}: {owners[layer]} and {place}: choose one by part= or match="
                )
            scale = call.q.shape[-1] ** -0.5 if call.scale is None else float(call.scale)
            crossed = call.part == "cross"
            return attend(
                AttentionCall(layer, call.q, call.k, call.v, scale, _valid(call), call.validity, crossed=crossed)
            )

        watch = Watch(answer, part=self._part, match=self._match, name="capcam.had.HuggingFace", answers=True)
        with watching(watch):
            yield
        watch.check("replaced")


def _has_cross_attention(model: torch.nn.Module) -> bool:
    """Returns true for a decoder that attends to an encoder: its layers then have two attentions each."""
    return any(
        _calls.part_of(f"{path}.{name}", child, module) == "cross"
        for path, module in model.named_modules()
        for name, child in module.named_children()
        if "att" in f"{name} {type(child).__name__}".lower()
    )


def _valid(call: _calls.AttentionCall) -> torch.Tensor | None:
    validity: Validity = call.validity
    if validity.mask is None and not validity.causal and validity.window is None:
        return None
    allowed = validity.allowed(call.q.shape[0], call.q.shape[2], call.k.shape[2])
    return allowed[:, None].to(call.q.device)
