# SPDX-License-Identifier: Apache-2.0
"""A table of results over seeds, in Markdown."""

from __future__ import annotations

import statistics


def seeds(text: str) -> list[int]:
    """What --seeds says: whole numbers, separated by commas."""
    return [int(part) for part in text.split(",")]


def spread(values: list[float], digits: int) -> str:
    """Mean, and the sample standard deviation over seeds: "97.3 +- 0.4"."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} +- {statistics.stdev(values):.{digits}f}"


def markdown_table(title: str, results: dict[int, dict[str, float]], digits: int) -> str:
    """A row for each name, a column for each seed of `results`."""
    lines = [f"| {title} | mean +- sd | " + " | ".join(f"seed {seed}" for seed in results) + " |"]
    lines.append("|---|" + "---|" * (len(results) + 1))
    for name in next(iter(results.values())):
        values = [result[name] for result in results.values()]
        lines.append(f"| {name} | {spread(values, digits)} | " + " | ".join(f"{v:.{digits}f}" for v in values) + " |")
    return "\n".join(lines)
