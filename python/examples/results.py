# SPDX-License-Identifier: Apache-2.0
"""Has what demonstrations over several seeds share: their arguments, and a table of results in Markdown."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch

from capcam.had import Stage, Student
from capcam.had.hardware import IDEAL

Result = TypeVar("Result")

# The machines that every table has.
MACHINES = {
    "HAD student, ideal hardware": ("camformer", IDEAL),
    "HAD student, `camformer`, one selection over all keys": ("camformer", {"top_n.tile_k": 0}),
    "HAD student, `camformer`": ("camformer", {}),
}


@dataclass
class Measured:
    """Keeps what is measured in a file, so that nothing is measured twice."""

    path: Path

    def __call__(self, name: str, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
        found = json.loads(self.path.read_text()) if self.path.exists() else {}
        if name not in found:
            found[name] = measure()
            partial = self.path.with_suffix(".partial")
            partial.write_text(json.dumps(found, indent=1))
            partial.replace(self.path)
            print(f"{self.path.parent.name}: {name}: {found[name]}", file=sys.stderr, flush=True)
        return found[name]


def scaled(stages: tuple[Stage, ...], scale: float) -> tuple[Stage, ...]:
    return tuple(replace(stage, steps=max(1, round(stage.steps * scale))) for stage in stages)


def in_torch(student: Student, naive: Student, measure: Callable[[torch.nn.Module], Result]) -> dict[str, Result]:
    """Returns the teacher binarised as it is, and the student, both without hardware."""
    rows = {}
    for name, one in {"teacher binarised, no distillation (torch)": naive, "HAD student (torch)": student}.items():
        with one.attention() as model:
            rows[name] = measure(model)
    return rows


def results_of_seeds(
    description: str, default: str, measure: Callable[[int, Path], dict[str, Result]]
) -> dict[int, dict[str, Result]]:
    """Calls `measure(seed, folder)` for every seed that the command line asks for; each is printed when it is done."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seeds", type=seeds, default="0,1,2", help="separated by commas; default 0,1,2")
    parser.add_argument("--out", type=Path, default=Path(default), help=f"default: {default}")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of torch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    results = {}
    for seed in options.seeds:
        results[seed] = measure(seed, options.out / f"seed{seed}")
        print(f"seed {seed}: {json.dumps(results[seed])}", file=sys.stderr)
    return results


def seeds(text: str) -> list[int]:
    """Reads --seeds: whole numbers, separated by commas."""
    return [int(part) for part in text.split(",")]


def spread(values: list[float], digits: int) -> str:
    """Returns the mean and the sample standard deviation over seeds: "97.3 +- 0.4"."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} +- {statistics.stdev(values):.{digits}f}"


def markdown_table(title: str, results: dict[int, dict[str, float]], digits: int) -> str:
    """Makes a table with a row for each name, a column for each seed of `results`."""
    lines = [f"| {title} | mean +- sd | " + " | ".join(f"seed {seed}" for seed in results) + " |"]
    lines.append("|---|" + "---|" * (len(results) + 1))
    for name in next(iter(results.values())):
        values = [result[name] for result in results.values()]
        lines.append(f"| {name} | {spread(values, digits)} | " + " | ".join(f"{v:.{digits}f}" for v in values) + " |")
    return "\n".join(lines)
