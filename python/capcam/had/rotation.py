# SPDX-License-Identifier: Apache-2.0
"""Works out the transformation of a head's queries and keys that leaves scores alone and makes signs say most."""

from __future__ import annotations

import torch

from .adapter import AttentionCall

RIDGE = 1e-4  # share of the mean moment that is added to every direction, so that the inverse is good in fp32
SAMPLES = 2048  # queries and keys of a head that the rotation is fitted to
TURNS = 30  # steps of that fit


class Moments:
    """Has second moments of a layer's queries and keys, a key/value head each, and some of both."""

    def __init__(self, call: AttentionCall) -> None:
        heads, dim = call.k.shape[1], call.k.shape[3]
        zeros = torch.zeros(heads, dim, dim, dtype=torch.float64, device=call.k.device)
        self.queries, self.keys = zeros, zeros.clone()  # sums of outer products
        self.key_sum = zeros[:, 0].clone()
        self.counts = [0, 0]
        self.samples: list[list[torch.Tensor]] = [[], []]  # [heads, tokens, D]

    def add(self, call: AttentionCall) -> None:
        heads, group = call.k.shape[1], call.q.shape[1] // call.k.shape[1]
        q = (
            call.q.view(-1, heads, group, *call.q.shape[2:]).transpose(1, 2).flatten(0, 1)
        )  # [batch * group, heads, queries, D]
        exists = call.query_exists
        q = _tokens(q, None if exists is None else exists.repeat_interleave(group, dim=0))
        k = _tokens(call.k, call.token_exists)
        self.queries += q.transpose(1, 2) @ q
        self.keys += k.transpose(1, 2) @ k
        self.key_sum += k.sum(dim=1)
        for n, x in enumerate((q, k)):
            self.counts[n] += x.shape[1]
            self.samples[n].append(x[:, :: max(1, x.shape[1] // SAMPLES + 1)])


def _tokens(x: torch.Tensor, exists: torch.Tensor | None) -> torch.Tensor:
    """Returns [heads, tokens, D] of [batch, heads, tokens, D], without padding."""
    rows = x.double().transpose(1, 2)
    rows = rows.flatten(0, 1) if exists is None else rows[exists]
    return rows.transpose(0, 1)


def transform(moments: Moments, *, rotate: bool, seed: int) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Returns for each key/value head (A, B, centre): queries become q A, keys (k - centre) B, with A B^T = 1."""
    result = []
    for head in range(len(moments.keys)):
        centre = moments.key_sum[head] / moments.counts[1]
        of_queries = _ridged(moments.queries[head] / moments.counts[0])
        of_keys = _ridged(moments.keys[head] / moments.counts[1] - centre.outer(centre))
        a, b = _balanced(of_queries, of_keys)
        if rotate:
            q, k = (torch.cat([x[head] for x in samples], dim=0) for samples in moments.samples)
            turn = _fitted(torch.cat([q @ a, (k - centre) @ b]), seed)
            a, b = a @ turn, b @ turn
        result.append((a, b, centre))
    return result


def _ridged(moment: torch.Tensor) -> torch.Tensor:
    share = RIDGE * moment.diagonal().mean().clamp(min=torch.finfo(torch.float32).tiny)
    return moment + share * torch.eye(len(moment), dtype=moment.dtype, device=moment.device)


def _balanced(of_queries: torch.Tensor, of_keys: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns A and B with A B^T = 1, by which both moments become the same diagonal one."""
    root = torch.linalg.cholesky(of_keys)  # K = L L^T
    values, vectors = torch.linalg.eigh(root.T @ of_queries @ root)  # L^T Q L = U s^2 U^T
    common = values.clamp(min=values.max() * 1e-12).sqrt()  # s
    a = root @ vectors / common.sqrt()  # A^T Q A = s
    inverse = torch.linalg.solve_triangular(
        root, torch.eye(len(root), dtype=root.dtype, device=root.device), upper=False
    )
    b = inverse.T @ vectors * common.sqrt()  # B^T K B = s
    return a, b


def _fitted(x: torch.Tensor, seed: int) -> torch.Tensor:
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
