# SPDX-License-Identifier: Apache-2.0
"""A sweep file as a space to search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capcam import InputError
from capcam.explore.space import axis_values, read_space

HEAD = 'base = "camformer"\ntraces = ["a.safetensors"]\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    return path


def test_grids_are_crossed_and_linked_keys_vary_together(tmp_path: Path) -> None:
    text = HEAD + '[grid]\n"array.rows" = [8, 16]\n[linked]\n"top_n.n" = [4, 8, 16]\n"top_n.tile_k" = [1, 2, 4]\n'
    space = read_space(written(tmp_path, text))
    points = list(space.points())
    assert space.size == len(points) == 2 * 3
    assert points[0] == {"array.rows": 8, "top_n.n": 4, "top_n.tile_k": 1}
    assert points[-1] == {"array.rows": 16, "top_n.n": 16, "top_n.tile_k": 4}
    assert {(p["top_n.n"], p["top_n.tile_k"]) for p in points} == {(4, 1), (8, 2), (16, 4)}


def test_sections_and_dotted_keys_say_the_same(tmp_path: Path) -> None:
    one = read_space(written(tmp_path, HEAD + '[grid]\n"array.rows" = [8, 16]\n'))
    other = read_space(written(tmp_path, HEAD + "[grid.array]\nrows = {from = 8, to = 16, step = 8}\n"))
    assert one.axes == other.axes


@pytest.mark.parametrize(
    ("value", "values"),
    [
        ([8, 16], [8, 16]),
        (["sar", "flash"], ["sar", "flash"]),
        ({"from": 8, "to": 64, "factor": 2}, [8, 16, 32, 64]),
        ({"from": 3, "to": 8, "step": 2}, [3, 5, 7]),
        ({"from": 5, "to": 5, "step": 1}, [5]),
        ({"from": 0.1, "to": 0.3, "step": 0.1}, [0.1, 0.2, 0.3]),  # though 3 * 0.1 is more than 0.3
        ({"from": 1, "to": 2, "step": 0.5}, [1.0, 1.5, 2.0]),
    ],
)
def test_values_of_an_axis(value: Any, values: list[Any]) -> None:
    got = axis_values(value)
    assert got == pytest.approx(values) if isinstance(values[0], float) else got == values
    assert [type(v) for v in got] == [type(v) for v in values]


@pytest.mark.parametrize(
    "value",
    [
        [],
        8,
        [[1]],
        {"from": 1, "to": 2},
        {"from": 1, "to": 2, "step": 1, "factor": 2},
        {"from": 2, "to": 1, "step": 1},
        {"from": 1, "to": 2, "step": 0},
        {"from": 0, "to": 2, "factor": 2},
        {"from": 1, "to": 2, "factor": 1},
        {"from": 1, "to": float("inf"), "step": 1},
        {"from": 0, "to": 1e9, "step": 1},
    ],
)
def test_what_is_no_axis_is_refused(value: Any) -> None:
    with pytest.raises(InputError):
        axis_values(value)


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = (
        'traces = []\nwhere = "1 <"\nobjectives = ["energy"]\n[same]\n"array.rows" = 8\n'
        '[grid]\n"array.rows" = [8]\n"array.columns" = 3\n[linked]\na = [1, 2]\nb = [1]\n[[points]]\na = 1\n'
    )
    with pytest.raises(InputError) as refused:
        read_space(written(tmp_path, text))
    told = "\n".join(refused.value.problems)
    for what in (
        "base: required",
        "traces: expected",
        "where: ",
        "'energy'",
        "array.rows: is held equal",
        "array.columns: expected a list",
        "[linked]: a has 2 values, b has 1 values",
        "[[points]]",
    ):
        assert what in told


def test_a_file_without_a_space_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to search"):
        read_space(written(tmp_path, HEAD))
    with pytest.raises(InputError, match="No such file"):
        read_space(tmp_path / "none.toml")
    with pytest.raises(InputError, match="Invalid value"):
        read_space(written(tmp_path, "base ="))
