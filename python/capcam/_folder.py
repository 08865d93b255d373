# SPDX-License-Identifier: Apache-2.0
"""Reads what a run (`capcam run --out`) left in its folder. The folder is not trusted: everything is checked."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ._errors import InputError
from ._files import read_limited
from ._report_form import STATES, check_report

SCHEMA = "capcam-report/1"
# This is far more than a run writes, and no more than a machine can hold.
LARGEST_JSON, LARGEST_CSV = 1 << 28, 1 << 30


@dataclass(frozen=True)
class Slice:
    """A unit of a stage from one cycle to another; `name` says what it worked on, or "blocked"."""

    track: str
    name: str
    cycle: int
    cycles: int


@dataclass(frozen=True)
class Timeline:
    """Tells what every unit did when; `tracks` are the units, in the order of the machine."""

    tracks: list[str]
    slices: list[Slice]


@dataclass(frozen=True)
class RunFolder:
    """One simulation. `heads` has a row per head, `scores` a row per layer and number of matching bits (None: the run
    measured no accuracy), `timeline` is what `--timeline` wrote, `montecarlo` what `capcam montecarlo --csv` wrote."""

    folder: Path
    report: dict[str, Any]
    heads: pd.DataFrame
    scores: pd.DataFrame | None = None
    timeline: Timeline | None = None
    montecarlo: pd.DataFrame | None = None

    @property
    def stages(self) -> pd.DataFrame:
        """Returns shares of busy, starved and blocked (columns) of each stage (rows), in the order of the report."""
        stages: dict[str, dict[str, int]] = self.report["cycles"]["stages"]
        shares = {
            name: [stage[state] / max(1, sum(stage[s] for s in STATES)) for state in STATES]
            for name, stage in stages.items()
        }
        return pd.DataFrame.from_dict(shares, orient="index", columns=list(STATES))

    @property
    def costs(self) -> pd.DataFrame:
        """Returns energy_pj and area_um2 (NaN off chip) of each component."""
        energy, area = self.report["energy_pj"], self.report["area_um2"]
        costs = pd.DataFrame(
            {"energy_pj": pd.Series(energy["components"]), "area_um2": pd.Series(area["components"])},
            dtype="float64",
        ).reindex(list(dict.fromkeys([*energy["components"], *area["components"]])))
        if energy.get("leakage"):
            costs.loc["leakage"] = [energy["leakage"], float("nan")]
        return costs

    def head_accuracy(self, figure: str) -> pd.DataFrame | None:
        """Returns a figure of `heads` ("ideal_cosine") by layer (rows) and head (columns), the mean of a batch."""
        if figure not in self.heads or self.heads[figure].isna().all():
            return None
        return self.heads.pivot_table(index="layer", columns="head", values=figure, aggfunc="mean")


def read_run(folder: Path | str, timeline: Path | None = None, montecarlo: Path | None = None) -> RunFolder:
    """Reads the run in `folder`; `timeline.json` and `montecarlo.csv` are taken from it where no other path is given.

    Raises InputError if the folder holds no whole run or a file is not what it should be.
    """
    folder = Path(folder)
    report = check_report(_read_json(folder / "report.json"), folder / "report.json", SCHEMA)
    scores = folder / "scores.csv"
    timeline = timeline or _if_there(folder / "timeline.json")
    montecarlo = montecarlo or _if_there(folder / "montecarlo.csv")
    return RunFolder(
        folder=folder,
        report=report,
        heads=read_csv(folder / "heads.csv", ["layer", "batch", "head", "core", "first_cycle", "last_cycle"]),
        scores=read_csv(scores, ["layer", "matches", "valid_keys", "kept_keys"]) if scores.exists() else None,
        timeline=_read_timeline(timeline) if timeline else None,
        montecarlo=read_csv(montecarlo, ["corner", "mean_lsb", "deviation_lsb"], texts=["corner"])
        if montecarlo
        else None,
    )


def read_csv(path: Path, columns: list[str], texts: Sequence[str] = ()) -> pd.DataFrame:
    """Reads a CSV file that must have these columns, of numbers but for `texts`. Raises InputError."""
    content = read_limited(path, LARGEST_CSV)
    try:
        table = pd.read_csv(io.BytesIO(content))
    except (ValueError, OverflowError) as error:  # pandas' parser errors are ValueErrors
        raise InputError(f"{path}: {error}") from None
    missing = [column for column in columns if column not in table]
    if missing:
        raise InputError(f"{path}: lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}")
    for column in columns:
        if column in texts:
            continue
        numbers = pd.to_numeric(table[column], errors="coerce")
        wrong = table.index[numbers.isna() | numbers.abs().gt(1e300)]
        if len(wrong):
            got = table[column][wrong[0]]
            raise InputError(f"{path}: line {wrong[0] + 2}: {column}: expected a number, got {str(got)[:80]!r}")
    return table


def _if_there(path: Path) -> Path | None:
    return path if path.exists() else None


def _read_json(path: Path) -> Any:
    content = read_limited(path, LARGEST_JSON)
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_not_json)
    except RecursionError:
        raise InputError(f"{path}: nested too deep") from None
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _read_timeline(path: Path) -> Timeline:
    """Reads Chrome trace events, as `capcam run --timeline` writes them."""
    document = _read_json(path)
    try:
        events = document["traceEvents"]
        cores = {event["pid"] for event in events if event.get("name") == "process_name"}
        tracks: dict[Any, str] = {}
        slices = []
        for event in events:
            if event.get("name") == "thread_name":
                core = f"core{event['pid'] - 1}." if len(cores) > 1 else ""
                tracks[event["tid"]] = core + str(event["args"]["name"])
            elif event.get("ph") == "X":
                args = event["args"]
                slices.append(Slice(tracks[event["tid"]], str(event["name"]), int(args["cycle"]), int(args["cycles"])))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise InputError(f"{path}: not a timeline of capcam run --timeline") from None
    return Timeline(list(tracks.values()), slices)


def as_run(what: Any) -> RunFolder:
    """Takes a folder's path, a report as a dict, or what holds either (capcam.Run, capcam.Result)."""
    if isinstance(what, RunFolder):
        return what
    if isinstance(what, str | Path):
        return read_run(what)
    if getattr(what, "folder", None):
        return read_run(what.folder)
    report = what if isinstance(what, dict) else what.report
    return RunFolder(Path(), report, pd.DataFrame({"layer": [], "head": []}))
