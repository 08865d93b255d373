# SPDX-License-Identifier: Apache-2.0
"""Has WordNet's noun glosses (Debian package wordnet-base), and a classifier that tells their lexicographer's file.

"a salt or ester of propenoic acid" is of noun.substance. There are 26 such classes and 82,115 glosses.
"""

from __future__ import annotations

from pathlib import Path

import numpy
import torch
from minilm import load_model

from capcam.had import Shuffled

NOUNS = Path("/usr/share/wordnet/data.noun")
FIRST_FILE, CLASSES = 3, 26  # noun.Tops is lexicographer file 3, noun.time 28
TOKENS = 32  # every gloss is padded to them, or cut off: 95 of 100 are shorter

Gloss = tuple[str, int]  # text, class


def load_glosses(training: int | None, held_out: int) -> tuple[list[Gloss], list[Gloss]]:
    """Returns (to train on, to test on). The order is drawn once; the 5,000 last glosses are never trained on."""
    if not NOUNS.exists():
        raise SystemExit(f"{NOUNS} is not there: scripts/install_packages.sh examples (Debian package wordnet-base)")
    glosses = [_gloss(line) for line in NOUNS.read_text().splitlines() if not line.startswith(" ")]
    order = numpy.random.default_rng(0).permutation(len(glosses))
    shuffled = [glosses[i] for i in order]
    return shuffled[:-5000][:training], shuffled[-5000:][:held_out]


def _gloss(line: str) -> Gloss:
    """Reads `offset file ... | gloss`; sentences that show the use, in quotes after the definition, are left out."""
    fields, text = line.split("|", 1)
    return text.split('; "')[0].strip(), int(fields.split()[1]) - FIRST_FILE


class Classifier(torch.nn.Module):
    """all-MiniLM-L6-v2 and a linear layer over the mean of its tokens."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.encoder, self.tokenizer = load_model()
        torch.manual_seed(seed)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, CLASSES)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Returns logits [batch, classes]."""
        mask = batch["attention_mask"][..., None].float()
        tokens = {name: batch[name] for name in ("input_ids", "attention_mask")}
        states = self.encoder(**tokens).last_hidden_state
        return self.head((states * mask).sum(1) / mask.sum(1))

    def collate(self, glosses: list[Gloss]) -> dict[str, torch.Tensor]:
        texts = [text for text, _ in glosses]
        batch = self.tokenizer(texts, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt")
        return dict(batch) | {"labels": torch.tensor([label for _, label in glosses])}

    def batches(self, glosses: list[Gloss], size: int, seed: int) -> Shuffled:
        return Shuffled(glosses, size, seed, self.collate)


def train(model: Classifier, batches: Shuffled, steps: int, learning_rate: float = 1e-4) -> Classifier:
    """Trains all but the embedding tables; the new layer ten times as fast as the rest."""
    model.train()
    head = list(model.head.parameters())
    rest = [p for p in model.encoder.parameters() if p.requires_grad]
    groups = [{"params": rest, "lr": learning_rate}, {"params": head, "lr": 10 * learning_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    rates = [group["lr"] for group in groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        batch = batches(step)
        loss = torch.nn.functional.cross_entropy(model(batch), batch["labels"])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 20 == 0:
            print(f"teacher, step {step}: loss {loss.item():.3f}", flush=True)
    return model.eval()


@torch.no_grad()
def accuracy(model: Classifier, glosses: list[Gloss], batch_size: int = 50) -> float:
    """Returns the share of glosses whose class is found, in percent."""
    right = 0
    for first in range(0, len(glosses), batch_size):
        batch = model.collate(glosses[first : first + batch_size])
        right += int((model(batch).argmax(-1) == batch["labels"]).sum())
    return 100 * right / len(glosses)
