# SPDX-License-Identifier: Apache-2.0
"""Shows texts of others on a terminal; what would steer it is written out."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Writes every control, bidirectional mark and lone surrogate as its number; lines and tabs stay."""
    return "".join(c if c in "\n\t" or not _steers(c) else f"\\u{ord(c):04x}" for c in text)


def _steers(c: str) -> bool:
    return unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")
