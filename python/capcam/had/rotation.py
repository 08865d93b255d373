# SPDX-License-Identifier: Apache-2.0
"""Works out changes to a head's queries and keys that leave the softmax alone, and picks the best for one bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from .adapter import AttentionCall
from .attention import had_attention
from .binary import bit
from .losses import kl_divergence
from .sigma import Sigma

RIDGE = 1e-4  # share of the mean moment that is added to every direction, so that the inverse is good in fp32
SAMPLES = 4096  # queries and keys of a head that a rotation is fitted to
QUERIES = 256  # of a sequence, at most, that a change is judged by
TURNS = 30  # steps of that fit


@dataclass(frozen=True)
class Change:
    """Makes queries q A and keys (k - centre) B, with A B^T = 1."""

    a: torch.Tensor  # [D, D]
    b: torch.Tensor  # [D, D]
    centre: torch.Tensor  # [D]


@dataclass(frozen=True)
class Tokens:
    """Has a layer's queries and keys of some minibatches, padding left out, by key/value head."""

    queries: torch.Tensor  # [kv_heads, queries of all its query heads, D]
    keys: torch.Tensor  # [kv_heads, keys, D]

    @classmethod
    def of(cls, calls: list[AttentionCall]) -> Tokens:
        queries, keys = [], []
        for call in calls:
            heads, group = call.k.shape[1], call.q.shape[1] // call.k.shape[1]
            q = call.q.reshape(-1, heads, group, *call.q.shape[2:]).transpose(1, 2).flatten(0, 1)
            exists = call.query_exists
            queries.append(_rows(q, None if exists is None else exists.repeat_interleave(group, dim=0)))
            keys.append(_rows(call.k, call.token_exists))
        return cls(torch.cat(queries, dim=1), torch.cat(keys, dim=1))


def _rows(x: torch.Tensor, exists: torch.Tensor | None) -> torch.Tensor:
    """Returns [heads, tokens, D] of [batch, heads, tokens, D], without padding."""
    rows = x.double().transpose(1, 2)
    rows = rows.flatten(0, 1) if exists is None else rows[exists]
    return rows.transpose(0, 1)


def best_changes(calls: list[AttentionCall], *, rotate: bool, seed: int) -> list[Change]:
    """Returns a change for each key/value head: of several, the one whose map of one-bit scores is nearest to its own.

    The divergence is that of the distillation, over all valid keys. No change at all is one of the several.
    """
    tokens = Tokens.of(calls)
    heads = range(tokens.keys.shape[0])
    kinds = list(zip(*(candidates(tokens, head, rotate=rotate, seed=seed) for head in heads), strict=True))
    losses = torch.stack([_divergences(calls, list(changes)) for changes in kinds])  # [kinds, heads]
    return [kinds[int(best)][head] for head, best in enumerate(losses.argmin(dim=0).tolist())]


def candidates(tokens: Tokens, head: int, *, rotate: bool, seed: int) -> Iterator[Change]:
    """Yields changes of one head: keys as they are or centred, balanced or not, rotated or not."""
    q, k = tokens.queries[head], tokens.keys[head]
    same = torch.eye(q.shape[1], dtype=q.dtype, device=q.device)
    mean = k.mean(dim=0)
    for centre in (torch.zeros_like(mean), mean):
        moved = k - centre
        for a, b in ((same, same), balanced(q.T @ q / len(q), moved.T @ moved / len(k))):
            yield Change(a, b, centre)
            if rotate:
                turn = fitted(torch.cat([_some(q) @ a, _some(moved) @ b]), seed)
                yield Change(a @ turn, b @ turn, centre)


def _some(x: torch.Tensor) -> torch.Tensor:
    return x[:: len(x) // SAMPLES + 1]


def _divergences(calls: list[AttentionCall], changes: list[Change]) -> torch.Tensor:
    """Returns [kv_heads], the mean divergence of the maps of one-bit scores from the full ones."""
    a, b, centre = (torch.stack([getattr(change, name) for change in changes]) for name in ("a", "b", "centre"))
    group = calls[0].q.shape[1] // len(changes)
    changed = [
        AttentionCall(
            call.layer,
            call.q.double() @ a.repeat_interleave(group, dim=0),
            (call.k.double() - centre[:, None]) @ b,
            call.v[..., :1].double(),
            call.scale,
            call.valid,
            crossed=call.crossed,
        )
        for call in calls
    ]
    tokens = Tokens.of(changed)
    sigma = Sigma(float(tokens.queries.std(unbiased=False)), float(tokens.keys.std(unbiased=False)))
    total, weight = torch.zeros(len(changes), dtype=torch.float64), 0.0
    for whole in changed:
        call, exists = _some_queries(whole), whole.query_exists
        full = had_attention(call, Sigma(1.0, 1.0), call.k.shape[2], lambda x: x, bits=False).log_map
        divergence = kl_divergence(full, had_attention(call, sigma, call.k.shape[2], bit).log_map)
        step = whole.q.shape[2] // QUERIES + 1
        shown = torch.ones_like(divergence)
        if exists is not None:
            shown *= exists[:, None, ::step]
        total += (divergence * shown).sum(dim=(0, 2)).view(len(changes), group).sum(dim=1).cpu()
        weight += float(shown[:, 0].sum()) * group
    return total / weight


def _some_queries(call: AttentionCall) -> AttentionCall:
    """Returns the call with every so many queries, so that long sequences take no longer than they need."""
    step = call.q.shape[2] // QUERIES + 1
    valid = call.valid
    if valid is not None and valid.shape[-2] > 1:
        valid = valid[..., ::step, :]
    return replace(call, q=call.q[:, :, ::step], valid=valid, crossed=True)


def balanced(of_queries: torch.Tensor, of_keys: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns A and B with A B^T = 1, by which both second moments become the same diagonal one."""
    of_queries, of_keys = _ridged(of_queries), _ridged(of_keys)
    root = torch.linalg.cholesky(of_keys)  # K = L L^T
    values, vectors = torch.linalg.eigh(root.T @ of_queries @ root)  # L^T Q L = U s^2 U^T
    common = values.clamp(min=values.max() * 1e-12).sqrt()  # s
    a = root @ vectors / common.sqrt()  # A^T Q A = s
    one = torch.eye(len(root), dtype=root.dtype, device=root.device)
    b = torch.linalg.solve_triangular(root, one, upper=False).T @ vectors * common.sqrt()  # B^T K B = s
    return a, b


def _ridged(moment: torch.Tensor) -> torch.Tensor:
    share = RIDGE * moment.diagonal().mean().clamp(min=torch.finfo(torch.float32).tiny)
    return moment + share * torch.eye(len(moment), dtype=moment.dtype, device=moment.device)


def fitted(x: torch.Tensor, seed: int) -> torch.Tensor:
    """Returns the rotation that brings x [tokens, D] nearest to its own signs, from a random one on.

    Iterative quantization (Gong and Lazebnik, CVPR 2011): signs of the rotated vectors, then the rotation nearest to
    them (Procrustes), in turn.
    """
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(x.shape[1], x.shape[1], dtype=torch.float64, generator=generator).to(x.device)
    turn: torch.Tensor = torch.linalg.qr(start).Q
    x = x / x.norm(dim=1, keepdim=True).clamp(min=1e-12)
    for _ in range(TURNS):
        signs = torch.where(x @ turn >= 0, 1.0, -1.0).to(x.dtype)
        u, _s, v = torch.linalg.svd(x.T @ signs)
        turn = u @ v
    return turn
