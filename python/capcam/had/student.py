# SPDX-License-Identifier: Apache-2.0
"""A student is a model, its sigmas and N. It runs with HAD attention in torch and is saved as one safetensors file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model

from .._errors import InputError
from .adapter import Adapter, AttentionCall
from .attention import had_attention
from .binary import bit
from .sigma import Sigmas, from_metadata, to_metadata

FORMAT = {"format": "capcam-had-student", "version": "1"}


@dataclass(frozen=True)
class Student:
    adapter: Adapter
    sigmas: Sigmas
    top_n: int

    @property
    def model(self) -> torch.nn.Module:
        return self.adapter.model

    @contextmanager
    def attention(self) -> Iterator[torch.nn.Module]:
        """Within the context the model attends as ideal hardware does (one-bit Q and K, top N, fp32 softmax and V)."""

        def attend(call: AttentionCall) -> torch.Tensor:
            return had_attention(call, self.sigmas[call.layer], self.top_n, bit).output

        with self.adapter.using(attend):
            yield self.model

    def hardware(self, config: Any = "camformer", **options: Any) -> AbstractContextManager[Any]:
        """Within the context the model's attention is the simulated hardware, with the student's sigmas and N.

        ::

            with student.hardware("pvt", set={"sensing.corner": "ss"}, seed=3) as hw:
                output = student.model(**inputs)
            print(hw.cycles, hw.energy_pj)

        config, set, seed, threads: these are as in `capcam.attention`; `set={"top_n.n": ...}` changes N. Yields that
        `capcam.attention`. No gradient flows through the hardware.
        """
        from .hardware import on_hardware

        return on_hardware(self, config, **options)

    @property
    def sigma_q(self) -> Mapping[int | str, float]:
        """Returns sigma_q by layer, as `capcam.attention` and `capcam.make_trace` take it."""
        return {layer: sigma.q for layer, sigma in self.sigmas.items()}

    @property
    def sigma_k(self) -> Mapping[int | str, float]:
        return {layer: sigma.k for layer, sigma in self.sigmas.items()}

    def metadata(self) -> dict[str, str]:
        """Returns sigma_q.<l> and sigma_k.<l>, as a trace's metadata carries them."""
        return to_metadata(self.sigmas)

    def save(self, path: str | Path) -> None:
        """Saves weights, sigmas and N in one safetensors file."""
        save_model(self.model, str(path), metadata=FORMAT | {"top_n": str(self.top_n)} | self.metadata())


def load_student(path: str | Path, adapter: Adapter) -> Student:
    """Reads a saved student's weights into the adapter's model, which must be of the same architecture."""
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise InputError(f"{path}: not a safetensors file ({error})") from error
    if any(metadata.get(key) != value for key, value in FORMAT.items()):
        raise InputError(f"{path}: not a saved student (its metadata says format {metadata.get('format')!r})")
    load_model(adapter.model, str(path))
    return Student(adapter, from_metadata(metadata), int(metadata["top_n"]))
