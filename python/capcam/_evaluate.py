# SPDX-License-Identifier: Apache-2.0
"""Measures how good a model still is with the simulated hardware as its attention."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import torch

from . import _checks
from ._attention import Sigmas, attention
from ._errors import InputError
from ._estimate import evaluating
from ._scores import metric_named
from ._settings import Config, Settings
from ._totals import Totals

# metric(output, reference, batch) -> scores of the batch's samples; reference is the full-precision model's output.
Metric = Callable[[Any, Any, Mapping[str, Any]], torch.Tensor | Sequence[float] | float]


@dataclass(frozen=True)
class Evaluation:
    """Has a model's score with full precision and on the hardware."""

    full_precision: float
    hardware: dict[int, float]
    """By seed."""
    samples: int
    report: dict[str, Any]
    """What the hardware did, all seeds together: as `capcam.attention(...).report`."""

    @property
    def mean(self) -> float:
        """Returns the mean of the hardware's scores."""
        return fmean(self.hardware.values())

    @property
    def spread(self) -> float:
        """Returns the sample standard deviation over the seeds; 0 for one seed."""
        return stdev(self.hardware.values()) if len(self.hardware) > 1 else 0.0

    @property
    def energy_pj_per_sample(self) -> float:
        return float(self.report["energy_pj"]["total"]) / (self.samples * len(self.hardware))

    @property
    def cycles_per_sample(self) -> float:
        return float(self.report["cycles"]["total"]) / (self.samples * len(self.hardware))


def evaluate(
    model: Any,
    data: Iterable[Mapping[str, Any]],
    config: Config = "camformer",
    *,
    metric: Metric | str = "accuracy",
    set: Settings | None = None,
    sigma_q: Sigmas = None,
    sigma_k: Sigmas = None,
    seeds: Sequence[int] = (1, 2, 3),
    threads: int = 0,
    part: str | None = None,
    match: str | None = None,
    shift: bool | None = None,
) -> Evaluation:
    """Runs a model over data in full precision, then on the hardware once per seed.

    model: it is called as model(**batch) without the batch's "labels", in evaluation mode.
    data: its batches are gone through once.
    metric: "accuracy" (best logit against "labels"), "agreement" (best logit against the full-precision model's), or
        metric(output, reference, batch) giving one score per sample (or one for the batch). The mean of all is
        reported. Labels of -100 and tokens whose attention mask is 0 do not count.
    shift: if true, the label of a position is what comes after it. None means that for a causal language model whose
        labels repeat its input, as transformers has them.
    The rest is as in capcam.attention. Raises InputError as it does, and if nothing counts.
    """
    score = metric_named(metric, model, shift) if isinstance(metric, str) else metric
    if not callable(score):
        raise InputError(f"metric: expected a function or a name, got {metric!r}")
    seeds = [_checks.seed(seed, "seeds") for seed in seeds]
    if not seeds or len(dict.fromkeys(seeds)) < len(seeds):
        raise InputError(f"seeds: expected at least one, each once, got {seeds}")
    runs = {
        seed: attention(
            config, set=set, sigma_q=sigma_q, sigma_k=sigma_k, seed=seed, threads=threads, part=part, match=match
        )
        for seed in seeds
    }
    full: list[float] = []
    scores: dict[int, list[float]] = {seed: [] for seed in seeds}
    batches = 0
    with evaluating(model), torch.no_grad():
        for batch in data:
            batches += 1
            inputs = {key: value for key, value in batch.items() if key != "labels"}
            reference = model(**inputs)
            full += _list(score(reference, reference, batch))
            for seed, hardware in runs.items():
                with hardware:
                    output = model(**inputs)
                scores[seed] += _list(score(output, reference, batch))
    if not full:
        raise InputError(
            "data: every label is -100 or padding: nothing counts"
            if batches
            else "data: expected at least one batch, got none"
        )
    together = Totals()
    for hardware in runs.values():
        together.merge(hardware.totals)
    return Evaluation(
        full_precision=fmean(full),
        hardware={seed: fmean(values) for seed, values in scores.items()},
        samples=len(full),
        report=together.report(),
    )


def _list(scores: Any) -> list[float]:
    if isinstance(scores, torch.Tensor):
        scores = scores.flatten().tolist()
    return [float(score) for score in scores] if isinstance(scores, Iterable) else [float(scores)]
