# SPDX-License-Identifier: Apache-2.0
"""Hamming Attention Distillation: from a full-precision teacher to a student with one-bit queries and keys.

arXiv 2502.01770: sigmas from minibatches, then four stages (see `recipe.four_stages`) with two KL losses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from .._errors import InputError
from .._layers import Layer
from .adapter import Adapter, AttentionCall
from .attention import Relax, exact_attention, had_attention
from .batches import Batch, Batches, Forward
from .biases import give_biases
from .binary import scaled_tanh, sign_ste
from .checkpoint import Checkpoint
from .estimate import estimate_sigmas
from .in_loop import InLoop
from .loss_log import LossLog
from .losses import map_kl, output_kl
from .prepare import prepare
from .recipe import Recipe, Stage
from .sigma import Sigma, Sigmas
from .student import Student

TEMPERATURE_RATE = 10.0  # ours: a logarithm near 0 is to move further than weights are
OutputLoss = Callable[[Any, Any], torch.Tensor]  # (student's output, teacher's output)


def distil(
    teacher: Adapter,
    student: Adapter,
    batches: Batches,
    recipe: Recipe,
    *,
    forward: Forward = lambda model, batch: model(batch),
    output_loss: OutputLoss = output_kl,
    folder: str | Path | None = None,
    checkpoint_every: int = 100,
) -> Student:
    """Trains `student` (a copy of the teacher's model, changed in place) and returns it with its sigmas.

    `forward(model, batch)` runs a model and returns what `output_loss` compares. `batches(step)` must depend on the
    step alone (see `Shuffled`). With a `folder`, losses go to `losses.jsonl` and the state to `checkpoint.pt` every
    `checkpoint_every` steps; the same call again goes on from there, to the same result as an undisturbed run.
    Neither model uses dropout. Raises FloatingPointError if the loss is no longer finite.
    """
    run = _Run(teacher, student, batches, recipe, forward, output_loss)
    checkpoint_path = None
    if folder is not None:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint_path = folder / "checkpoint.pt"
    first, sigmas = run.resume(checkpoint_path)
    if sigmas is None:
        sigmas = run.begin()
    log = LossLog(folder / "losses.jsonl" if folder else None, first)
    try:
        steps = tqdm(range(first, recipe.steps), initial=first, total=recipe.steps, desc="distil", disable=None)
        for step in steps:
            stage, _ = recipe.at(step)
            losses = run.step(step, sigmas)
            log.write(step=step, stage=stage.name, **losses)
            steps.set_postfix_str(f"{stage.name}, loss {losses['loss']:.4f}")
            if checkpoint_path and ((step + 1) % checkpoint_every == 0 or step + 1 == recipe.steps):
                run.save(checkpoint_path, step + 1, sigmas)
    finally:
        log.close()
    return Student(student, run.with_temperatures(sigmas), run.top_n, recipe.layers)


class _Run:
    """Has the moving parts of one distillation."""

    def __init__(
        self,
        teacher: Adapter,
        student: Adapter,
        batches: Batches,
        recipe: Recipe,
        forward: Forward,
        output_loss: OutputLoss,
    ) -> None:
        if teacher.model is student.model:
            raise InputError("teacher and student are the same model; give the student a copy (copy.deepcopy)")
        self._teacher, self._student, self._batches = teacher, student, batches
        self._recipe, self._forward, self._output_loss = recipe, forward, output_loss
        self._loop = InLoop(recipe.machine, top_n=recipe.top_n, layers=recipe.layers)
        self.top_n = self._loop.top_n
        self._ideal = InLoop(top_n=self.top_n, layers=recipe.layers)
        self._settings = recipe.settings(self._loop.machine) | getattr(batches, "settings", {})
        self._parameters: list[torch.nn.Parameter] = []
        self._temperatures: dict[Layer, torch.nn.Parameter] = {}  # logarithms
        teacher.model.eval()
        student.model.eval()

    def begin(self) -> Sigmas:
        """Prepares the student, measures its sigmas and sets up what is trained."""
        if self._recipe.prepare:
            prepare(self._student, self._batches, forward=self._forward)
        sigmas = estimate_sigmas(self._student, self._batches, self._forward, self._recipe.sigma_minibatches)
        self._set_up(sigmas)
        return sigmas

    def _set_up(self, sigmas: Sigmas) -> None:
        self._parameters = [p for p in self._student.model.parameters() if p.requires_grad]
        if self._recipe.temperature:
            device = next(self._student.model.parameters()).device
            self._temperatures = {n: torch.nn.Parameter(torch.zeros((), device=device)) for n in sigmas}
        temperatures = list(self._temperatures.values())
        groups: list[dict[str, Any]] = [{"params": self._parameters, "share": 1.0}]
        if temperatures:
            groups.append({"params": temperatures, "share": TEMPERATURE_RATE})
        self._optimizer = torch.optim.AdamW(groups, weight_decay=self._recipe.weight_decay)
        self._parameters = self._parameters + temperatures

    def resume(self, path: Path | None) -> tuple[int, Sigmas | None]:
        if path is None or not path.exists():
            return 0, None
        checkpoint = Checkpoint.load(path, self._settings)
        give_biases(self._student.model, set(checkpoint.student))
        self._student.model.load_state_dict(checkpoint.student)
        self._set_up(checkpoint.sigmas)
        for layer, logarithm in checkpoint.temperatures.items():
            self._temperatures[layer].data.fill_(logarithm)
        self._optimizer.load_state_dict(checkpoint.optimizer)
        return checkpoint.step, checkpoint.sigmas

    def save(self, path: Path, step: int, sigmas: Sigmas) -> None:
        state, optimizer = self._student.model.state_dict(), self._optimizer.state_dict()
        temperatures = {layer: logarithm.item() for layer, logarithm in self._temperatures.items()}
        Checkpoint(step, self._settings, sigmas, temperatures, state, optimizer).save(path)

    def with_temperatures(self, sigmas: Sigmas) -> Sigmas:
        """Returns the sigmas with the trained factors of the scores in them."""
        return {layer: self._with_temperature(layer, sigma) for layer, sigma in sigmas.items()}

    def _with_temperature(self, layer: Layer, sigma: Sigma) -> Sigma:
        factor = math.exp(self._temperatures[layer].item()) if layer in self._temperatures else 1.0
        return Sigma(sigma.q, sigma.k * factor)

    def step(self, step: int, sigmas: Sigmas) -> dict[str, float | None]:
        stage, within = self._recipe.at(step)
        rate, c = self._learning_rate(stage, within), stage.c(within)
        batch = self._batches(step)
        maps, target = self._teach(batch)
        total, map_loss, output_loss = self._compare(batch, step, sigmas, maps, target)
        if not math.isfinite(total.item()):
            raise FloatingPointError(f"the loss is {total.item()} at step {step} ({stage.name})")
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self._parameters, self._recipe.gradient_norm)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["share"]
        self._optimizer.step()
        return {
            "c": c,
            "learning_rate": rate,
            "loss": total.item(),
            "map_loss": map_loss.item(),
            "output_loss": output_loss.item(),
            "gradient_norm": norm.item(),
        }

    def _teach(self, batch: Batch) -> tuple[dict[Layer, torch.Tensor], Any]:
        maps: dict[Layer, torch.Tensor] = {}

        def attend(call: AttentionCall) -> torch.Tensor:
            attended = exact_attention(call)
            maps[call.layer] = attended.log_map
            return attended.output

        with torch.no_grad(), self._teacher.using(attend):
            return maps, self._forward(self._teacher.model, batch)

    def _compare(
        self,
        batch: Batch,
        step: int,
        sigmas: Sigmas,
        maps: dict[Layer, torch.Tensor],
        target: Any,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Returns the loss of a step, and its two parts."""
        stage, within = self._recipe.at(step)
        c = stage.c(within)
        relax, bits = self._relax(c), c is None
        loop = self._loop if self._recipe.on_machine(stage) else self._ideal
        draws = bits and self._recipe.errors and loop is self._loop
        divergences = []

        def attend(call: AttentionCall) -> torch.Tensor:
            layer, sigma = call.layer, sigmas[call.layer]
            measure = loop.measure(layer, self._with_temperature(layer, sigma), step + 1) if draws else None
            factor = self._temperatures[layer].exp() if layer in self._temperatures else 1.0
            attended = had_attention(
                call, sigma, loop.rules(layer), relax, temperature=factor, bits=bits, measure=measure
            )
            log_map = attended.log_map if stage.map_weight else attended.log_map.detach()
            divergences.append(map_kl(call, maps[call.layer], log_map))
            return attended.output

        with self._student.using(attend):
            output_loss = self._output_loss(self._forward(self._student.model, batch), target)
        map_loss = torch.stack(divergences).mean()
        return stage.map_weight * map_loss + stage.output_weight * output_loss, map_loss, output_loss

    def _relax(self, c: float | None) -> Relax:
        if c is None:
            return lambda x: sign_ste(x, self._recipe.ste_clip)
        return lambda x: scaled_tanh(x, c, self._recipe.keep_slope)

    def _learning_rate(self, stage: Stage, within: int) -> float:
        """Falls by a cosine over the stage, from its rate to `final_learning_rate` of it."""
        last = self._recipe.final_learning_rate
        share = 0.5 * (1 + math.cos(math.pi * within / stage.steps))
        return stage.learning_rate * (last + (1 - last) * share)
