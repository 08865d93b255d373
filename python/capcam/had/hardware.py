# SPDX-License-Identifier: Apache-2.0
"""Runs a student on the simulated hardware, with its sigmas, its N and its attention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from .._attention import attention
from .._machine import Machine
from .adapter import AttentionCall
from .hardware_call import validity_of

if TYPE_CHECKING:
    from .student import Student

# The machine that computes what `Student.attention` does: no error, one selection over all keys, full precision.
IDEAL = {"sensing.kind": "ideal", "top_n.tile_k": 0, "softmax.format": "fp32", "value.format": "fp32"}


@contextmanager
def on_hardware(
    student: Student,
    config: Any = "camformer",
    *,
    set: Mapping[str, Any] | None = None,
    seed: int = 1,
    threads: int = 0,
) -> Iterator[attention]:
    """See `Student.hardware`."""
    machine = config if isinstance(config, Machine) else Machine(config, seed=seed)
    hardware = attention(
        machine.changed({"top_n.n": student.top_n}, set or {}),
        layers=student.layers,
        sigma_q=student.sigma_q,
        sigma_k=student.sigma_k,
        threads=threads,
    )

    def attend(call: AttentionCall) -> torch.Tensor:
        validity = validity_of(call)
        output: torch.Tensor = hardware(
            call.q,
            call.k,
            call.v,
            layer=call.layer,
            mask=validity.mask,
            causal=validity.causal,
            query_offset=validity.query_offset,
            window=validity.window,
            scale=call.scale,
        )
        return output

    with student.adapter.using(attend):
        yield hardware
