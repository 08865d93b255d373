# SPDX-License-Identifier: Apache-2.0
"""Writes numbers as people read them: one unit for all numbers of a column, as many digits as matter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """Has a unit, and says how many of the base unit it is."""

    name: str
    size: float

    def column(self, values: Iterable[float | None]) -> list[str]:
        """Writes all with the same number of decimals, so that the largest has four digits."""
        scaled = [None if v is None or not math.isfinite(v) else v / self.size for v in values]
        largest = max((abs(v) for v in scaled if v is not None), default=0.0)
        decimals = 0 if largest == 0 else min(6, max(0, 3 - math.floor(math.log10(largest))))
        return ["–" if v is None else f"{v:,.{decimals}f}" for v in scaled]

    def text(self, value: float | None, digits: int = 3) -> str:
        return number(None if value is None else value / self.size, digits)


ENERGY = (Unit("pJ", 1.0), Unit("nJ", 1e3), Unit("µJ", 1e6), Unit("mJ", 1e9), Unit("J", 1e12))
AREA = (Unit("µm²", 1.0), Unit("mm²", 1e6))
TIME = (Unit("ns", 1e-3), Unit("µs", 1.0), Unit("ms", 1e3), Unit("s", 1e6))  # of microseconds


def fitting(units: tuple[Unit, ...], values: Iterable[float | None]) -> Unit:
    """Returns the largest unit that leaves the largest value at 1 or more (areas: 0.01 or more)."""
    largest = max((abs(v) for v in values if v is not None and math.isfinite(v)), default=0.0)
    least = 0.01 if units is AREA else 1.0
    return next((unit for unit in reversed(units) if largest >= least * unit.size), units[0])


def number(value: float | None, digits: int = 3) -> str:
    """Writes a number to so many digits, but whole parts whole, with thousands apart; "–" where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0 or (isinstance(value, int) and abs(value) >= 10**digits):
        return f"{value:,}" if isinstance(value, int) else "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    if decimals > 6:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{0 if isinstance(value, int) else decimals}f}"


def percent(share: float | None) -> str:
    return "–" if share is None or not math.isfinite(share) else f"{100 * share:.1f} %"
