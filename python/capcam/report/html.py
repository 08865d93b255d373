# SPDX-License-Identifier: Apache-2.0
"""Has the pieces that a page is made of.

What comes from a file may hold anything: it passes `text` on its way into the page.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, TypeAlias

# The page can load and send nothing: all it needs is in it.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


def text(value: object) -> str:
    """Writes any value as HTML text."""
    return html.escape(str(value), quote=True)


@dataclass(frozen=True)
class Cell:
    """Has what a table shows and what it is sorted by."""

    shown: str
    value: float | str | None = None


Row: TypeAlias = Sequence[Cell | str]


@dataclass(frozen=True)
class Figure:
    """Has the Plotly figures of one place in the page, one of which is shown: `variants` by the name to choose them by.

    Strings that begin with "@" are colours of the page's theme (page.css: --name).
    """

    name: str
    variants: dict[str, dict[str, Any]]
    height: int = 360
    label: str = "Show"


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    parts: Sequence[str | Figure]
    note: str = ""


@dataclass
class Page:
    title: str
    subtitle: str
    tiles: list[tuple[str, str, str]]  # what, how much, a remark
    warnings: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def html(self) -> str:
        """Returns the whole page, with plotly.js in it."""
        figures = {
            part.name: list(part.variants.values())
            for section in self.sections
            for part in section.parts
            if isinstance(part, Figure)
        }
        contents = "".join(f'<a href="#{text(s.name)}">{text(s.title)}</a>' for s in self.sections)
        body = "".join(_section(section) for section in self.sections)
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{text(POLICY)}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>{text(self.title)}</title><link rel="icon" href="data:,"><style>{_resource("page.css")}</style>'
            f"</head><body><header><div><h1>{text(self.title)}</h1><p>{text(self.subtitle)}</p></div>"
            '<button id="theme" type="button" title="Dark or light">◐<span class="sr"> dark or light</span></button>'
            f"</header><nav>{contents}</nav><main>{_tiles(self.tiles)}{_warnings(self.warnings)}{body}</main>"
            f"<script>{_plotly()}</script>"
            f'<script type="application/json" id="figures">{script_json(figures)}</script>'
            f"<script>{_resource('page.js')}</script></body></html>\n"
        )


def table(columns: Sequence[str], rows: Iterable[Row], *, name: str = "", total: bool = False) -> str:
    """Strings are texts, cells with a number stand to the right. With `total` the last row is their sum."""
    lines = ["".join(_cell(cell) for cell in row) for row in rows]
    foot = f"<tfoot><tr>{lines.pop()}</tr></tfoot>" if total and lines else ""
    head = "".join(f'<th scope="col"><button type="button">{text(column)}</button></th>' for column in columns)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    identity = f' id="{text(name)}"' if name else ""
    inside = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}"
    return f'<div class="scroll"><table{identity}>{inside}</table></div>'


def pairs(rows: Iterable[tuple[str, object]]) -> str:
    """Shows names and values, one below the other."""
    return "<dl>" + "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in rows) + "</dl>"


def fold(title: str, inner: str) -> str:
    return f"<details><summary>{text(title)}</summary>{inner}</details>"


def script_json(value: object) -> str:
    """Writes JSON that cannot end the script in which it stands."""
    encoded = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return encoded.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _cell(cell: Cell | str) -> str:
    if isinstance(cell, str):
        return f"<td>{text(cell)}</td>"
    if isinstance(cell.value, str):
        return f'<td data-v="{text(cell.value)}">{text(cell.shown)}</td>'
    known = cell.value is not None and cell.value == cell.value
    value = f' data-v="{float(cell.value or 0)!r}"' if known else ' data-v=""'
    return f'<td class="n"{value}>{text(cell.shown)}</td>'


def _section(section: Section) -> str:
    first, *rest = (_figure(part) if isinstance(part, Figure) else part for part in section.parts)
    note = f'<p class="note">{text(section.note)}</p>' if section.note else ""
    kept = f'<div class="keep"><h2>{text(section.title)}</h2>{note}{first}</div>'  # on one printed page
    return f'<section id="{text(section.name)}">{kept}{"".join(rest)}</section>'


def _figure(figure: Figure) -> str:
    choice = ""
    if len(figure.variants) > 1:
        options = "".join(f'<option value="{i}">{text(name)}</option>' for i, name in enumerate(figure.variants))
        choice = f'<label>{text(figure.label)} <select data-for="{text(figure.name)}">{options}</select></label>'
    return (
        f'<figure>{choice}<div class="plot" id="{text(figure.name)}" style="height:{figure.height}px"></div></figure>'
    )


def _tiles(tiles: list[tuple[str, str, str]]) -> str:
    inner = "".join(
        f"<div><span>{text(what)}</span><b>{text(much)}</b><small>{text(remark)}</small></div>"
        for what, much, remark in tiles
    )
    return f'<div class="tiles">{inner}</div>'


def _warnings(warnings: list[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<li>{text(warning)}</li>" for warning in warnings)
    count = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
    return f'<details class="warnings"><summary>{count}</summary><ul>{items}</ul></details>'


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    source: str = get_plotlyjs()
    return source.replace("</script", "<\\/script")
