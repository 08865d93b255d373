#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Distils all-MiniLM-L6-v2, shortly, to one-bit attention on real English: the second table of docs/had.md.

  python python/examples/had_minilm.py                 three seeds; minutes each
  python python/examples/had_minilm.py --seeds 0 --out build/had_minilm

It measures on held-out passages the cosine of the student's embedding with the teacher's, and how many nearest
neighbours among the held-out passages are the teacher's. What is finished stays in --out, and the same command goes on
from there.
"""

import copy
from pathlib import Path

from minilm import agreement, batches, embed, embed_all, load_model, load_passages
from results import MACHINES, in_torch, markdown_table, results_of_seeds

from capcam.had import HuggingFace, Recipe, Student, distil, embedding_kl, four_stages

BATCH, HELD_OUT, TOP_N = 8, 100, 10
RECIPE = Recipe(top_n=TOP_N, stages=four_stages((10, 30, 30, 30), (1e-4,) * 4))
NOISY = {"HAD student, `pvt` (noisy), corner ss": ("pvt", {"sensing.corner": "ss"})}


def measure(seed: int, folder: Path) -> dict[str, dict[str, float]]:
    """Returns the agreement with the teacher, by row of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    teacher, tokenizer = load_model()
    training, held_out = load_passages(HELD_OUT)
    student = distil(
        HuggingFace(teacher),
        HuggingFace(copy.deepcopy(teacher)),
        batches(training, tokenizer, BATCH, seed),
        RECIPE,
        forward=embed,
        output_loss=embedding_kl,
        folder=folder / "student",
        checkpoint_every=20,
    )
    student.save(folder / "student.safetensors")
    expected = embed_all(teacher, held_out, tokenizer)
    naive = Student(HuggingFace(teacher), student.sigmas, TOP_N)
    rows = in_torch(student, naive, lambda model: agreement(embed_all(model, held_out, tokenizer), expected))
    for name, (config, settings) in (MACHINES | NOISY).items():
        with student.hardware(config, set=settings, seed=seed + 1):
            rows[name] = agreement(embed_all(student.model, held_out, tokenizer), expected)
    return rows


def main():
    results = results_of_seeds(__doc__.splitlines()[0], "build/had_minilm", measure)
    for what, digits, title in (
        ("cosine", 3, "cosine with the teacher's embedding"),
        ("nearest", 2, "share whose nearest neighbour is the teacher's"),
        ("of 10 nearest", 3, "share of the 10 nearest that are the teacher's"),
    ):
        print(
            markdown_table(
                title, {seed: {name: row[what] for name, row in one.items()} for seed, one in results.items()}, digits
            ),
            "\n",
        )


if __name__ == "__main__":
    main()
