# SPDX-License-Identifier: Apache-2.0
"""Which points no other beats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from capcam import InputError
from capcam._objective import Objective, pareto_front, read_objectives


def test_the_front_of_a_square_is_its_lower_right_corner() -> None:
    points = pd.DataFrame([(x, y) for x in range(4) for y in range(4)], columns=["cost", "gain"])
    front = pareto_front(points, read_objectives(["cost:min", "gain:max"]))
    assert points[front].to_numpy().tolist() == [[0, 3]]


def test_equal_points_are_all_on_the_front_and_incomplete_ones_never() -> None:
    points = pd.DataFrame({"a": [1.0, 1.0, 2.0, np.nan], "b": [2.0, 2.0, 1.0, 0.0]})
    assert pareto_front(points, [Objective("a"), Objective("b")]).tolist() == [True, True, True, False]


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_the_definition_says(seed: int) -> None:
    costs = np.random.default_rng(seed).integers(0, 5, (60, 3)).astype(float)
    points = pd.DataFrame(costs, columns=["a", "b", "c"])
    front = pareto_front(points, [Objective("a"), Objective("b", smaller_is_better=False), Objective("c")])
    signed = costs * [1, -1, 1]
    for row, on_front in zip(signed, front, strict=True):
        dominated = ((signed <= row).all(axis=1) & (signed < row).any(axis=1)).any()
        assert on_front == (not dominated)


def test_wrong_objectives_are_told_all_at_once() -> None:
    with pytest.raises(InputError) as refused:
        read_objectives(["energy", "a:best", "b:min", "b:max"])
    assert len(refused.value.problems) == 3
