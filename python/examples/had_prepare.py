#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what `had.prepare` gives before any distillation, on all-MiniLM-L6-v2: a table of docs/had.md.

python python/examples/had_prepare.py        minutes
"""

import copy

import torch
from minilm import agreement, batches, embed, embed_all, load_model, load_passages

from capcam.had import HuggingFace, Student, estimate_sigmas, prepare

HELD_OUT, TOP_N, MINIBATCHES = 100, 10, 8
MACHINES = {
    "ideal hardware": (None, None),
    "`camformer`": ("camformer", None),
    "`camformer`, interleaved": ("camformer", {"array.interleave": 64}),
}


@torch.no_grad()
def main():
    teacher, tokenizer = load_model()
    training, held_out = load_passages(HELD_OUT)
    examples = batches(training, tokenizer, 8, 0)
    expected = embed_all(teacher, held_out, tokenizer)
    print("| binarised, not distilled | cosine | nearest | of 10 nearest |\n|---|---|---|---|")
    for name, options in (
        ("as it is", None),
        ("centred and balanced", {"rotate": False}),
        ("rotated too", {}),
    ):
        adapter = HuggingFace(copy.deepcopy(teacher))
        if options is not None:
            prepare(adapter, examples, forward=embed, minibatches=MINIBATCHES, **options)
        same = (embed_all(adapter.model, held_out, tokenizer) - expected).abs().max().item()
        student = Student(adapter, estimate_sigmas(adapter, examples, embed, MINIBATCHES), TOP_N)
        for machine, (config, changes) in MACHINES.items():
            with student.attention(config, set=changes) as model:
                found = agreement(embed_all(model, held_out, tokenizer), expected)
            figures = f"{found['cosine']:.3f} | {found['nearest']:.2f} | {found['of 10 nearest']:.3f}"
            print(f"| {name}, {machine} | {figures} |", flush=True)
        print(f"| {name}, full precision: largest difference of an embedding | {same:.1e} | | |")


if __name__ == "__main__":
    main()
