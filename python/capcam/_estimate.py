# SPDX-License-Identifier: Apache-2.0
"""Measures scales of binarised queries and keys over data, so that no batch, padding or cache changes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch

from . import _checks
from ._errors import InputError
from ._hook import watching
from ._padding import deviations
from ._watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._calls import AttentionCall


@dataclass(frozen=True)
class Sigmas:
    """Has sigmas by layer ("encoder.3"), for sigma_q= and sigma_k= of `capcam.attention` and `capcam.evaluate`."""

    q: dict[int | str, float]
    k: dict[int | str, float]


def estimate_sigmas(
    model: Any,
    data: Iterable[Mapping[str, Any]],
    *,
    batches: int = 100,
    part: str | None = None,
    match: str | None = None,
) -> Sigmas:
    """Measures sigma_q and sigma_k of each layer: the mean over batches of the deviations of Q and K, without padding.

    ::

        sigmas = capcam.estimate_sigmas(model, data)
        with capcam.attention("camformer", sigma_q=sigmas.q, sigma_k=sigmas.k) as hw:
            model(**inputs)

    model: it is called as model(**batch) without the batch's "labels", in full precision and in evaluation mode.
    data: this is as in capcam.evaluate; the first `batches` of it are used (100: HAD, arXiv 2502.01770).
    part, match: these and the layers' names are as in capcam.attention.

    Raises InputError if there are no data, or attention goes past (see capcam.attention).
    """
    wanted = _checks.integer("batches", batches, 1, 2**32 - 1)
    found: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {}

    def measure(call: AttentionCall) -> None:
        found.setdefault(call.key, []).append(deviations(call))

    watch = Watch(measure, part=part, match=match, name="capcam.estimate_sigmas", answers=False)
    with evaluating(model), torch.no_grad(), watching(watch):
        count = 0
        for batch in islice(data, wanted):
            model(**{key: value for key, value in batch.items() if key != "labels"})
            count += 1
    if count == 0:
        raise InputError("data: expected at least one batch, got none")
    watch.check("measured")
    means = {key: [float(torch.stack(column).mean()) for column in zip(*pairs)] for key, pairs in found.items()}
    if flat := [key for key, mean in means.items() if not all(0 < sigma < math.inf for sigma in mean)]:
        raise InputError(f"queries or keys of {', '.join(flat)} have no positive, finite deviation")
    return Sigmas(q={key: mean[0] for key, mean in means.items()}, k={key: mean[1] for key, mean in means.items()})


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Sets the model to evaluation mode, and each of its modules back to its own mode afterwards."""
    modules = list(model.modules()) if isinstance(model, torch.nn.Module) else []
    training = [module for module in modules if module.training]
    if training:
        model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
