# SPDX-License-Identifier: Apache-2.0
"""Has sigma_Q and sigma_K of each layer, and writes them as a trace's metadata says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._layers import Layer, number_of


@dataclass(frozen=True)
class Sigma:
    """Has the scales of a layer's binarised queries and keys."""

    q: float
    k: float


Sigmas = dict[Layer, Sigma]


def to_metadata(sigmas: Sigmas) -> dict[str, str]:
    """Writes it as a trace's metadata says it; repr keeps every digit."""
    q = {f"sigma_q.{layer}": repr(sigma.q) for layer, sigma in sigmas.items()}
    return q | {f"sigma_k.{layer}": repr(sigma.k) for layer, sigma in sigmas.items()}


def from_metadata(metadata: Mapping[str, str]) -> Sigmas:
    names = [key.removeprefix("sigma_q.") for key in metadata if key.startswith("sigma_q.")]
    return {
        int(name) if name.isdigit() else name: Sigma(
            float(metadata[f"sigma_q.{name}"]), float(metadata[f"sigma_k.{name}"])
        )
        for name in sorted(names)
    }


def of_part(sigmas: Sigmas, part: str) -> Sigmas:
    """Returns the sigmas of a part's layers by number, as a trace of that part has them."""
    return {number_of(layer): sigma for layer, sigma in sigmas.items() if str(layer).startswith(f"{part}.")}
