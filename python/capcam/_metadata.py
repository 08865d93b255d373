# SPDX-License-Identifier: Apache-2.0
"""Keeps what a capture says of a trace in words of its own apart from misspelt settings."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from ._errors import InputError

# What torch, transformers and others call the settings of a trace.
_OTHER_NAMES = {
    "is_causal": "causal",
    "scaling": "scale",
    "softmax_scale": "scale",
    "sm_scale": "scale",
    "sliding_window": "window",
    "window_size": "window",
    "local_window": "window",
    "attn_mask": "mask",
    "attention_mask": "mask",
    "key_padding_mask": "mask",
    "padding_mask": "mask",
    "offset": "query_offset",
    "position_offset": "query_offset",
    "cache_position": "query_offset",
    "past_length": "query_offset",
    "sigma": "sigma_q or sigma_k",
}
# What a trace file says by these keys is checked where it is read; the key of one layer is as good as that of all.
_OF_A_LAYER = ("sigma_q.", "sigma_k.", "window.", "scale.")


def checked(metadata: Mapping[str, Any], settings: Iterable[str], place: str) -> dict[str, str]:
    """Returns metadata as texts. Raises InputError for names that mean, or nearly are, one of the settings.

    settings: the names that `place` has; other kinds of value than texts and numbers are no metadata.
    """
    known = list(settings)
    problems = []
    for name, value in metadata.items():
        if name.startswith(_OF_A_LAYER):
            continue
        close = difflib.get_close_matches(name, known, 1, cutoff=0.8)
        meant = _OTHER_NAMES.get(name.lower()) or (close[0] if close else None)
        if meant is not None:
            problems.append(f"{name}: did you mean {meant}? Metadata needs another name")
        elif isinstance(value, bool) or not isinstance(value, str | int | float):
            problems.append(f"{name}: metadata is text, got {type(value).__name__}; {place} has no such setting")
    if problems:
        raise InputError("\n  ".join([f"{place}: arguments", *problems]))
    return {name: str(value) for name, value in metadata.items()}
