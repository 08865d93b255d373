# SPDX-License-Identifier: Apache-2.0
"""Puts an attention's valid keys in the words of a trace."""

from __future__ import annotations

from .._validity import Validity, explain
from .adapter import AttentionCall


def validity_of(call: AttentionCall) -> Validity:
    """Returns which keys are valid. Raises InputError if a trace cannot say it."""
    if call.validity is not None:
        return call.validity
    if call.valid is None:
        return Validity()
    batch, _, queries, _ = call.q.shape
    return explain(call.valid[:, 0].expand(batch, queries, call.k.shape[2]).cpu(), causal=False)
