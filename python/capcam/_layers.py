# SPDX-License-Identifier: Apache-2.0
"""Names layers, and has the settings that some of them have of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ._errors import InputError
from ._settings import Settings

# A layer: its number, or "decoder.3" where parts of a model have layers of the same number.
Layer = int | str
# Changes to a machine for one layer (3, "decoder.3") or all of a part ("decoder"); what is said of a layer goes first.
LayerSettings = Mapping[Layer, Settings]

_NAME = re.compile(r"(encoder|decoder|cross)(\.\d+)?")


def number_of(layer: Layer) -> int:
    """Returns the number in a layer's name."""
    return layer if isinstance(layer, int) else int(layer.rpartition(".")[2])


def checked(layers: LayerSettings | None) -> LayerSettings:
    """Raises InputError for a name that is none."""
    wrong = [name for name in layers or {} if not isinstance(name, int) and not _NAME.fullmatch(str(name))]
    if wrong:
        raise InputError(
            f"layers: expected a layer's number, a part (encoder, decoder, cross) or a part's layer ({'decoder.3'!r}), "
            f"got {', '.join(map(repr, wrong))}"
        )
    return layers or {}


def settings_of(layers: LayerSettings, layer: Layer) -> list[Settings]:
    """Returns what is said of a layer, the most special last: of its part, of its number, of its name."""
    names: list[Layer] = [layer] if isinstance(layer, int) else [layer.partition(".")[0], number_of(layer), layer]
    return [layers[name] for name in names if name in layers]
