# SPDX-License-Identifier: Apache-2.0
"""Reads attention masks of torch models in the words of a trace: key padding, causality, offset of the queries, window.

A mask is taken apart and put together again; it is accepted only if that gives the same mask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from ._errors import InputError

HIDING = 1e4


@dataclass(frozen=True, eq=False)
class Validity:
    """Tells which keys a query may see."""

    mask: torch.Tensor | None = None  # [batch, keys], True: valid; None: all are
    causal: bool = False
    query_offset: int = 0  # position of the first query
    window: int | None = None  # positions

    def allowed(self, batch: int, queries: int, keys: int) -> torch.Tensor:
        """[batch, queries, keys], True where a key is valid for a query."""
        distance = torch.arange(queries)[:, None] + self.query_offset - torch.arange(keys)[None, :]
        seen = torch.ones(queries, keys, dtype=torch.bool)
        if self.causal:
            seen &= distance >= 0
        if self.window is not None:
            seen &= distance < self.window
            if not self.causal:
                seen &= -distance < self.window
        padding = torch.ones(batch, keys, dtype=torch.bool) if self.mask is None else self.mask
        return seen[None] & padding[:, None]


def no_mask(*, causal: bool, queries: int, keys: int, batch: int = 1, first: int | None = None) -> Validity:
    """Describes a call without a mask. Causality is that of torch: the first query stands at the first key.

    first: position of the first query; if not given, a single one is the last. Keys after the last query are slots of a
    cache that nothing has been written into: they are masked.
    """
    if not causal:
        return Validity()
    if first is None:
        first = keys - 1 if queries == 1 else 0
    written = first + queries
    mask = (torch.arange(keys) < written).expand(batch, keys) if written < keys else None
    return Validity(mask, causal=True, query_offset=first)


def boolean(mask: torch.Tensor, batch: int, queries: int, keys: int) -> torch.Tensor:
    """Brings a mask [batch or 1, heads or 1, queries or 1, keys] to [batch, queries, keys]; True means attend."""
    if not isinstance(mask, torch.Tensor):
        raise InputError(f'a mask of type {type(mask).__name__}: load the model with attn_implementation="sdpa"')
    if mask.ndim != 4:
        raise InputError(f"a mask of shape {list(mask.shape)}: expected [batch, heads or 1, queries, keys]")
    mask = mask.detach().cpu()[..., :keys]  # a static cache may be longer than its keys
    if mask.dtype != torch.bool:
        # So far below every score that nothing is left of the weight.
        attend, hidden = mask == 0, mask <= -HIDING if mask.is_floating_point() else mask < 0
        if not bool((attend | hidden).all()):
            raise InputError(
                "a mask that adds to the scores (ALiBi, relative positions): the hardware knows only valid and not"
            )
        mask = attend
    if not bool((mask == mask[:, :1]).all()):
        raise InputError("a mask that differs between heads: the hardware has one for all")
    return mask[:, 0].expand(batch, queries, keys)


def explain(allowed: torch.Tensor, *, causal: bool) -> Validity:
    """Puts [batch, queries, keys] in the words of a trace. causal: how to call a single query, which sees all keys
    either way. Raises InputError if the mask is none of these."""
    batch, queries, keys = allowed.shape
    padding: torch.Tensor | None = allowed.any(1)
    assert padding is not None
    if bool(padding.all()):
        padding = None
    for candidate in _candidates(allowed, padding, causal=causal):
        if torch.equal(candidate.allowed(batch, queries, keys), allowed):
            return candidate
    raise InputError("a mask that is not padding, causality and a sliding window of positions: a trace cannot say it")


def _candidates(allowed: torch.Tensor, padding: torch.Tensor | None, *, causal: bool) -> Iterator[Validity]:
    _batch, queries, _keys = allowed.shape
    pairs = allowed.any(0).nonzero()  # the (query, key) that some sequence allows
    if len(pairs) == 0:
        yield Validity(padding)
        return
    query, key = pairs[:, 0], pairs[:, 1]
    if queries == 1 and causal:
        yield Validity(padding, causal=True, query_offset=int(key.max()))
    yield Validity(padding)
    both_ways = Validity(padding, window=int((query - key).abs().max()) + 1)
    if not causal:  # the same mask as a causal window of queries that stand further on, and the plainer word for it
        yield both_ways
    offset = int((key - query).max())  # the first query sees no key after its own position
    if offset >= 0:
        yield Validity(padding, causal=True, query_offset=offset)
        yield Validity(padding, causal=True, query_offset=offset, window=int((query + offset - key).max()) + 1)
    yield both_ways
