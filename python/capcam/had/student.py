# SPDX-License-Identifier: Apache-2.0
"""A student is a model, its sigmas and N. It runs with HAD attention in torch and is saved as one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model

from .._errors import InputError
from .._layers import Layer, LayerSettings
from .._machine import Machine
from .._settings import Config, Settings
from .adapter import Adapter, AttentionCall
from .attention import had_attention
from .biases import give_biases
from .binary import bit
from .in_loop import InLoop
from .sigma import Sigmas, from_metadata, of_part, to_metadata

FORMAT = {"format": "capcam-had-student", "version": "1"}


@dataclass(frozen=True)
class Student:
    adapter: Adapter
    sigmas: Sigmas
    top_n: int
    layers: LayerSettings = field(default_factory=dict)  # what some layers' machines have of their own

    @property
    def model(self) -> torch.nn.Module:
        return self.adapter.model

    @contextmanager
    def attention(
        self, config: Config | Machine | None = None, *, set: Settings | None = None
    ) -> Iterator[torch.nn.Module]:
        """Within the context the model attends in torch as hardware does.

        Without a configuration that is ideal hardware: one-bit Q and K, the best N of all keys, fp32 softmax and V.
        With one it is the machine as it is nominally: its tiles, the placement of keys, codes of its converter and its
        number formats, but no error of its circuit. `top_n.n` is the student's, unless set= or its layers say another.
        """
        if config is None and set:
            raise InputError("Student.attention: set= changes a configuration, and none is given")
        loop = InLoop(config, set={"top_n.n": self.top_n, **(set or {})}, top_n=self.top_n, layers=self.layers)

        def attend(call: AttentionCall) -> torch.Tensor:
            return had_attention(call, self.sigmas[call.layer], loop.rules(call.layer), bit).output

        with self.adapter.using(attend):
            yield self.model

    def hardware(self, config: Any = "camformer", **options: Any) -> AbstractContextManager[Any]:
        """Within the context the model's attention is the simulated hardware, with the student's sigmas and N.

        ::

            with student.hardware("pvt", set={"sensing.corner": "ss"}, seed=3) as hw:
                output = student.model(**inputs)
            print(hw.cycles, hw.energy_pj)

        config, set, seed, threads: these are as in `capcam.attention`; `set={"top_n.n": ...}` changes N, and what the
        student's `layers` say goes before. Yields that `capcam.attention`. No gradient flows through the hardware.
        """
        from .hardware import on_hardware

        return on_hardware(self, config, **options)

    @property
    def sigma_q(self) -> Mapping[Layer, float]:
        """Returns sigma_q by layer, as `capcam.attention` and `capcam.make_trace` take it."""
        return {layer: sigma.q for layer, sigma in self.sigmas.items()}

    @property
    def sigma_k(self) -> Mapping[Layer, float]:
        return {layer: sigma.k for layer, sigma in self.sigmas.items()}

    def metadata(self, part: str | None = None) -> dict[str, str]:
        """Returns sigma_q.<l> and sigma_k.<l>, as a trace's metadata carries them.

        part: "encoder", "decoder" or "cross", of a student whose layers have names of parts.
        """
        return to_metadata(self.sigmas if part is None else of_part(self.sigmas, part))

    def save(self, path: str | Path) -> None:
        """Saves weights, sigmas, N and the layers' own settings in one safetensors file."""
        own = {str(layer): dict(settings) for layer, settings in self.layers.items()}
        metadata = FORMAT | {"top_n": str(self.top_n), "layers": json.dumps(own)} | self.metadata()
        save_model(self.model, str(path), metadata=metadata)


def load_student(path: str | Path, adapter: Adapter) -> Student:
    """Reads a saved student's weights into the adapter's model, which must be of the same architecture."""
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata, names = file.metadata() or {}, set(file.keys())
    except SafetensorError as error:
        raise InputError(f"{path}: not a safetensors file ({error})") from error
    if any(metadata.get(key) != value for key, value in FORMAT.items()):
        raise InputError(f"{path}: not a saved student (its metadata says format {metadata.get('format')!r})")
    give_biases(adapter.model, names)
    load_model(adapter.model, str(path))
    own = json.loads(metadata.get("layers", "{}"))
    layers = {int(name) if name.isdigit() else name: settings for name, settings in own.items()}
    return Student(adapter, from_metadata(metadata), int(metadata["top_n"]), layers)
