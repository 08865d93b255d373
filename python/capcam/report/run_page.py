# SPDX-License-Identifier: Apache-2.0
"""Makes the page of one run."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .._folder import RunFolder
from .._groups import group_of, words
from .._report_form import STATES
from .._units import AREA, ENERGY, TIME, fitting, number, percent
from . import run_figures, score_figures
from .html import Cell, Figure, Page, Row, Section, fold, pairs, table
from .provenance import cards_table


def page(run: RunFolder) -> Page:
    report, trace = run.report, run.report["trace"]
    shape = (
        f"{len(trace['layers'])} layers × {trace['heads']} heads, {trace['queries']} queries × {trace['keys']} keys, "
        f"D = {trace['head_dim']}"
    )
    return Page(
        title=trace.get("model") or trace.get("path") or "capcam run",
        subtitle=f"{shape} · {report.get('engine')} engine, seed {report.get('seed')}, capcam {report.get('version')}",
        tiles=list(_tiles(run)),
        warnings=[str(warning) for warning in report.get("warnings", [])],
        sections=list(_sections(run)),
    )


def _tiles(run: RunFolder) -> Iterator[tuple[str, str, str]]:
    report = run.report
    cycles, energy, power = report["cycles"], report["energy_pj"], report.get("power_mw", {})
    time = fitting(TIME, [cycles.get("time_us")])
    yield "Cycles", number(cycles["total"]), f"{time.text(cycles.get('time_us'))} {time.name}"
    throughput = report.get("throughput", {})
    yield "Throughput", number(throughput.get("queries_per_ms"), 4), "queries/ms (all heads of a layer)"
    unit = fitting(ENERGY, [energy.get("per_head_query")])
    on_chip = percent(energy["on_chip"] / energy["total"] if energy["total"] else None)
    yield "Energy per head-query", f"{unit.text(energy.get('per_head_query'), 4)} {unit.name}", f"{on_chip} on chip"
    yield "Power", f"{number(power.get('total'))} mW", f"{number(power.get('on_chip'))} mW on chip"
    area = fitting(AREA, [report["area_um2"]["total"]])
    yield "Area", f"{area.text(report['area_um2']['total'])} {area.name}", "on chip"
    yield "Efficiency", number(report.get("efficiency", {}).get("tops_per_w")), "TOPS/W of dense attention"
    ideal, exact = report["accuracy"].get("ideal"), report["accuracy"].get("exact")
    if ideal and exact:
        yield "Output cosine", number(exact["cosine"]), f"against exact; {number(ideal['cosine'])} against ideal"


def _sections(run: RunFolder) -> Iterator[Section]:
    stages: list[str | Figure] = [run_figures.stages(run), _stage_table(run)]
    yield Section("occupancy", "Stages", stages, "Every cycle of a stage is busy, starved (nothing came) or blocked.")
    timeline = [run_figures.heads(run)]
    note = "Heads on cores. For every unit, cycle by cycle, run with --timeline timeline.json in the same folder."
    if run.timeline:
        timeline.append(run_figures.timeline(run.timeline))
        note = "Heads on cores, and the first cycles of every unit."
    yield Section("time", "Timeline", timeline, note)
    yield Section(
        "cost",
        "Energy and area",
        [run_figures.costs(run), _cost_table(run)],
        "Where the energy and the silicon go, by the stage a component works for. Sources below, under Provenance.",
    )
    if run.report.get("drawn"):
        yield Section(
            "cards",
            "What the cards leave open",
            [run_figures.tornado(run), _drawn_table(run)],
            "Cards are drawn where their sources disagree. The bars: one unit's cards alone, from lowest to highest; "
            "the line: the preferred cards.",
        )
    if accuracy := run_figures.accuracy(run):
        share = run.report["accuracy"].get("share", 1.0)
        queries = "All queries" if share == 1 else f"{percent(share)} of the queries"
        note = f"{queries}. Ideal: one-bit attention sensed without error; exact: full precision."
        yield Section("accuracy", "Accuracy by layer and head", [accuracy, _accuracy_table(run)], note)
    if scores := score_figures.histogram(run):
        yield Section("score", "Scores", [scores], "Matching bits of all valid keys, and of those that were kept.")
    yield from _sensing(run)
    yield _provenance(run)


def _stage_table(run: RunFolder) -> str:
    rows: list[Row] = []
    for name, stage in run.report["cycles"]["stages"].items():
        total = sum(stage[state] for state in STATES)
        shares = [stage[state] / total if total else None for state in STATES]
        cells = [Cell(percent(share), share) for share in shares]
        rows.append([words(name), Cell(str(stage.get("units", 1)), stage.get("units", 1)), *cells])
    return table(["stage", "units", *STATES], rows, name="stage-table")


def _cost_table(run: RunFolder) -> str:
    report = run.report
    energy_sum, area_sum = report["energy_pj"]["total"], report["area_um2"]["total"]
    names = [*(str(name) for name in run.costs.index), "all"]
    per_head_query = (report["energy_pj"].get("per_head_query") or energy_sum) / (energy_sum or 1.0)
    energies = [value * per_head_query for value in [*run.costs["energy_pj"], energy_sum]]
    areas = [*run.costs["area_um2"], area_sum]
    energy, area = fitting(ENERGY, energies), fitting(AREA, areas)
    columns = [
        list(map(words, names)),
        [*map(group_of, names[:-1]), ""],
        list(map(Cell, energy.column(energies), energies)),
        _shares(energies),
        list(map(Cell, area.column(areas), areas)),
        _shares(areas),
    ]
    heads = ["component", "works for", f"energy, {energy.name} per head-query", "share", f"area, {area.name}", "share"]
    return table(heads, list(zip(*columns, strict=True)), name="cost-table", total=True)


def _shares(values: list[float]) -> list[Cell]:
    """Returns shares of the last value, which is the sum."""
    shares = [value / values[-1] if values[-1] else None for value in values]
    return [Cell(percent(share), share) for share in shares]


def _drawn_table(run: RunFolder) -> str:
    ends = ("value", "low", "median", "high")
    rows: list[Row] = [
        [f"{figure['figure']}, {figure['unit']}", *(Cell(number(figure[end], 4), figure[end]) for end in ends)]
        for figure in run.report["drawn"]
    ]
    return table(["figure", "preferred cards", "5 %", "median", "95 %"], rows, name="drawn-table")


def _accuracy_table(run: RunFolder) -> str:
    accuracy = run.report["accuracy"]
    rows: list[Row] = []
    for reference in ("ideal", "exact"):
        figures = accuracy[reference]
        names = ("selection_recall", "cosine", "relative_l2", "worst_head_cosine")
        rows.append([reference, *(Cell(number(figures[name], 4), figures[name]) for name in names)])
    return table(["against", "selection recall", "cosine", "relative L2", "worst head's cosine"], rows)


def _sensing(run: RunFolder) -> Iterator[Section]:
    parts: list[str | Figure] = []
    notes = []
    if (figure := score_figures.sensing_error(run)) and (mean := score_figures.mean_error(run)):
        parts.append(figure)
        notes.append(
            f"Sensed score minus matching bits, of kept keys: mean {mean[0]:+.3f}, mean size {mean[1]:.3f} matches. "
            "An error that raises a score also helps the key to be kept."
        )
    if run.montecarlo is not None:
        parts.append(score_figures.montecarlo(run.montecarlo))
        notes.append("The table: arrays drawn at random, over conditions (capcam montecarlo).")
    if parts:
        yield Section("error", "Sensing error", parts, " ".join(notes))


def _provenance(run: RunFolder) -> Section:
    report = run.report
    trace = report["trace"]
    facts = pairs(
        [
            ("trace", trace.get("path")),
            ("SHA-256", trace.get("sha256")),
            ("model", trace.get("model")),
            ("engine", report.get("engine")),
            ("seed", report.get("seed")),
            ("version", report.get("version")),
        ]
    )
    config = pairs(
        (f"{section}.{key}", value if isinstance(value, str) else json.dumps(value))
        for section, keys in report["config"].items()
        if isinstance(keys, dict)
        for key, value in keys.items()
    )
    parts = [facts, cards_table(report["cards"]), fold("Configuration, every key", config)]
    return Section("provenance", "Provenance", parts, "What every number rests on.")
