# SPDX-License-Identifier: Apache-2.0
"""Describes one attention layer at work, and where in the model it stands."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import torch

from ._validity import Validity

PARTS = ("encoder", "decoder", "cross")


@dataclass(frozen=True, eq=False)
class AttentionCall:
    """One attention layer at work."""

    path: str  # its module's path in the model: "encoder.layer.3.attention.self"
    part: str  # one of PARTS; "cross" is of a decoder to its encoder
    layer: int
    call: int  # number of the model's call, from 0
    q: torch.Tensor  # [batch, heads, queries, D], after whatever encodes positions
    k: torch.Tensor  # [batch, kv_heads, keys, D]
    v: torch.Tensor  # [batch, kv_heads, keys, Dv]
    scale: float | None
    validity: Validity

    @property
    def key(self) -> str:
        """ "encoder.3" """
        return f"{self.part}.{self.layer}"

    @property
    def token_exists(self) -> torch.Tensor | None:
        """Bool [batch, queries]: False for queries that are padding. None if none is, or none can be told.

        In self-attention, the query at a position is padding where the key at that position is.
        """
        mask, first = self.validity.mask, self.validity.query_offset
        last = first + self.q.shape[2]
        if mask is None or self.part == "cross" or last > mask.shape[1]:
            return None
        exists = mask[:, first:last]
        return None if bool(exists.all()) else exists


def whole_model(module: torch.nn.Module) -> torch.nn.Module:
    """Returns the outermost module at work that holds this one; methods of a model call parts of it by themselves.

    Paths are then the same whether the whole model runs or one of its methods does.
    """
    model, frame = module, sys._getframe(1)
    while frame is not None:
        owner = frame.f_locals.get("self") if "self" in frame.f_code.co_varnames else None
        if isinstance(owner, torch.nn.Module) and owner is not model and any(m is model for m in owner.modules()):
            model = owner
        frame = frame.f_back  # type: ignore[assignment]
    return model


def paths_in(model: torch.nn.Module) -> dict[int, str]:
    """Returns the modules' paths, by identity, without the names that wrappers put in."""
    return {id(module): path.replace("_orig_mod.", "") for path, module in model.named_modules()}


def part_of(path: str, module: Any, parent: Any = None) -> str:
    """Tells the part of a module; `parent` is the module at work that holds it."""
    if isinstance(parent, torch.nn.TransformerDecoderLayer) and module is parent.multihead_attn:
        return "cross"
    place = path.rsplit(".", 2)[-2:]
    name = " ".join([*place, type(module).__name__]).lower()
    if getattr(module, "is_cross_attention", False) or "cross" in name or "encoder_attn" in name or "encdec" in name:
        return "cross"
    words = path.split(".")
    for word in ("decoder", "encoder"):
        if word in words:
            return word
    return "decoder" if getattr(module, "is_causal", False) else "encoder"


def layer_of(path: str, module: Any, order: int) -> int:
    """Returns the only number in the path, else what the module says of itself, else its turn in its part."""
    numbers = [int(word) for word in path.split(".") if word.isdigit()]
    if len(numbers) == 1:
        return numbers[0]
    stated = getattr(module, "layer_idx", None)
    return stated if isinstance(stated, int) and not numbers else order
