# SPDX-License-Identifier: Apache-2.0
"""The page of which models' attention is seen holds: every example of it is run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as tf
from small_models import BERT, IDS, LLAMA
from torch import nn
from torch.nn import functional as F  # noqa: N812

import capcam

PAGE = (Path(__file__).parents[2] / "docs" / "attention.md").read_text()
VISION = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "image_size": 32,
    "patch_size": 8,
}
TEXT = {"input_ids": IDS}
PIXELS = {"pixel_values": torch.randn(1, 3, 32, 32)}
SPEECH = {"input_features": torch.randn(2, 8, 40), "decoder_input_ids": IDS[:, :5]}
WHISPER = {
    "vocab_size": 64, "d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "num_mel_bins": 8,
    "max_source_positions": 20, "max_target_positions": 32, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "decoder_start_token_id": 1, "suppress_tokens": None, "begin_suppress_tokens": None,
}  # fmt: skip
MODERN = {**BERT, "pad_token_id": 0, "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}
CLIP_TEXT = {**BERT, "bos_token_id": 1, "eos_token_id": 2}

Run = Callable[[], Any]


def library(name: str, implementation: str | None = None, **config: Any) -> Callable[[dict[str, Any]], Run]:
    def ready(inputs: dict[str, Any]) -> Run:
        torch.manual_seed(0)
        kind = getattr(tf, name)
        made = kind.config_class(**config)
        if implementation:
            made._attn_implementation = implementation
        model = kind(made).eval()
        return lambda: model(**inputs)

    return ready


def encoder() -> Run:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    model, x = nn.TransformerEncoder(layer, 2).eval(), torch.randn(1, 9, 32)
    return lambda: model(x)


def transformer() -> Run:
    torch.manual_seed(0)
    model, x = nn.Transformer(32, 4, 1, 1, 64, batch_first=True).eval(), torch.randn(1, 9, 32)
    return lambda: model(x, x)


def own() -> Run:
    q = torch.randn(1, 4, 9, 8)
    return lambda: F.scaled_dot_product_attention(q, q, q)


# Example of the page, what runs it, and how many attentions it is.
SEEN: dict[str, tuple[Run | Callable[[], Run], int]] = {
    "BertModel": (lambda: library("BertModel", **BERT)(TEXT), 2),
    "ViTModel": (lambda: library("ViTModel", **VISION)(PIXELS), 2),
    "GPT2Model": (lambda: library("GPT2Model", vocab_size=64, n_embd=32, n_layer=2, n_head=4)(TEXT), 2),
    "LlamaModel": (lambda: library("LlamaModel", **LLAMA)(TEXT), 2),
    "Gemma3TextModel": (lambda: library("Gemma3TextModel", **LLAMA, sliding_window=4)(TEXT), 2),
    "ModernBertModel": (lambda: library("ModernBertModel", **MODERN)(TEXT), 2),
    "WhisperModel": (lambda: library("WhisperModel", **WHISPER)(SPEECH), 3),
    "FalconModel": (
        lambda: library("FalconModel", vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=4)(TEXT),
        2,
    ),
    "torch.nn.TransformerEncoder": (encoder, 2),
    "torch.nn.Transformer": (transformer, 3),
    "SiglipVisionModel": (lambda: library("SiglipVisionModel", **VISION)(PIXELS), 3),
    "code of one's own": (own, 1),
}
REFUSED: dict[str, tuple[Callable[[], Run], str]] = {
    "BloomModel": (
        lambda: library("BloomModel", vocab_size=64, hidden_size=32, n_layer=2, n_head=4)(TEXT),
        "went past",
    ),
    "DebertaV2Model": (lambda: library("DebertaV2Model", **BERT)(TEXT), "went past"),
    "LongformerModel": (lambda: library("LongformerModel", **BERT, attention_window=4)(TEXT), "went past"),
    "XLNetModel": (
        lambda: library("XLNetModel", vocab_size=64, d_model=32, n_layer=2, n_head=4, d_inner=48)(TEXT),
        "went past",
    ),
    "Gemma2Model": (
        lambda: library("Gemma2Model", "eager", **LLAMA, attn_logit_softcapping=30.0)(TEXT),
        "caps the scores",
    ),
}
NOT_RUN = {"CLIPModel"}  # below


def examples(heading: str) -> set[str]:
    """The last cells of a table of the page."""
    rows = re.findall(r"^\|.*\|([^|]*)\|$", PAGE.split(f"## {heading}\n")[1].split("\n## ")[0], re.MULTILINE)
    cells = [cell for row in rows[2:] for cell in re.split(r", (?![^(]*\))", row.strip())]
    return {re.sub(r" (\(|with ).*", "", cell).strip("` ") for cell in cells if cell}


def test_the_page_names_what_is_tested_here_and_nothing_else():
    assert examples("Seen") == set(SEEN)
    assert examples("Refused") == set(REFUSED) | NOT_RUN


@pytest.mark.parametrize("name", SEEN)
def test_what_the_page_says_is_seen_is_on_the_hardware(name):
    make, attentions = SEEN[name]
    run = make()
    with torch.no_grad(), capcam.attention(sigma_q=1.0, sigma_k=1.0) as hw:
        run()
    assert hw.report["calls"] == attentions


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_page_says_is_refused_is_refused_with_its_words(name):
    make, said = REFUSED[name]
    assert said in PAGE
    run = make()
    with pytest.raises(capcam.InputError, match=said), torch.no_grad(), capcam.attention():
        run()


def test_two_towers_need_a_choice_in_a_trace(tmp_path):
    torch.manual_seed(0)
    model = tf.CLIPModel(tf.CLIPConfig(text_config=CLIP_TEXT, vision_config=VISION)).eval()
    both = {**TEXT, "pixel_values": torch.randn(2, 3, 32, 32)}
    with pytest.raises(capcam.InputError, match="choose by match="):
        with torch.no_grad(), capcam.capture(tmp_path / "t.safetensors"):
            model(**both)


def test_biases_of_positions_are_refused():
    q, alibi = torch.randn(1, 4, 9, 8), -torch.arange(9.0).expand(1, 4, 9, 9)
    for mask in (alibi, alibi[:, :1]):
        with pytest.raises(capcam.InputError, match="adds to the scores"), capcam.attention():
            F.scaled_dot_product_attention(q, q, q, mask)


@pytest.mark.parametrize("implementation", ["flex_attention", "flash_attention_2", "paged|sdpa"])
def test_other_implementations_are_named(implementation):
    from capcam import _interface

    q = torch.randn(1, 4, 9, 8)
    describe = _interface.describe(implementation, None, (q, q, q), None, {})
    with pytest.raises(capcam.InputError, match='load the model with attn_implementation="sdpa" or "eager"'):
        describe("layers.0", "decoder", 0, 0)
