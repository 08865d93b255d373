# SPDX-License-Identifier: Apache-2.0
"""Makes minibatches depend on the step alone, so that a run that is resumed sees the data an undisturbed one sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy
import torch

from .._errors import InputError

Batch = Any
Forward = Callable[[torch.nn.Module, Batch], Any]  # runs the model, returns what the output loss compares
Batches = Callable[[int], Batch]  # step -> batch


class Shuffled:
    """Gives `batch_size` examples per step, in an order drawn from seed and epoch; a short rest is left out."""

    def __init__(
        self,
        examples: Sequence[Any] | torch.utils.data.Dataset[Any],
        batch_size: int,
        seed: int = 0,
        collate: Callable[[list[Any]], Batch] = torch.utils.data.default_collate,
    ) -> None:
        self._examples, self._batch_size, self._seed, self._collate = examples, batch_size, seed, collate
        self._count = len(examples)  # type: ignore[arg-type]
        if not 1 <= batch_size <= self._count:
            raise InputError(f"batch_size must be 1 to {self._count}, the number of examples; got {batch_size}")
        self._order: tuple[int, list[int]] = (-1, [])

    @property
    def settings(self) -> dict[str, int]:
        """Returns what a resumed run must have in common with the one that began."""
        return {"examples": self._count, "batch_size": self._batch_size, "seed": self._seed}

    @property
    def steps_per_epoch(self) -> int:
        return self._count // self._batch_size

    def __call__(self, step: int) -> Batch:
        epoch, place = divmod(step, self.steps_per_epoch)
        if self._order[0] != epoch:
            # numpy's, because torch's generator takes the low 32 bits of a seed only
            self._order = (epoch, numpy.random.default_rng((self._seed, epoch)).permutation(self._count).tolist())
        chosen = self._order[1][place * self._batch_size : (place + 1) * self._batch_size]
        return self._collate([self._examples[i] for i in chosen])
