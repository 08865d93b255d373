# SPDX-License-Identifier: Apache-2.0
"""Computes attention as the hardware defines it, differentiable: selected one-bit scores, softmax, V."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from .adapter import AttentionCall
from .rules import Rules
from .sigma import Sigma

Relax = Callable[[torch.Tensor], torch.Tensor]  # x / sigma -> what stands for its bit
# Computes a layer's map [batch, heads, queries, keys] with the errors of a machine's circuit.
Measure = Callable[[AttentionCall], torch.Tensor]


@dataclass(frozen=True)
class Attended:
    output: torch.Tensor  # [batch, heads, queries, Dv]
    log_map: torch.Tensor  # [batch, heads, queries, keys]: log softmax over all valid keys, before the selection


def exact_attention(call: AttentionCall) -> Attended:
    """Computes full-precision softmax attention over all valid keys, which is the teacher's."""
    log_map = _masked((call.q @ call.keys.transpose(-1, -2)) * call.scale, call.valid).log_softmax(dim=-1)
    weights = log_map.exp() if call.valid is None else log_map.exp() * call.valid
    return Attended(weights @ call.values, log_map)


def had_attention(
    call: AttentionCall,
    sigma: Sigma,
    rules: int | Rules,
    relax: Relax,
    *,
    temperature: torch.Tensor | float = 1.0,
    bits: bool = True,
    measure: Measure | None = None,
) -> Attended:
    """Takes Q and K as relax(x / sigma) in units of sigma; with `bit` this is what hardware computes.

    rules: N keys of ideal hardware, or what a machine does. temperature: multiplies the scores. bits: false if relax
    gives anything but +1 and -1, which no converter reads and no table of exponentials knows: then rules say which keys
    are kept and no more. measure: gives the map in place of the rules, drawn errors of the circuit included.

    What the machine rounds, reads and draws is in the output; the gradient is that of the softmax over the kept keys.
    The product is taken in units of sigma and scaled afterwards: scores of bits are then exact integers 2m - D, and
    equal match counts are equal scores.
    """
    rules = rules if isinstance(rules, Rules) else Rules(n=rules)
    q, k = relax(call.q / sigma.q), relax(call.keys / sigma.k)
    scores = q @ k.transpose(-1, -2)
    score_scale = sigma.q * sigma.k * call.scale
    log_map = _masked(scores * (score_scale * temperature), call.valid).log_softmax(dim=-1)
    if measure is not None:
        measured = measure(call).to(log_map)
        kept = measured > 0
    else:
        if bits and rules.bits is not None:
            scores = scores + (rules.read(q.detach(), k.detach()) - scores).detach()
        kept = rules.keep(scores, call.valid)
        measured = None
    # A query with no valid key gets zero, not an average.
    weights = _masked(scores * (score_scale * temperature), kept).softmax(dim=-1) * kept
    if measured is None and bits and rules.softmax_bf16:
        factor = temperature.item() if isinstance(temperature, torch.Tensor) else temperature
        measured = rules.weights(scores.detach(), kept, score_scale * factor)
    if measured is not None:
        weights = weights + (measured - weights).detach()
    return Attended(weights @ (rules.values(call.values) if bits else call.values), log_map)


def _masked(logits: torch.Tensor, valid: torch.Tensor | None) -> torch.Tensor:
    # The lowest finite number, not -inf: the softmax of a row without a valid key must have a finite gradient.
    return logits if valid is None else logits.masked_fill(~valid, torch.finfo(logits.dtype).min)
