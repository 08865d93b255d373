# SPDX-License-Identifier: Apache-2.0
"""Computes attention as the hardware defines it, differentiable: top N of one-bit scores, softmax, full-precision V."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from .adapter import AttentionCall
from .sigma import Sigma

Relax = Callable[[torch.Tensor], torch.Tensor]  # x / sigma -> what stands for its bit


@dataclass(frozen=True)
class Attended:
    output: torch.Tensor  # [batch, heads, queries, Dv]
    log_map: torch.Tensor  # [batch, heads, queries, keys]: log softmax over all valid keys, before the selection


def keep_top_n(scores: torch.Tensor, valid: torch.Tensor | None, n: int) -> torch.Tensor:
    """Marks the n best valid keys of each query (bool, like scores). Equal scores keep the lower key index."""
    usable = torch.ones_like(scores, dtype=torch.bool) if valid is None else valid.expand(scores.shape)
    if n >= scores.shape[-1]:
        return usable
    scores = scores.detach().masked_fill(~usable, -torch.inf)
    last = scores.topk(n, dim=-1).values[..., -1:]  # the worst score that is kept
    better, equal = scores > last, scores == last
    room = n - better.sum(dim=-1, keepdim=True)
    return (better | (equal & (equal.cumsum(dim=-1) <= room))) & usable


def exact_attention(call: AttentionCall) -> Attended:
    """Computes full-precision softmax attention over all valid keys, which is the teacher's."""
    return _attended(call, _logits(call.q, call.keys, call.scale), None)


def had_attention(call: AttentionCall, sigma: Sigma, top_n: int, relax: Relax) -> Attended:
    """Takes Q and K as relax(x / sigma) in units of sigma; with `bit` this is what ideal hardware computes.

    The product is taken in those units and scaled afterwards: scores of bits are then exact integers 2m - D, and equal
    match counts are equal scores.
    """
    q, k = relax(call.q / sigma.q), relax(call.keys / sigma.k)
    return _attended(call, _logits(q, k, sigma.q * sigma.k * call.scale), top_n)


def _logits(q: torch.Tensor, k: torch.Tensor, scale: float) -> torch.Tensor:
    return (q @ k.transpose(-1, -2)) * scale


def _attended(call: AttentionCall, logits: torch.Tensor, top_n: int | None) -> Attended:
    log_map = _masked(logits, call.valid).log_softmax(dim=-1)
    if top_n is None or top_n >= logits.shape[-1]:
        kept, weights = call.valid, log_map.exp()
    else:
        kept = keep_top_n(logits, call.valid, top_n)
        weights = _masked(logits, kept).softmax(dim=-1)
    if kept is not None:
        weights = weights * kept  # a query with no valid key gets zero, not an average
    return Attended(weights @ call.values, log_map)


def _masked(logits: torch.Tensor, valid: torch.Tensor | None) -> torch.Tensor:
    # The lowest finite number, not -inf: the softmax of a row without a valid key must have a finite gradient.
    return logits if valid is None else logits.masked_fill(~valid, torch.finfo(logits.dtype).min)
