# SPDX-License-Identifier: Apache-2.0
"""Says how a student is distilled: the four published stages, and parameters for what the publication leaves open."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .._errors import InputError
from .._layers import LayerSettings
from .._machine import Machine
from .._settings import Config
from .estimate import MINIBATCHES


@dataclass(frozen=True)
class Stage:
    """Has some steps with one kind of binarisation. c decays geometrically from `c_from` to `c_to`; None: sign."""

    name: str
    steps: int
    learning_rate: float
    c_from: float | None = None
    c_to: float | None = None
    map_weight: float = 1.0
    output_weight: float = 1.0

    def c(self, step: int) -> float | None:
        """Returns c at a step of this stage: c_from at the first, c_to at the last."""
        if self.c_from is None or self.c_to is None:
            return None
        share = step / (self.steps - 1) if self.steps > 1 else 1.0
        ratio = self.c_to / self.c_from
        return self.c_from * float(ratio**share)


def four_stages(
    steps: tuple[int, int, int, int] = (200, 400, 200, 200),
    learning_rates: tuple[float, float, float, float] = (1e-4, 1e-4, 1e-4, 1e-4),
) -> tuple[Stage, ...]:
    """Returns the four stages of HAD (arXiv 2502.01770).

    c and the losses are published; steps and learning rates are ours.
    """
    return (
        Stage("tanh", steps[0], learning_rates[0], c_from=5.0, c_to=1.0),
        Stage("sharper tanh", steps[1], learning_rates[1], c_from=1.0, c_to=0.05),
        Stage("sign", steps[2], learning_rates[2]),
        Stage("fine-tuning", steps[3], learning_rates[3], map_weight=0.0),
    )


@dataclass(frozen=True)
class Recipe:
    """Has every number of a distillation. Defaults not in the publication are ours and marked so.

    machine: a configuration ("camformer", a file, keys as a dict, a `capcam.Machine`). From the stage `machine_from` on
        the student selects as it does (tiles, placement of keys, N); in stages of bits it also reads scores as the
        machine's converter does and rounds as its softmax and values do. None: ideal hardware.
    errors: true if in stages of bits the engine draws the errors of the machine's circuit, of another instance and
        other noise in each step.
    layers: changes to the machine for some of the attention, as of `capcam.attention`:
        {"decoder": {"top_n.tile_k": 0}}.
    prepare: true if the student is prepared first (see `had.prepare`).
    temperature: true if a factor of each layer's scores is trained besides; it ends up in sigma_k.
    """

    top_n: int | None = None  # keys kept for a query; None: the machine's, or 30, published for the main results
    stages: tuple[Stage, ...] = field(default_factory=four_stages)
    machine: Config | Machine | None = None
    machine_from: str = "tanh"  # ours: the name of a stage
    errors: bool = False
    layers: LayerSettings = field(default_factory=dict)
    prepare: bool = False
    temperature: bool = False
    sigma_minibatches: int = MINIBATCHES  # published
    keep_slope: bool = True  # ours, see `scaled_tanh`
    ste_clip: float = 1.0  # ours, in sigmas: a "clipped gradient" is published, its bound is not
    weight_decay: float = 0.0  # ours: AdamW
    gradient_norm: float = 1.0  # ours: the gradient is clipped to this norm
    final_learning_rate: float = 0.1  # ours: each stage's rate falls by a cosine to this share of itself

    def __post_init__(self) -> None:
        problems = [f"stage '{s.name}': steps must be >= 0, got {s.steps}" for s in self.stages if s.steps < 0]
        problems += [
            f"stage '{s.name}': c_from and c_to must both be positive, or both None; got {s.c_from} and {s.c_to}"
            for s in self.stages
            if (s.c_from is None) != (s.c_to is None) or not all(c is None or c > 0 for c in (s.c_from, s.c_to))
        ]
        for name, least in (("top_n", 1), ("sigma_minibatches", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                problems.append(f"{name} must be >= {least}, got {value}")
        for name in ("ste_clip", "gradient_norm"):
            if not getattr(self, name) > 0:
                problems.append(f"{name} must be > 0, got {getattr(self, name)}")
        names = [stage.name for stage in self.stages]
        if self.machine is not None and self.machine_from not in names:
            problems.append(f"machine_from must be a stage's name ({', '.join(names)}), got {self.machine_from!r}")
        if self.errors and self.machine is None:
            problems.append("errors need a machine")
        if problems:
            lines = "".join(f"\n  {problem}" for problem in problems)
            raise InputError(f"{len(problems)} problem(s) in the recipe{lines}")

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def at(self, step: int) -> tuple[Stage, int]:
        """Returns the stage that a step of the whole run belongs to, and the step's number within it."""
        for stage in self.stages:
            if step < stage.steps:
                return stage, step
            step -= stage.steps
        raise IndexError("past the last step of the recipe")

    def on_machine(self, stage: Stage) -> bool:
        """Returns true if the student is on the machine in this stage."""
        if self.machine is None:
            return False
        first = next(n for n, one in enumerate(self.stages) if one.name == self.machine_from)
        return any(one is stage for one in self.stages[first:])

    def settings(self, machine: Machine | None) -> dict[str, Any]:
        """Returns the recipe in plain values, which a resumed run must have in common with the one that began."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        layers = {str(layer): dict(changes) for layer, changes in self.layers.items()}
        return plain | {
            "stages": [asdict(stage) for stage in self.stages],
            "machine": machine.config if machine else None,
            "layers": layers,
        }
