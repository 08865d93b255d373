# SPDX-License-Identifier: Apache-2.0
"""Gives linear layers without a bias one, which the preparation writes the centre of the keys into."""

from __future__ import annotations

import torch


def give_bias(module: torch.nn.Linear) -> None:
    """Adds a bias of zero where there is none."""
    if module.bias is None:
        bias = torch.zeros(module.out_features, dtype=module.weight.dtype, device=module.weight.device)
        module.bias = torch.nn.Parameter(bias, requires_grad=module.weight.requires_grad)


def give_biases(model: torch.nn.Module, names: set[str]) -> None:
    """Adds those that `names`, of a prepared model's tensors, have and the model has not."""
    for path, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and f"{path}.bias" in names:
            give_bias(module)
