# SPDX-License-Identifier: Apache-2.0
"""Has sigma_Q and sigma_K of each layer, and writes them as a trace's metadata says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sigma:
    """Has the scales of a layer's binarised queries and keys."""

    q: float
    k: float


Sigmas = dict[int, Sigma]  # by layer


def to_metadata(sigmas: Sigmas) -> dict[str, str]:
    """Writes it as a trace's metadata says it; repr keeps every digit."""
    q = {f"sigma_q.{layer}": repr(sigma.q) for layer, sigma in sigmas.items()}
    return q | {f"sigma_k.{layer}": repr(sigma.k) for layer, sigma in sigmas.items()}


def from_metadata(metadata: Mapping[str, str]) -> Sigmas:
    layers = sorted(int(key.removeprefix("sigma_q.")) for key in metadata if key.startswith("sigma_q."))
    return {n: Sigma(float(metadata[f"sigma_q.{n}"]), float(metadata[f"sigma_k.{n}"])) for n in layers}
