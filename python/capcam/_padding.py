# SPDX-License-Identifier: Apache-2.0
"""Computes the deviation of queries of which some are padding. A trace says which keys are, not which queries."""

from __future__ import annotations

import torch

from ._calls import AttentionCall


def sigma_of_queries(call: AttentionCall) -> float | None:
    """Returns the population standard deviation of the queries that take part, where the engine could not tell them.

    Returns None where it can: no query is padding, or those that are see no key.
    """
    exists = call.token_exists
    if exists is None:
        return None
    batch, _, queries, _ = call.q.shape
    sees = call.validity.allowed(batch, queries, call.k.shape[2]).any(-1)
    if not bool((sees & ~exists).any()):
        return None
    rows = call.q.detach().cpu().transpose(1, 2)[sees & exists]
    return float(rows.double().std(unbiased=False)) if len(rows) else None


def deviations(call: AttentionCall) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the population standard deviations of queries and keys that take part, as a machine measures them."""
    batch, _, queries, _ = call.q.shape
    keys = call.k.shape[2]
    sees = call.validity.allowed(batch, queries, keys).any(-1)
    exists = call.token_exists
    q = call.q.detach().cpu().transpose(1, 2)[sees if exists is None else sees & exists]
    k = call.k.detach().cpu().transpose(1, 2)
    mask = call.validity.mask
    k = k if mask is None else k[mask]
    return q.double().std(unbiased=False), k.double().std(unbiased=False)
