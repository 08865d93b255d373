# SPDX-License-Identifier: Apache-2.0
"""Makes the table of cards, which says where every energy and area comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._groups import words
from .._units import number
from .html import Cell, Row, table


def cards_table(cards: Iterable[dict[str, Any]]) -> str:
    rows: list[Row] = [
        [
            words(str(card.get("component", ""))),
            str(card.get("module") or card.get("card", "")),
            Cell(number(card.get("technology_nm")), card.get("technology_nm")),
            str(card.get("evidence", "")),
            Cell(str(card.get("instances", "")), card.get("instances")),
            " ".join(f"{str(card[key]).rstrip('.')}." for key in ("source", "remark") if card.get(key)),
        ]
        for card in cards
    ]
    return table(["component", "module", "nm", "evidence", "instances", "source"], rows, name="cards")
