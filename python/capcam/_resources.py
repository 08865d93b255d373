# SPDX-License-Identifier: Apache-2.0
"""Finds the configs, models and traces of the package, and tells the engine of them before its first use."""

from __future__ import annotations

from pathlib import Path

from . import _engine as engine

__all__ = ["engine", "resource"]

# What a built package carries; a checkout that is built in place has none, and the engine then knows the source tree.
FOLDER = Path(__file__).parent / "share" / "capcam"
if FOLDER.is_dir():
    engine.name_resource_folder(FOLDER)


def resource(name: str) -> Path:
    """Returns the shipped file or folder of that name: ``resource("traces/minilm_origin.safetensors")``.

    It is looked for below ``$CAPCAM_DATA``, then in the package. Raises InputError naming the places looked at.
    """
    return Path(engine.find_resource(name))
