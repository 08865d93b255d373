# SPDX-License-Identifier: Apache-2.0
"""Small models with weights large enough that attention matters, and machines for them."""

from __future__ import annotations

import math
from typing import Any

import torch
import transformers as tf

IDEAL = {"sensing.kind": "ideal", "top_n.tile_k": 0, "softmax.format": "fp32", "value.format": "fp32"}
IDS = torch.randint(3, 64, (2, 14), generator=torch.Generator().manual_seed(3))
BERT = {
    "vocab_size": 64,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
LLAMA = {
    "vocab_size": 64,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "intermediate_size": 48,
    "max_position_embeddings": 256,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": None,
}


def randomised(model: Any, seed: int = 0) -> Any:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim >= 2:
                scale = 1.0 if "embed" in name else 1.5 / math.sqrt(parameter.shape[1])
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale)
    return model.eval()


def llama(**changes: Any) -> Any:
    return randomised(tf.LlamaForCausalLM(tf.LlamaConfig(**{**LLAMA, **changes})))


def falcon() -> Any:
    """Calls torch's scaled_dot_product_attention by itself."""
    config = tf.FalconConfig(vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=4)
    return randomised(tf.FalconForCausalLM(config))


def bloom() -> Any:
    """Multiplies, adds its bias and takes the softmax by hand."""
    return randomised(tf.BloomForCausalLM(tf.BloomConfig(vocab_size=64, hidden_size=32, n_layer=2, n_head=4)))


def clip() -> Any:
    text = {**BERT, "num_hidden_layers": 2}
    vision = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config = tf.CLIPConfig(text_config=text, vision_config={**vision, "image_size": 32, "patch_size": 8})
    torch.manual_seed(0)
    return tf.CLIPModel(config).eval()


class ByHand(torch.nn.Module):
    """Attention as tutorials write it."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.qkv = torch.nn.Linear(width, 3 * width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        return (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1) @ v
