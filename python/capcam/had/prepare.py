# SPDX-License-Identifier: Apache-2.0
"""Changes the weights of queries and keys so that one bit says more of them, and the model's outputs not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import torch

from .._errors import InputError
from .._layers import Layer
from .adapter import Adapter, AttentionCall
from .attention import exact_attention
from .batches import Batches, Forward
from .biases import give_bias
from .projections import Projection, Projections
from .rotation import best_changes

ROTARY = "its queries or keys are no linear layer's outputs: they have rotary positions, or are normalised"


@dataclass(frozen=True)
class Preparation:
    """Says what `prepare` did."""

    prepared: list[Layer] = field(default_factory=list)
    left: dict[Layer, str] = field(default_factory=dict)  # layers that are as they were, and why


def prepare(
    adapter: Adapter,
    batches: Batches,
    *,
    forward: Forward = lambda model, batch: model(batch),
    minibatches: int = 8,
    rotate: bool = True,
    seed: int = 0,
) -> Preparation:
    """Centres the keys of each head, and balances and rotates its queries and keys. The model is changed in place.

    The softmax does not see a vector that is taken from all keys of a head, nor the scores a transformation T of its
    queries with the inverse of its keys: (q T) (T^-1 k) = q k. T may make the second moments of a head's queries and
    keys equal (balance), and turn both towards their signs (rotation). For each head all combinations of the three are
    tried, and the one that brings the map of one-bit scores nearest to the full one is taken. It goes into the weights
    of the linear layers that put out queries and keys, which are found by what they put out. Where positions are rotary
    there are none, and the layer is left as it is; grouped heads share their keys' T.

    batches, forward: these are as of `distil`; `minibatches` of them are looked at, padding left out. rotate: false
    to centre and balance alone. Linear layers of keys without a bias get one.
    """
    found: dict[Layer, tuple[Projection | None, Projection | None]] = {}
    calls: dict[Layer, list[AttentionCall]] = {}
    projections = Projections(adapter.model)

    def measure(call: AttentionCall) -> torch.Tensor:
        if call.layer not in found:
            found[call.layer] = projections.of(call)
        if all(found[call.layer]):
            calls.setdefault(call.layer, []).append(replace(call, validity=None))
        return exact_attention(call).output

    with torch.no_grad(), adapter.using(measure):
        with projections.recording():
            forward(adapter.model, batches(0))
        for step in range(1, minibatches):
            forward(adapter.model, batches(step))
    if not found:
        raise InputError("prepare: no attention ran")
    done = Preparation()
    for layer, (queries, keys) in found.items():
        why = _why_not(queries, keys, _uses(found))
        if why or queries is None or keys is None:
            done.left[layer] = why
            continue
        for head, change in enumerate(best_changes(calls[layer], rotate=rotate, seed=seed)):
            group = len(queries.outputs) // len(keys.outputs)
            for outputs in queries.outputs[head * group : (head + 1) * group]:
                _fold(queries, outputs, change.a)
            _fold(keys, keys.outputs[head], change.b, change.centre)
        done.prepared.append(layer)
    return done


def _uses(found: dict[Layer, tuple[Projection | None, Projection | None]]) -> dict[tuple[int, int], int]:
    """Counts how many queries and keys an output of a linear layer is part of."""
    uses: dict[tuple[int, int], int] = {}
    for projection in (one for pair in found.values() for one in pair if one is not None):
        for number in projection.outputs.flatten().tolist():
            key = (id(projection.module), number)
            uses[key] = uses.get(key, 0) + 1
    return uses


def _why_not(queries: Projection | None, keys: Projection | None, uses: dict[tuple[int, int], int]) -> str:
    if queries is None or keys is None:
        return ROTARY
    for projection in (queries, keys):
        if any(uses[id(projection.module), number] > 1 for number in projection.outputs.flatten().tolist()):
            return "its weights are used more than once"
    return ""


@torch.no_grad()
def _fold(
    projection: Projection, outputs: torch.Tensor, matrix: torch.Tensor, centre: torch.Tensor | None = None
) -> None:
    """Puts y -> (y - centre) matrix into the layer that puts out y, a head's dimensions."""
    module: Any = projection.module
    weight = module.weight.T if projection.transposed else module.weight  # [outputs, inputs]
    weight[outputs] = (matrix.T @ weight[outputs].double()).to(weight.dtype)
    if centre is not None and isinstance(module, torch.nn.Linear):
        give_bias(module)
    if module.bias is not None:
        bias = module.bias[outputs].double()
        module.bias[outputs] = ((bias if centre is None else bias - centre) @ matrix).to(module.bias.dtype)
