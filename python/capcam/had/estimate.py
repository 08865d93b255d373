# SPDX-License-Identifier: Apache-2.0
"""Estimates sigma_Q and sigma_K of each layer: the mean of the standard deviation over minibatches."""

from __future__ import annotations

import math
from collections import defaultdict

import torch
from tqdm import tqdm

from .._errors import InputError
from .._layers import Layer
from .adapter import Adapter, AttentionCall
from .attention import exact_attention
from .batches import Batches, Forward
from .sigma import Sigma, Sigmas

MINIBATCHES = 100  # arXiv 2502.01770


def estimate_sigmas(adapter: Adapter, batches: Batches, forward: Forward, minibatches: int = MINIBATCHES) -> Sigmas:
    """sigma = (1/B) sum over B minibatches of std(Q), for each layer; K likewise. Padding does not count."""
    deviations: dict[Layer, list[torch.Tensor]] = defaultdict(list)

    def measure(call: AttentionCall) -> torch.Tensor:
        deviations[call.layer].append(
            torch.stack([_deviation(call.q, call.query_exists), _deviation(call.k, call.token_exists)])
        )
        return exact_attention(call).output

    with torch.no_grad(), adapter.using(measure):
        for step in tqdm(range(minibatches), desc="sigmas", disable=None):
            forward(adapter.model, batches(step))
    means = {layer: torch.stack(found).double().mean(0) for layer, found in deviations.items()}
    sigmas = {layer: Sigma(*mean.tolist()) for layer, mean in means.items()}
    unusable = [f"\n  layer {n}: {s}" for n, s in sigmas.items() if not (0 < s.q < math.inf and 0 < s.k < math.inf)]
    if unusable or not sigmas:
        raise InputError(
            "queries and keys without a positive, finite deviation" + ("".join(unusable) or ": no layer ran")
        )
    return sigmas


def _deviation(x: torch.Tensor, exists: torch.Tensor | None) -> torch.Tensor:
    if exists is not None:
        x = x.transpose(1, 2)[exists]
    return x.float().std(unbiased=False)
