# SPDX-License-Identifier: Apache-2.0
"""Reads the space that a sweep file spans: [grid] and [linked] are its axes, `where` says which points are wanted."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from .._errors import InputError
from .._files import read_limited
from .._objective import DEFAULT_OBJECTIVES, Objective, read_objectives
from .where import Where

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LARGEST = 1 << 24  # bytes of a sweep file

Value = bool | int | float | str
Assignment = dict[str, Value]  # dotted keys
T = TypeVar("T")


@dataclass(frozen=True)
class Axis:
    """Keys that vary together: in step i they have the values steps[i]."""

    steps: list[Assignment]

    @property
    def name(self) -> str:
        return " & ".join(self.steps[0])

    @property
    def values(self) -> list[Value]:
        """Returns each step as a study stores it: the value, or the values of linked keys as one text."""
        return [
            next(iter(step.values())) if len(step) == 1 else " & ".join(map(str, step.values())) for step in self.steps
        ]


def point_at(axes: Sequence[Axis], chosen: Mapping[str, Value]) -> Assignment:
    """Returns the keys that vary, at one value of each axis. Raises LookupError for a value that no axis has."""
    point: Assignment = {}
    for axis in axes:
        try:
            point |= axis.steps[axis.values.index(chosen[axis.name])]
        except ValueError:
            raise LookupError(f"{axis.name}: no step is {chosen[axis.name]!r}") from None
    return point


@dataclass(frozen=True)
class Space:
    path: Path
    base: str
    traces: list[Path]
    axes: list[Axis]
    same: Assignment = field(default_factory=dict)
    where: Where | None = None
    layers: str | None = None
    seed: int = 1
    accuracy: float = 1.0
    objectives: list[Objective] = field(default_factory=lambda: list(DEFAULT_OBJECTIVES))

    @property
    def size(self) -> int:
        """Returns the number of combinations, before `where`."""
        return math.prod(len(axis.steps) for axis in self.axes)

    def point(self, chosen: Mapping[str, Value]) -> Assignment:
        """Returns the keys that vary, at one value of each axis."""
        return point_at(self.axes, chosen)

    def points(self) -> Iterator[Assignment]:
        """Gives every combination, before `where`, in the order of `capcam sweep`."""
        for steps in itertools.product(*(axis.steps for axis in self.axes)):
            yield {key: value for step in steps for key, value in step.items()}

    def choices(self) -> Iterator[Assignment]:
        """Gives the same as a study stores them: a value on each axis, by the axis's name."""
        names = [axis.name for axis in self.axes]
        for values in itertools.product(*(axis.values for axis in self.axes)):
            yield dict(zip(names, values, strict=True))

    def wanted(self, point: Assignment, base: Assignment) -> bool:
        """Returns true if `where` lets the point be; the other keys are those of `base`."""
        return self.where is None or self.where.holds(base | point)


def read_space(path: Path | str) -> Space:
    """Reads a sweep file.

    Raises InputError with every problem of the file. Values of keys are checked when points are simulated.
    """
    path = Path(path)
    return _Reader(path, _document(path, ())).read()


