# SPDX-License-Identifier: Apache-2.0
"""What a model's own attention gives, seen apart from capcam: the output of every attention function, in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers.modeling_utils import AttentionInterface


@contextmanager
def own_attention() -> Iterator[list[tuple[Any, torch.Tensor]]]:
    """(module, output [batch, heads, queries, value_dim]) of every attention inside."""
    seen: list[tuple[Any, torch.Tensor]] = []
    original = AttentionInterface.get_interface

    def get_interface(self: Any, implementation: str, default: Any) -> Any:
        function = original(self, implementation, default)

        def watched(module: Any, *args: Any, **kwargs: Any) -> Any:
            output, weights = function(module, *args, **kwargs)
            seen.append((module, output.detach().transpose(1, 2).clone()))
            return output, weights

        return watched

    AttentionInterface.get_interface = get_interface
    try:
        yield seen
    finally:
        AttentionInterface.get_interface = original
