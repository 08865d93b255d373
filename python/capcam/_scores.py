# SPDX-License-Identifier: Apache-2.0
"""Scores classifiers and language models, by what transformers means by labels and masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from . import _checks
from ._errors import InputError

IGNORED = -100  # a label that every loss of transformers leaves out

Score = Callable[[Any, Any, Mapping[str, Any]], torch.Tensor]


def metric_named(name: str, model: Any, shift: bool | None) -> Score:
    """Returns the metric "accuracy" or "agreement", which gives one score for each sample that counts."""
    if shift is not None:
        shift = _checks.truth("shift", shift)
    if name == "accuracy":
        return lambda output, _, batch: _accuracy(output, batch, model, shift)
    if name == "agreement":
        return lambda output, reference, batch: _agreement(output, reference, batch, model)
    raise InputError(f"metric: expected a function or one of accuracy, agreement, got {name!r}")


def _accuracy(output: Any, batch: Mapping[str, Any], model: Any, shift: bool | None) -> torch.Tensor:
    """Returns 1 where the best logit is the label."""
    if "labels" not in batch:
        raise InputError('metric="accuracy": expected "labels" in the batch, got ' + ", ".join(map(str, batch)))
    best, labels = output.logits.argmax(-1), batch["labels"].to(output.logits.device)
    if best.shape != labels.shape:
        raise InputError(
            f"labels: expected the shape of the logits without classes, {list(best.shape)}, got {list(labels.shape)}"
        )
    counts = (labels != IGNORED) & _exists(best, batch, model)
    if shift is None:
        shift = _is_causal(model) and _repeats_input(labels, batch)
    if shift:
        best, labels, counts = best[:, :-1], labels[:, 1:], counts[:, 1:]
    right: torch.Tensor = (best == labels)[counts].float()
    return right


def _agreement(output: Any, reference: Any, batch: Mapping[str, Any], model: Any) -> torch.Tensor:
    """Returns 1 where the best logit is that of the full-precision model."""
    best = output.logits.argmax(-1)
    same: torch.Tensor = (best == reference.logits.argmax(-1))[_exists(best, batch, model)].float()
    return same


def _exists(best: torch.Tensor, batch: Mapping[str, Any], model: Any) -> torch.Tensor:
    """Returns false for tokens that are padding, where there is a token for each output."""
    decodes = getattr(getattr(model, "config", None), "is_encoder_decoder", False)
    mask = batch.get("decoder_attention_mask" if decodes else "attention_mask")
    if not isinstance(mask, torch.Tensor) or mask.shape != best.shape or best.ndim < 2:
        return torch.ones_like(best, dtype=torch.bool)
    return mask.to(best.device) != 0


def _is_causal(model: Any) -> bool:
    model = getattr(model, "_orig_mod", model)  # of torch.compile
    kind = str(getattr(model, "loss_type", None) or "") + type(model).__name__
    return "ForCausalLM" in kind or "LMHeadModel" in kind


def _repeats_input(labels: torch.Tensor, batch: Mapping[str, Any]) -> bool:
    ids = batch.get("input_ids")
    if not isinstance(ids, torch.Tensor) or ids.shape != labels.shape:
        return False
    return bool((ids.to(labels.device) == labels)[labels != IGNORED].all())
