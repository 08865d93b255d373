# SPDX-License-Identifier: Apache-2.0
"""Checks arguments as the command line does: a number of another kind is refused, never rounded or guessed.

Numbers of numpy and torch count as the numbers they hold.
"""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable
from typing import Any

from ._errors import InputError

POSITIONS = 2**32 - 1  # the largest position of a trace
SEEDS = 2**64 - 1
THREADS = 2**32 - 1


def integer(name: str, value: Any, least: int, most: int) -> int:
    """Checks a whole number from least to most."""
    plain = _plain(value)
    try:
        number = None if isinstance(plain, bool) else operator.index(plain)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        raise InputError(f"{name}: expected an integer from {least} to {most}, got {value!r}")
    return number


def truth(name: str, value: Any) -> bool:
    plain = _plain(value)
    if not isinstance(plain, bool):
        raise InputError(f"{name}: expected True or False, got {value!r}")
    return plain


def share(name: str, value: Any) -> float:
    number = _number(value)
    if number is None or not 0.0 <= number <= 1.0:
        raise InputError(f"{name}: expected a share from 0 to 1, got {value!r}")
    return number


def above_zero(name: str, value: Any) -> float:
    number = _number(value)
    if number is None or not (math.isfinite(number) and number > 0.0):
        raise InputError(f"{name}: expected a finite number above 0, got {value!r}")
    return number


def seed(value: Any, name: str = "seed") -> int:
    return integer(name, value, 0, SEEDS)


def threads(value: Any) -> int:
    return integer("threads", value, 0, THREADS)


def one_of(name: str, value: Any, choices: Iterable[str]) -> Any:
    known = list(choices)
    if value in known:
        return value
    close = difflib.get_close_matches(str(value), known, 1)
    hint = f"\n  did you mean {close[0]!r}?" if close else ""
    raise InputError(f"{name}: expected {' or '.join(map(repr, known))}, got {value!r}{hint}")


def _number(value: Any) -> float | None:
    plain = _plain(value)
    return float(plain) if isinstance(plain, int | float) and not isinstance(plain, bool) else None


def _plain(value: Any) -> Any:
    """Returns the Python number that a number of numpy or torch holds."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        return value.item()
    return value
