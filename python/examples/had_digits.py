#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Distils a vision transformer to one-bit attention and runs it on simulated hardware: the table of docs/had.md.

  python python/examples/had_digits.py                 three seeds; some minutes
  python python/examples/had_digits.py --seeds 0 --out build/had_digits

Each seed splits the digits, trains a teacher, distils a student and measures. What is finished stays in --out, and the
same command goes on from there. The table (Markdown) goes to stdout.
"""

import copy
import sys
from pathlib import Path

import torch
from digits_vit import DigitsViT, accuracy, load_data, train_teacher
from results import MACHINES, in_torch, markdown_table, results_of_seeds

from capcam.had import Recipe, Shuffled, Student, distil, four_stages

BATCH, TEACHER_STEPS, TOP_N = 32, 500, 10
# 42 minibatches of 32 images are an epoch.
RECIPE = Recipe(top_n=TOP_N, stages=four_stages((80, 160, 80, 80), (1e-3,) * 4))
NOISY = {
    f"HAD student, `pvt` (noisy), corner {corner}": ("pvt", {"sensing.corner": corner}) for corner in ("tt", "ss", "ff")
}


def forward(model, batch):
    return model(batch[0])


def teacher_of(seed: int, batches: Shuffled, folder: Path) -> DigitsViT:
    path = folder / "teacher.pt"
    if not path.exists():
        model = train_teacher(batches, TEACHER_STEPS, seed)
        partial = path.with_suffix(".partial")
        torch.save(model.state_dict(), partial)
        partial.replace(path)
    model = DigitsViT()
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def measure(seed: int, folder: Path) -> dict[str, float]:
    """Returns the accuracy in percent on the held-out images, by row of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    data, images, labels = load_data(seed)
    batches = Shuffled(data, BATCH, seed)
    teacher = teacher_of(seed, batches, folder)
    student = distil(
        teacher.adapter(), copy.deepcopy(teacher).adapter(), batches, RECIPE, forward=forward, folder=folder / "student"
    )
    student.save(folder / "student.safetensors")
    naive = Student(teacher.adapter(), student.sigmas, TOP_N)
    rows = {"teacher, full precision": accuracy(teacher, images, labels)}
    rows |= in_torch(student, naive, lambda model: accuracy(model, images, labels))
    for name, (config, settings) in (MACHINES | NOISY).items():
        with student.hardware(config, set=settings, seed=seed + 1) as hw:
            rows[name] = accuracy(student.model, images, labels)
        cost = f"{hw.cycles / len(images):.0f} cycles and {hw.energy_pj / len(images) / 1e6:.2f} uJ an image"
        print(f"seed {seed}: {name}: {cost}", file=sys.stderr)
    return {name: 100 * value for name, value in rows.items()}


def main():
    results = results_of_seeds(__doc__.splitlines()[0], "build/had_digits", measure)
    print(markdown_table("accuracy on 450 held-out digits, %", results, digits=1))


if __name__ == "__main__":
    main()
