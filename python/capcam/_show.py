# SPDX-License-Identifier: Apache-2.0
"""Shows results in notebooks as small HTML tables, with every text of a file escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from ._units import AREA, ENERGY, TIME, Unit, fitting, number, percent

STYLE = "text-align:left"
ROWS = 20  # of a table of points


def text(value: object) -> str:
    return html.escape(str(value), quote=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    titles = "".join(f'<th style="{STYLE}">{text(one)}</th>' for one in head)
    lines = "".join(
        "<tr>" + "".join(f'<td style="{STYLE}">{text(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    said = f"<caption>{text(caption)}</caption>" if caption else ""
    return f"<table>{said}<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"


def report_as_html(report: dict[str, Any]) -> str:
    """Shows the figures of a report, and where the energy goes."""
    trace, cycles, energy = report.get("trace", {}), report["cycles"], report["energy_pj"]
    shape = f"{len(trace.get('layers', []))} layers of {trace.get('heads')} heads, {trace.get('queries')} queries"
    said = f"{trace.get('model') or trace.get('path') or 'capcam'}: {shape} × {trace.get('keys')} keys"
    rows: list[tuple[str, str]] = [("cycles", number(cycles["total"]))]
    rows += _in(TIME, "time", [cycles.get("time_us")])
    rows += _in(ENERGY, "energy", [energy["total"]])
    rows += _in(ENERGY, "energy per head-query", [energy.get("per_head_query")])
    rows += _in(AREA, "area", [report["area_um2"]["total"]])
    rows.append(("power, mW", number(report.get("power_mw", {}).get("total"))))
    for against in ("exact", "ideal"):
        figures = (report.get("accuracy") or {}).get(against)
        if figures:
            rows.append((f"output cosine against {against}", number(figures["cosine"], 4)))
    unit = fitting(ENERGY, [energy["total"]])
    parts = sorted(energy["components"].items(), key=lambda item: -item[1])
    shares = [
        (name.replace("_", " "), unit.text(value), percent(value / energy["total"] if energy["total"] else None))
        for name, value in parts
        if value
    ]
    warnings = "".join(f"<li>{text(warning)}</li>" for warning in report.get("warnings") or [])
    return (
        table(["figure", "value"], rows, said)
        + table(["component", f"energy, {unit.name}", "share"], shares)
        + (f"<ul>{warnings}</ul>" if warnings else "")
    )


def _in(units: tuple[Unit, ...], what: str, values: list[float | None]) -> list[tuple[str, str]]:
    unit = fitting(units, values)
    return [(f"{what}, {unit.name}", unit.text(values[0], 4))]
