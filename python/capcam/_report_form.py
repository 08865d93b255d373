# SPDX-License-Identifier: Apache-2.0
"""Checks what a report must hold before anything is drawn from it, because reports come from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ._errors import InputError
from ._printable import printable

STATES = ("busy", "starved", "blocked")
LARGEST = 1e300  # beyond it sums are no longer finite
SHOWN = 20  # problems

# (value, its place, problems): adds what is wrong.
Form = Callable[[Any, str, list[str]], None]


def _wrong(value: Any, place: str, expected: str, problems: list[str]) -> None:
    got = repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    problems.append(f"{printable(place)}: expected {expected}, got {printable(got[:80])}")


def number(value: Any, place: str, problems: list[str]) -> None:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not (-LARGEST < value < LARGEST):
        _wrong(value, place, "a finite number", problems)


def amount(value: Any, place: str, problems: list[str]) -> None:
    number(value, place, problems)
    if isinstance(value, int | float) and value < 0:
        _wrong(value, place, "0 or more", problems)


def text(value: Any, place: str, problems: list[str]) -> None:
    if not isinstance(value, str):
        _wrong(value, place, "a text", problems)


def optional(form: Form) -> Form:
    return lambda value, place, problems: None if value is None else form(value, place, problems)


def section(**keys: Form) -> Form:
    """Checks a section with these keys, and others that nobody reads."""

    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            return _wrong(value, place, "a section", problems)
        for key, form in keys.items():
            form(value.get(key), f"{place}.{key}" if place else key, problems)
        return None

    return check


def by_name(form: Form) -> Form:
    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            return _wrong(value, place, "a section", problems)
        for key, one in value.items():
            form(one, f"{place}.{key}", problems)
        return None

    return check


def list_of(form: Form) -> Form:
    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            return _wrong(value, place, "a list", problems)
        for i, one in enumerate(value):
            form(one, f"{place}[{i}]", problems)
        return None

    return check


def plain(value: Any, place: str, problems: list[str]) -> None:
    """Checks a value of a configuration."""
    if not isinstance(value, str | int | float | bool | None):
        _wrong(value, place, "a number, a text or a truth value", problems)


def anything(_: Any, __: str, ___: list[str]) -> None:
    pass


def _keys(value: Any, place: str, problems: list[str]) -> None:
    """Checks the keys of a configuration: plain, or in sections."""
    (by_name(plain) if isinstance(value, dict) else plain)(value, place, problems)


_figures = optional(section(selection_recall=number, cosine=number, relative_l2=number, worst_head_cosine=number))
_costs = {"total": number, "components": by_name(number)}

_report = section(
    config=by_name(_keys),
    trace=section(
        path=optional(text), model=optional(text), sha256=optional(text), layers=list_of(amount), batch=amount,
        heads=amount, queries=amount, keys=amount, head_dim=amount,
    ),
    cycles=section(
        total=amount,
        time_us=optional(number),
        stages=by_name(section(**dict.fromkeys(STATES, amount), units=optional(amount))),
    ),
    counts=by_name(anything),
    energy_pj=section(**_costs, on_chip=number, per_head_query=optional(number), leakage=optional(number)),
    area_um2=section(**_costs),
    accuracy=section(exact=_figures, ideal=_figures, share=optional(number)),
    cards=list_of(section(technology_nm=optional(number), instances=optional(number))),
    throughput=optional(section(queries_per_ms=optional(number))),
    power_mw=optional(section(total=optional(number), on_chip=optional(number))),
    efficiency=optional(section(tops_per_w=optional(number))),
    warnings=optional(list_of(text)),
    drawn=optional(list_of(section(
        figure=text, unit=text, value=amount, low=amount, median=amount, high=amount,
        by_cards=list_of(section(cards=text, low=amount, high=amount)),
    ))),
)  # fmt: skip


def check_report(report: Any, place: Path | str, schema: str) -> dict[str, Any]:
    """Returns the report, if it is one. Raises InputError with every key that is not what it should be."""
    if not isinstance(report, dict) or report.get("schema") != schema:
        raise InputError(f"{place}: expected a report of schema {schema}")
    problems: list[str] = []
    _report(report, "", problems)
    if problems:
        more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise InputError("\n  ".join([f"{place}: not a whole report", *problems[:SHOWN], *more]))
    return report
