# SPDX-License-Identifier: Apache-2.0
"""Keeps a distillation's state on disk, written so that a kill at any moment leaves a whole one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .._errors import InputError
from .._files import replacing
from .._layers import Layer
from .sigma import Sigma, Sigmas

FORMAT = "capcam-had-checkpoint/2"


@dataclass(frozen=True)
class Checkpoint:
    step: int  # the next to be done
    settings: dict[str, Any]  # what must be the same for the run to go on
    sigmas: Sigmas
    temperatures: dict[Layer, float]  # logarithms
    student: dict[str, Any]
    optimizer: dict[str, Any]

    def save(self, path: Path) -> None:
        content = {
            "format": FORMAT,
            "step": self.step,
            "settings": self.settings,
            "sigmas": {layer: (sigma.q, sigma.k) for layer, sigma in self.sigmas.items()},
            "temperatures": self.temperatures,
            "student": self.student,
            "optimizer": self.optimizer,
        }
        with replacing(path) as file:
            torch.save(content, file)

    @classmethod
    def load(cls, path: Path, settings: dict[str, Any]) -> Checkpoint:
        """Reads tensors and plain values only. Refuses a checkpoint of other settings, naming each that differs."""
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise InputError(f"{path}: not a readable checkpoint ({type(error).__name__})") from error
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise InputError(f"{path}: not a checkpoint of the format {FORMAT}")
        had = content["settings"]
        differing = [
            f"{key} was {had.get(key)!r}, is {settings.get(key)!r}"
            for key in sorted(had.keys() | settings.keys())
            if had.get(key) != settings.get(key)
        ]
        if differing:
            raise InputError(
                f"{path} belongs to another distillation (use another folder)"
                + "".join(f"\n  {one}" for one in differing)
            )
        sigmas = {layer: Sigma(*pair) for layer, pair in content["sigmas"].items()}
        return cls(content["step"], had, sigmas, content["temperatures"], content["student"], content["optimizer"])
