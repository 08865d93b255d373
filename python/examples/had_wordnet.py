#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Classifies WordNet's glosses by one-bit attention, distilled with the machine in the loop: a table of docs/had.md.

  python python/examples/had_wordnet.py                          three seeds, all glosses; hours
  python python/examples/had_wordnet.py --seeds 0 --training 4000 --held-out 1000 --scale 0.1 --out build/small
  python python/examples/had_wordnet.py --sweep                  then N and bits besides, of what is trained

Each seed trains a teacher (all-MiniLM-L6-v2 and a linear layer) and distils a student for each of two machines: ideal
hardware, and `camformer` with interleaved keys and the errors of `pvt`. What is finished stays in --out, and the same
command goes on from there.
"""

import argparse
import copy
from pathlib import Path

import torch
from results import Measured, markdown_table, scaled, seeds
from wordnet import Classifier, Gloss, accuracy, load_glosses, train

from capcam import Machine, simulate
from capcam.had import HuggingFace, Recipe, Student, distil, estimate_sigmas, four_stages, prepare
from capcam.had.hardware import IDEAL

TOP_N, TEACHER_STEPS = 10, 4000
STAGES = four_stages((300, 900, 900, 900), (1e-4, 1e-4, 1e-4, 5e-5))
INTERLEAVED = {"array.interleave": 64}  # more than there are tiles: keys go to all of them in turn
TRAINED_ON = {
    "ideal hardware": {},
    "`pvt`, interleaved": {"machine": Machine("pvt", set=INTERLEAVED), "errors": True},
}
MACHINES = {
    "ideal hardware": ("camformer", IDEAL),
    "`camformer`, one selection over all keys": ("camformer", {"top_n.tile_k": 0}),
    "`camformer`": ("camformer", {}),
    "`camformer`, interleaved": ("camformer", INTERLEAVED),
    "`pvt` (errors drawn), interleaved": ("pvt", INTERLEAVED),
    "`pvt`, interleaved, corner ss": ("pvt", INTERLEAVED | {"sensing.corner": "ss"}),
    "`pvt`, interleaved, corner ff": ("pvt", INTERLEAVED | {"sensing.corner": "ff"}),
}
SWEPT_N, SWEPT_BITS = (4, 8, 16, 32), (4, 5, 6, 8)


def logits(model, batch):
    return model(batch)


def teacher_of(seed: int, training: list[Gloss], batch: int, steps: int, folder: Path) -> Classifier:
    model, path = Classifier(seed), folder / "teacher.pt"
    if not path.exists():
        train(model, model.batches(training, batch, seed), steps)
        partial = path.with_suffix(".partial")
        torch.save(model.state_dict(), partial)
        partial.replace(path)
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def on_machine(student: Student, config: str, settings: dict, held_out: list[Gloss], seed: int) -> dict[str, float]:
    """Returns the accuracy, and cycles and picojoules of attention per gloss."""
    with student.hardware(config, set=settings, seed=seed) as hw:
        right = accuracy(student.model, held_out)
    count = len(held_out)
    area = area_of(hw.machine)
    return {"accuracy": right, "cycles": hw.cycles / count, "pj": hw.energy_pj / count, "area_mm2": area}


def area_of(machine: Machine) -> float:
    """Returns the area of one core, from the report of a small attention."""
    small = torch.zeros(1, 1, 1, 32).numpy()
    return simulate(small, small, small, machine, sigma_q=1.0, sigma_k=1.0).report["area_um2"]["total"] / 1e6


def measure(seed: int, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Returns the accuracy on held-out glosses in percent, by row of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    training, held_out = load_glosses(options.training, options.held_out)
    teacher = teacher_of(seed, training, options.batch, round(TEACHER_STEPS * options.scale), folder)
    measured, rows = Measured(folder / "results.json"), {}

    def add(name: str, found: dict[str, float]) -> None:
        rows[name] = found["accuracy"]

    add("teacher, full precision", measured("teacher", lambda: {"accuracy": accuracy(teacher, held_out)}))
    batches = teacher.batches(training, options.batch, seed)
    for prepared in (False, True):
        naive = copy.deepcopy(teacher)
        if prepared:
            prepare(HuggingFace(naive), batches, forward=logits)
        sigmas = estimate_sigmas(HuggingFace(naive), batches, logits, 20)
        student = Student(HuggingFace(naive), sigmas, TOP_N)
        title = "undistilled, prepared" if prepared else "undistilled"
        for machine in ("ideal hardware", "`camformer`", "`camformer`, interleaved"):
            name, (config, changes) = f"{title}, on {machine}", MACHINES[machine]
            add(name, measured(name, lambda: on_machine(student, config, changes, held_out, seed + 1)))  # noqa: B023
    for trained_on, loop in TRAINED_ON.items():
        student = distil(
            HuggingFace(teacher),
            HuggingFace(copy.deepcopy(teacher)),
            batches,
            Recipe(
                top_n=TOP_N,
                stages=scaled(STAGES, options.scale),
                prepare=True,
                temperature=True,
                sigma_minibatches=20,
                **loop,
            ),
            forward=logits,
            folder=folder / f"student of {trained_on.replace('`', '')}",
            checkpoint_every=50,
        )
        for machine, (config, changes) in MACHINES.items():
            name = f"trained on {trained_on}, on {machine}"
            add(name, measured(name, lambda: on_machine(student, config, changes, held_out, seed + 1)))  # noqa: B023
    if options.sweep:
        sweep(student, measured, held_out, seed)
    return rows


def sweep(student: Student, measured: Measured, held_out: list[Gloss], seed: int) -> None:
    """Prints the last student's accuracy over N and bits: one selection over all keys, errors of `pvt`, 65 nm."""
    print("| N | bits | accuracy, % | nJ per gloss | area, mm^2 |\n|---|---|---|---|---|")
    for n in SWEPT_N:
        for bits in SWEPT_BITS:
            changes = {"top_n.n": n, "top_n.tile_k": 0, "sensing.bits": bits, "top_n.register_entries": 64}
            changes |= {
                "cost.library": "physical",
                "cost.node_nm": 65.0,
                "cost.supply_v": 1.0,
                "memory.dram_card": "hbm2",
            }
            found = measured(f"N {n}, {bits} bits", lambda: on_machine(student, "pvt", changes, held_out, seed + 1))  # noqa: B023
            area, energy = found["area_mm2"], found["pj"] / 1e3
            print(f"| {n} | {bits} | {found['accuracy']:.1f} | {energy:.0f} | {area:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=seeds, default="0,1,2", help="separated by commas; default 0,1,2")
    parser.add_argument("--out", type=Path, default=Path("build/had_wordnet"), help="default: build/had_wordnet")
    parser.add_argument("--training", type=int, help="glosses to train on; default: all but the held-out ones")
    parser.add_argument("--held-out", type=int, default=5000, help="glosses to measure on; default and most: 5000")
    parser.add_argument("--batch", type=int, default=32, help="glosses of a step; default 32")
    parser.add_argument("--scale", type=float, default=1.0, help="of all numbers of steps; default 1")
    parser.add_argument("--sweep", action="store_true", help="measure N and bits too")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of torch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    results = {seed: measure(seed, options.out / f"seed{seed}", options) for seed in options.seeds}
    print(markdown_table(f"accuracy on {options.held_out} held-out glosses, %", results, digits=1))


if __name__ == "__main__":
    main()
