# SPDX-License-Identifier: Apache-2.0
"""Reads what attention functions of transformers are given, in the words of a trace."""

from __future__ import annotations

import weakref
from typing import Any

import torch

from ._calls import AttentionCall
from ._errors import InputError
from ._validity import Validity, boolean, explain, no_mask
from ._watch import Describe

# What attention functions are given and the hardware cannot do.
_UNSUPPORTED = {
    "softcap": "it caps the scores before the softmax (softcap)",
    "s_aux": "its softmax has a sink (s_aux)",
    "position_bias": "it adds a bias to the scores (position_bias)",
}


def describe(
    implementation: str, module: Any, qkv: tuple[torch.Tensor, torch.Tensor, torch.Tensor], mask: Any, kwargs: Any
) -> Describe:
    """Describes a call of an attention function. Raises InputError, when asked, if a trace cannot say what it does."""

    def in_full(path: str, part: str, layer: int, call: int) -> AttentionCall:
        for name, why in _UNSUPPORTED.items():
            if kwargs.get(name) is not None:
                raise InputError(f"the hardware cannot compute this attention: {why}")
        if kwargs.get("dropout"):
            raise InputError(f"the model is training (dropout {kwargs['dropout']}): call model.eval() first")
        if implementation.removeprefix("paged|") not in ("eager", "sdpa") or implementation.startswith("paged|"):
            raise InputError(f'attention "{implementation}": load the model with attn_implementation="sdpa" or "eager"')
        causal = kwargs.get("is_causal")
        causal = bool(getattr(module, "is_causal", True) if causal is None else causal)
        q, k, v = qkv
        validity = _validity(implementation, mask, causal, q.shape[0], q.shape[2], k.shape[2])
        return AttentionCall(path, part, layer, call, q, k, v, kwargs.get("scaling"), validity)

    return in_full


# The layers of a model share one mask, so the last one's meaning is kept as long as it lives.
_last: tuple[weakref.ref[torch.Tensor], int, Any, Validity] | None = None


def _validity(implementation: str, mask: Any, causal: bool, batch: int, queries: int, keys: int) -> Validity:
    global _last
    if mask is None:
        # Without a mask `eager` attends to all keys; `sdpa` is causal by itself if there is more than one query.
        causal = causal and (implementation == "sdpa" or queries == 1)
        return no_mask(causal=causal, batch=batch, queries=queries, keys=keys)
    settings = (causal, batch, queries, keys)
    last = _last
    if last is not None and last[0]() is mask and last[1:3] == (getattr(mask, "_version", None), settings):
        return last[3]
    validity = explain(boolean(mask, batch, queries, keys), causal=causal)
    if not mask.is_inference():  # those do not tell when they are changed
        _last = (weakref.ref(mask), mask._version, settings, validity)
    return validity
