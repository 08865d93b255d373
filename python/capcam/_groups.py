# SPDX-License-Identifier: Apache-2.0
"""Tells which coarse stage a component works for (docs/timing.md), for figures that show them together."""

from __future__ import annotations

STAGE_OF = {
    **dict.fromkeys(
        ["query_buffer", "key_sram", "cam_array", "converter", "score_scaler", "tile_selector", "candidate_register"],
        "association",
    ),
    **dict.fromkeys(
        ["merger", "exp_table", "softmax_accumulator", "softmax_divider", "output_buffer"], "normalization"
    ),
    **dict.fromkeys(["value_sram", "value_mac"], "contextualization"),
    "dram": "memory",
}
GROUPS = ("association", "normalization", "contextualization", "memory", "other")


def group_of(component: str) -> str:
    """Returns the stage, or "other" for what belongs to no single stage (leakage, control)."""
    return STAGE_OF.get(component, "other")


def words(name: str) -> str:
    """Writes a name of a report as people write it."""
    return name.replace("_", " ")
