# SPDX-License-Identifier: Apache-2.0
"""Says what of a machine decides a student's output: where keys lie, what a score is read as, which keys are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch


@dataclass(frozen=True)
class Rules:
    """Has what a nominal machine (without errors of the circuit) makes of one-bit queries and keys.

    The default is ideal hardware: exact match counts, one selection over all keys, full precision.
    """

    n: int  # keys kept for a query
    tile_k: int = 0  # keys that a tile hands on; 0: one selection over all keys
    rows: int = 1  # keys of a tile
    interleave: int = 1  # tiles to which consecutive keys go in turn
    columns: int = 0  # dimensions of a segment; 0: all of them
    bits: int | None = None  # of the converter; None: it counts matches
    softmax_bf16: bool = False
    value_bf16: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Rules:
        """Reads a configuration with every key, as `capcam.Machine.config` has it."""
        array, sensing, top_n = config["array"], config["sensing"], config["top_n"]
        return cls(
            n=top_n["n"],
            tile_k=top_n["tile_k"],
            rows=array["rows"],
            interleave=array["interleave"],
            columns=array["columns"],
            bits=None if sensing["kind"] == "ideal" else sensing["bits"],
            softmax_bf16=config["softmax"]["format"] == "bf16",
            value_bf16=config["value"]["format"] == "bf16",
        )

    def keep(self, scores: torch.Tensor, valid: torch.Tensor | None) -> torch.Tensor:
        """Marks the keys that are kept for each query, bool like scores [..., keys]. Ties keep the lower key."""
        if self.tile_k == 0:
            return keep_top_n(scores, valid, self.n)
        tiles = keys_of_tiles(scores.shape[-1], self.rows, self.interleave).to(scores.device)
        places, there = tiles.clamp(min=0).flatten(), tiles >= 0
        usable = torch.ones_like(scores, dtype=torch.bool) if valid is None else valid.expand(scores.shape)
        in_tiles = (*scores.shape[:-1], *tiles.shape)
        best = keep_top_n(
            scores.detach()[..., places].view(in_tiles), usable[..., places].view(in_tiles) & there, self.tile_k
        )
        # Every key lies in one place, so that its candidate's mark is read where it lies.
        where = torch.empty(scores.shape[-1], dtype=torch.long, device=scores.device)
        where[places[there.flatten()]] = there.flatten().nonzero()[:, 0]
        return keep_top_n(scores, best.flatten(-2)[..., where], self.n)

    def read(self, q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        """Returns the scores 2m - D of queries and keys of +1 and -1, as the converter reads them."""
        if self.bits is None:
            return q @ k.transpose(-1, -2)
        columns = self.columns or q.shape[-1]
        scores = torch.zeros((), dtype=q.dtype, device=q.device)
        for one, other in zip(torch.split(q, columns, dim=-1), torch.split(k, columns, dim=-1), strict=True):
            used = one.shape[-1]
            matches = ((one @ other.transpose(-1, -2) + used) / 2).round().long()
            scores = scores + score_of_matches(used, self.bits).to(q)[matches]
        return scores

    def weights(self, scores: torch.Tensor, kept: torch.Tensor, score_scale: float) -> torch.Tensor:
        """Returns the softmax over kept keys by the machine's table: exp and quotient rounded to its format.

        scores: 2m - D as read. A query without a kept key has weights of zero.
        """
        best = scores.masked_fill(~kept, -torch.inf).amax(dim=-1, keepdim=True)
        # In double, as the table is made: the rounding to bfloat16 must fall on the same side.
        entries = torch.exp(score_scale * (scores - best).double()).float() * kept
        entries = self._rounded(entries.nan_to_num(nan=0.0), self.softmax_bf16)
        quotient = entries / entries.sum(dim=-1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny)
        return self._rounded(quotient, self.softmax_bf16).to(scores.dtype)

    def values(self, v: torch.Tensor) -> torch.Tensor:
        """Returns V in the machine's format; the gradient goes straight through."""
        return v + (self._rounded(v.detach(), True) - v.detach()) if self.value_bf16 else v

    @staticmethod
    def _rounded(x: torch.Tensor, bf16: bool) -> torch.Tensor:
        return x.to(torch.bfloat16).to(x.dtype) if bf16 else x


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


@lru_cache(maxsize=256)
def keys_of_tiles(keys: int, rows: int, interleave: int) -> torch.Tensor:
    """Returns the key in each row of each tile, [tiles, rows] with -1 where a row is empty (docs/timing.md).

    Keys are taken in blocks of interleave * rows. A block lies in as many tiles as its keys need, at most `interleave`;
    its keys go to them in turn.
    """
    tiles = []
    for first in range(0, keys, interleave * rows):
        block = list(range(first, min(keys, first + interleave * rows)))
        count = min(interleave, -(-len(block) // rows))
        dealt = [block[tile::count] for tile in range(count)]
        tiles += [tile + [-1] * (rows - len(tile)) for tile in dealt]
    return torch.tensor(tiles)


@lru_cache(maxsize=64)
def score_of_matches(used: int, bits: int) -> torch.Tensor:
    """Returns [matches], the signed score that a nominal converter reads for 0 .. used matches of a segment."""
    levels = 2**bits
    codes = (torch.arange(used + 1, dtype=torch.float64) / used * levels + 0.5).floor().clamp(max=levels - 1)
    scores: torch.Tensor = (2 * codes * used / levels - used).float()
    return scores
