# SPDX-License-Identifier: Apache-2.0
"""The condition of a sweep file means in Python what it means to `capcam sweep`."""

from __future__ import annotations

import pytest

from capcam import InputError
from capcam.explore.where import Where

KEYS = {
    "array.rows": 16,
    "array.count": 1,
    "sensing.kind": "sar",
    "pipeline.query_overlap": False,
    "memory.bandwidth_gb_s": "inf",
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("array.rows == 16", True),
        ("array.rows * array.count < 16", False),
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9", True),
        ("-array.rows % 5 == -1", True),  # the sign of what is divided, as in C
        ("7 / 2 == 3.5", True),
        ("sensing.kind == 'sar' and not pipeline.query_overlap", True),
        ('sensing.kind != "flash"', True),
        ("true or false", True),
        ("pipeline.query_overlap == false", True),
        ("not array.rows == 16 or array.count == 1", True),  # not binds looser than ==, tighter than or
        ("memory.bandwidth_gb_s > 1e300", True),
        ("1 / 0 > 1", True),
        ("08 == 8", True),
        ("007.50 == 7.5", True),
        ("0.5 < .75", True),
        ("0 == 00", True),
        ("array.rows\n== 16", True),
    ],
)
def test_a_condition_holds(text: str, holds: bool) -> None:
    assert Where(text).holds(KEYS) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1_000 > 1",
        "0x10 == 16",
        "True",
        "array .rows == 16",
        "array.rows == 16 # note",
        "1e400 > 1",
        "1j == 1",
        "array.rows <",
        "1 < array.rows < 64",
        "array.rows ** 2 == 4",
        "array.rows // 2 == 4",
        "__import__('os').system('true')",
        "array.rows[0] == 1",
        "[1] == [1]",
        "array.rows if true else 1",
        "(lambda: 1) == 1",
        "f'{array.rows}' == '16'",
        "array.rows in (1, 2)",
        "x := 1",
        "(" * 5000,
    ],
)
def test_what_is_no_condition_is_refused_unread(text: str) -> None:
    with pytest.raises(InputError, match="where"):
        Where(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("array.rows", "expected a condition"),
        ("array.rows + 1", "expected a condition"),
        ("array.rowz == 1", "there is no key array.rowz"),
        ("array.rows == 'sar'", "compares a number with a text"),
        ("array.rows and true", "needs true or false, got a number"),
        ("sensing.kind < 3", "needs a number, got a text"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Where(text).holds(KEYS)


def test_it_names_its_keys_once() -> None:
    assert Where("a.b > 1 and a.b < c.d or true").keys == ["a.b", "c.d"]


def test_dividing_nothing_by_nothing_is_no_number() -> None:
    assert Where("0 / 0 == 0").holds({}) is False


@pytest.mark.parametrize(
    "text", ["true or nokey == 1", "false and missing.key == 1", "sensing.kind == 'sar' or lambda"]
)
def test_a_key_that_is_not_there_is_refused_though_nothing_depends_on_it(text: str) -> None:
    with pytest.raises(InputError, match="there is no key"):
        Where(text).holds(KEYS)
