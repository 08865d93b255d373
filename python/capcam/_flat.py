# SPDX-License-Identifier: Apache-2.0
"""Makes one row of a table of a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns a report's numbers and strings by dotted key; lists are left out."""
    row: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            row |= flat(value, f"{prefix}{key}.")
        elif not isinstance(value, list):
            row[prefix + key] = value
    return row
