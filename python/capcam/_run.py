# SPDX-License-Identifier: Apache-2.0
"""Runs one simulation by the capcam program, as `capcam run` does."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _checks
from ._engine import Trace
from ._flat import flat
from ._program import call
from ._settings import Config, Settings, config_and_sets
from ._show import report_as_html

__all__ = ["Run", "run"]


@dataclass(frozen=True)
class Run:
    """A finished run."""

    report: dict[str, Any]
    """The report.json (schema capcam-report/1)."""
    heads: Any
    """One row per head (layer, batch, head, core, cycles): a pandas DataFrame, or a list of dicts without pandas."""
    outputs: dict[int, NDArray[np.float32]]
    """With save_output: [batch, heads, queries, value_dim] by layer."""
    folder: Path | None
    """Where the files are, if they were to be kept."""

    @property
    def table(self) -> Any:
        """Returns the report as one row, keys joined by dots ("energy_pj.total"): a DataFrame, or a list of a dict."""
        return as_table([flat(self.report)])

    def _repr_html_(self) -> str:
        return report_as_html(self.report)


def run(
    config: Config,
    trace: str | os.PathLike[str] | Trace,
    *,
    out: str | os.PathLike[str] | None = None,
    set: Settings | None = None,
    engine: str | None = None,
    seed: int = 1,
    layers: str | None = None,
    threads: int = 0,
    accuracy: float = 1.0,
    save_output: bool = False,
    vcd: str | os.PathLike[str] | None = None,
    timeline: str | os.PathLike[str] | None = None,
    models: str | os.PathLike[str] | None = None,
) -> Run:
    """Simulates a trace on a machine, in a process of its own.

    config, set, seed, models: these are as in capcam.Machine. trace: a file, or a trace in memory (written to a
        temporary file).
    out: a folder for report.json, heads.csv and, with save_output, outputs.safetensors; none is kept otherwise.
    engine: "systemc" or "fast"; the size decides if not given. layers: "0,3-5". threads: 0 means one per processor.
    accuracy: share of the queries whose output is compared with the references. vcd, timeline: files to write.

    Raises InputError, LawBroken or KeyboardInterrupt with the text of the command line.
    """
    name, sets = config_and_sets(config, set)
    with tempfile.TemporaryDirectory(prefix="capcam-") as temporary:
        if isinstance(trace, Trace):
            path = Path(temporary) / "trace.safetensors"
            trace.save(path)
            trace = path
        folder = Path(out) if out is not None else Path(temporary) / "out"
        arguments = ["run", name, "--trace", os.fspath(trace), "--out", str(folder)]
        arguments += ["--seed", str(_checks.seed(seed)), "--accuracy", repr(_checks.share("accuracy", accuracy))]
        for one in sets:
            arguments += ["--set", one]
        for option, value in (
            ("engine", engine),
            ("layers", layers),
            ("vcd", vcd),
            ("timeline", timeline),
            ("models", models),
        ):
            if value is not None:
                arguments += [f"--{option}", os.fspath(value)]
        if _checks.threads(threads):
            arguments += ["--threads", str(threads)]
        if _checks.truth("save_output", save_output):
            arguments.append("--save-output")
        call(arguments)
        report = json.loads((folder / "report.json").read_text())
        with (folder / "heads.csv").open(newline="") as file:
            heads = [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(file)]
        outputs = _read_outputs(folder / "outputs.safetensors") if save_output else {}
    return Run(report, as_table(heads), outputs, folder if out is not None else None)


def _read_outputs(path: Path) -> dict[int, NDArray[np.float32]]:
    """Reads layers.<l>.out, F32 each, which the program has just written."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    outputs = {}
    for name, entry in json.loads(data[8:start]).items():
        if name != "__metadata__":
            first, last = (start + offset for offset in entry["data_offsets"])
            outputs[int(name.split(".")[1])] = np.frombuffer(data[first:last], "<f4").reshape(entry["shape"])
    return dict(sorted(outputs.items()))


def _number(text: str) -> float | None:
    """Reads a cell of heads.csv; accuracies that were not measured are empty."""
    if not text:
        return None
    return int(text) if text.isdecimal() else float(text)


def as_table(rows: list[dict[str, Any]]) -> Any:
    """Returns a pandas DataFrame if pandas is installed, else the rows themselves."""
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(rows)