def _document(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """Reads a TOML file with what it `extends` under it; `above` are the files that led here."""
    content = read_limited(path, LARGEST)
    try:
        document: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from None
    base = document.pop("extends", None)
    if base is None:
        return document
    if not isinstance(base, str):
        raise InputError(f"{path}: extends: expected a TOML file, relative to this one")
    under = path.parent / base
    if under.resolve() in (one.resolve() for one in (*above, path)):
        raise InputError(f"{path}: extends: circular: {under}")
    return _merged(_document(under, (*above, path)), document)


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Sections are joined key by key; other values of `over` stand in the place of those of `under`."""
    result = dict(under)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


class _Reader:
    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self._path, self._document = path, document
        self._problems: list[str] = []

    def read(self) -> Space:
        document = self._document
        axes = [*self._grid(), *self._linked()]
        if not axes and not self._problems:
            self._problems.append("[grid] or [linked]: expected at least one: there is nothing to search")
        if "points" in document:
            self._problems.append("[[points]]: a list is no space to search; capcam sweep simulates it")
        same = dict(_keys(self._table("same")))
        self._check_keys(axes, same)
        where = self._tried(lambda: Where(str(document["where"])) if document.get("where") else None)
        objectives = self._tried(lambda: read_objectives(document.get("objectives", DEFAULT_OBJECTIVES)))
        traces = document.get("traces")
        if not isinstance(traces, list) or not traces or not all(isinstance(trace, str) for trace in traces):
            self._problems.append("traces: expected a list of texts")
            traces = []
        base = self._plain("base", str, None)
        seed, accuracy = self._plain("seed", int, 1), self._plain("accuracy", int | float, 1.0)
        layers = self._plain("layers", str, "")
        if self._problems:
            count = f"{len(self._problems)} problem{'' if len(self._problems) == 1 else 's'}"
            raise InputError("\n  ".join([f"{count} in the sweep {self._path}", *self._problems]))
        return Space(
            path=self._path,
            base=str(self._beside(base)),
            traces=[self._beside(trace) for trace in traces],
            axes=axes,
            same=same,
            where=where,
            layers=layers or None,
            seed=seed,
            accuracy=float(accuracy),
            objectives=objectives or [],
        )

    def _tried(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (InputError, TypeError) as error:
            self._problems += getattr(error, "problems", None) or [str(error)]
            return None

    def _plain(self, name: str, kind: Any, default: Any) -> Any:
        value = self._document.get(name, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self._problems.append(f"{name}: required, but not given" if value is None else f"{name}: got {value!r}")
        return value

    def _beside(self, given: str) -> Path:
        """A path is relative to the file that has it; a name that is not there may be a shipped one."""
        path = self._path.parent / given
        return path if path.exists() else Path(given)

    def _table(self, name: str) -> dict[str, Any]:
        table = self._document.get(name, {})
        if isinstance(table, dict):
            return table
        self._problems.append(f"[{name}]: expected a section")
        return {}

    def _grid(self) -> Iterator[Axis]:
        for key, value in _keys(self._table("grid")):
            if values := self._values(key, value):
                yield Axis([{key: one} for one in values])

    def _linked(self) -> Iterator[Axis]:
        groups = self._document.get("linked", [])
        for group in groups if isinstance(groups, list) else [groups]:
            if not isinstance(group, dict):
                self._problems.append("[linked]: expected a section, or several [[linked]]")
                return
            columns = {key: self._values(key, value) for key, value in _keys(group)}
            lengths = {len(values) for values in columns.values() if values}
            if len(lengths) > 1:
                text = ", ".join(f"{key} has {len(values)} values" for key, values in columns.items())
                self._problems.append(f"[linked]: {text}: linked keys vary together")
            elif lengths and all(columns.values()):
                yield Axis([dict(zip(columns, step, strict=True)) for step in zip(*columns.values(), strict=True)])

    def _values(self, key: str, value: Any) -> list[Value]:
        try:
            return axis_values(value)
        except InputError as error:
            self._problems.append(f"{key}: {error}")
            return []

    def _check_keys(self, axes: list[Axis], same: Assignment) -> None:
        varied: set[str] = set()
        for key in (key for axis in axes for key in axis.steps[0]):
            if key in same:
                self._problems.append(f"{key}: is held equal by [same] and varied")
            if key in varied:
                self._problems.append(f"{key}: varies twice")
            varied.add(key)


def axis_values(value: Any) -> list[Value]:
    """Returns the values of a list of plain values, or of a range {from, to, step} or {from, to, factor}.

    Raises InputError.
    """
    if isinstance(value, dict):
        return _range(value)
    if not isinstance(value, list) or not value or not all(isinstance(one, bool | int | float | str) for one in value):
        raise InputError("expected a list of plain values, or a range {from, to, step} or {from, to, factor}")
    return value


def _range(value: dict[str, Any]) -> list[Value]:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value.values())
    if not numbers or set(value) not in ({"from", "to", "step"}, {"from", "to", "factor"}):
        raise InputError("expected a range {from, to, step} or {from, to, factor}, all of them finite numbers")
    first, last = value["from"], value["to"]
    by_step = "step" in value
    change = value["step"] if by_step else value["factor"]
    if first > last:
        raise InputError(f"from ({first}) is more than to ({last})")
    if by_step and change <= 0:
        raise InputError(f"step: expected more than 0, got {change}")
    if not by_step and (change <= 1 or first <= 0):
        raise InputError("a range with a factor: expected from more than 0 and factor more than 1")
    # Steps that end at `to` but for rounding do end there.
    steps = (last - first) / change if by_step else math.log(last / first) / math.log(change)
    count = math.floor(steps + 1e-9) + 1
    if count > 100_000:
        raise InputError("more than 100000 values")
    if by_step:  # in decimals, so that 0.1 and twice 0.1 make 0.3
        values = [float(Decimal(repr(first)) + i * Decimal(repr(change))) for i in range(count)]
    else:
        values = [first * change**i for i in range(count)]
    whole = isinstance(first, int) and isinstance(change, int)
    return [int(v) for v in values] if whole else [min(float(v), float(last)) for v in values]


def _keys(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Sections within sections become dotted keys; a range is a value."""
    for name, value in table.items():
        if isinstance(value, dict) and not {"from", "to", "step", "factor"} & set(value):
            yield from _keys(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
