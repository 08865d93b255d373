# SPDX-License-Identifier: Apache-2.0
"""A table of results over seeds, in Markdown."""

from __future__ import annotations

import statistics


def spread(values: list[float], digits: int) -> str:
    """Mean, and the sample standard deviation over seeds: "97.3 +- 0.4"."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} +- {statistics.stdev(values):.{digits}f}"


def markdown_table(title: str, results: list[dict[str, float]], digits: int) -> str:
    """A row for each key, a column for each seed."""
    lines = [f"| {title} | mean +- sd | " + " | ".join(f"run {n}" for n in range(1, len(results) + 1)) + " |"]
    lines.append("|---|" + "---|" * (len(results) + 1))
    for name in results[0]:
        values = [result[name] for result in results]
        lines.append(f"| {name} | {spread(values, digits)} | " + " | ".join(f"{v:.{digits}f}" for v in values) + " |")
    return "\n".join(lines)
