# SPDX-License-Identifier: Apache-2.0
"""One small model of each family with random weights, and inputs that use what its attention can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import transformers as tf


@dataclass(frozen=True)
class Family:
    make: Callable[[str], Any]  # the model, by implementation of attention
    inputs: Callable[[], dict[str, Any]]
    part: str = "decoder"
    layers: tuple[int, ...] = (0, 1)
    shape: dict[str, int] | None = None
    causal: bool = True
    window: int | None = None
    scale: float | None = None
    masked: bool = False


def _model(kind: Any, config: Any) -> Callable[[str], Any]:
    def make(implementation: str) -> Any:
        torch.manual_seed(7)
        config._attn_implementation = implementation
        return kind(config).eval()

    return make


def _text(batch: int, length: int, padding: str | None, vocabulary: int = 50) -> Callable[[], dict[str, Any]]:
    def inputs() -> dict[str, Any]:
        generator = torch.Generator().manual_seed(3)
        ids = torch.randint(3, vocabulary, (batch, length), generator=generator)
        mask = torch.ones(batch, length, dtype=torch.long)
        if padding == "right":
            mask[1, length - 4 :] = 0
        if padding == "left":
            mask[1, :4] = 0
        return {"input_ids": ids, "attention_mask": mask}

    return inputs


def _image(size: int) -> Callable[[], dict[str, Any]]:
    return lambda: {"pixel_values": torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(3))}


_BERT = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
_VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "image_size": 24,
    "patch_size": 8,
}
_GPT2 = {"vocab_size": 50, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}
_LLAMA = {
    "vocab_size": 50,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}

FAMILIES = {
    "bert": Family(
        _model(tf.BertModel, tf.BertConfig(**_BERT)),
        _text(2, 13, "right"),
        part="encoder",
        shape={"batch": 2, "heads": 4, "kv_heads": 4, "queries": 13, "keys": 13, "head_dim": 8, "value_dim": 8},
        causal=False,
        masked=True,
    ),
    "vit": Family(
        _model(tf.ViTModel, tf.ViTConfig(**_VIT)),
        _image(24),
        part="encoder",
        shape={"batch": 2, "heads": 4, "kv_heads": 4, "queries": 10, "keys": 10, "head_dim": 8, "value_dim": 8},
        causal=False,
    ),
    "deit": Family(
        _model(tf.DeiTModel, tf.DeiTConfig(**_VIT)),
        _image(24),
        part="encoder",
        shape={"batch": 2, "heads": 4, "kv_heads": 4, "queries": 11, "keys": 11, "head_dim": 8, "value_dim": 8},
        causal=False,
    ),
    "gpt2": Family(_model(tf.GPT2Model, tf.GPT2Config(**_GPT2)), _text(2, 12, None)),
    "gpt2, padded on the left": Family(_model(tf.GPT2Model, tf.GPT2Config(**_GPT2)), _text(2, 12, "left"), masked=True),
    "llama, grouped heads": Family(
        _model(tf.LlamaModel, tf.LlamaConfig(**_LLAMA)),
        _text(2, 12, "right"),
        shape={"batch": 2, "heads": 8, "kv_heads": 2, "queries": 12, "keys": 12, "head_dim": 16, "value_dim": 16},
        masked=True,
    ),
    "mistral, sliding window": Family(
        _model(tf.MistralModel, tf.MistralConfig(**_LLAMA, sliding_window=5)), _text(2, 12, None), window=5
    ),
    "modernbert-like window without causality": Family(
        _model(
            tf.ModernBertModel,
            tf.ModernBertConfig(
                vocab_size=50,
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=4,
                intermediate_size=64,
                local_attention=6,
                global_attn_every_n_layers=4,
                pad_token_id=0,
                cls_token_id=1,
                sep_token_id=2,
                bos_token_id=1,
                eos_token_id=2,
            ),
        ),
        _text(2, 12, None),
        part="encoder",
        layers=(1,),
        causal=False,
        window=4,
    ),
}


def whisper(implementation: str) -> Any:
    config = tf.WhisperConfig(
        vocab_size=60,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        num_mel_bins=8,
        max_source_positions=20,
        max_target_positions=32,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    return _model(tf.WhisperModel, config)(implementation)


def whisper_inputs() -> dict[str, Any]:
    generator = torch.Generator().manual_seed(3)
    return {
        "input_features": torch.randn(2, 8, 40, generator=generator),
        "decoder_input_ids": torch.randint(3, 60, (2, 7), generator=generator),
    }
