# SPDX-License-Identifier: Apache-2.0
"""Runs many simulations by the capcam program, as `capcam sweep` and `capcam export` do."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from . import _checks
from ._errors import InputError
from ._program import call

if TYPE_CHECKING:
    import pandas


def sweep(
    file: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    jobs: int = 0,
    shard: tuple[int, int] | None = None,
    verify: float | None = None,
) -> pandas.DataFrame:
    """Simulates the points of a sweep file that the folder `out` has not yet, and returns all that it has then.

    jobs: points at a time; 0 means one per processor. shard: (i, n) takes only the i-th of n parts of the points,
        counted from 1.
    verify: share of the points that are run again on the systemc engine.

    There is one row per point: the keys that vary, the report's keys joined by dots, and whether it is on the Pareto
    front. Ctrl-C keeps what is finished; the next call goes on. Raises InputError, LawBroken or KeyboardInterrupt.
    """
    arguments = ["sweep", os.fspath(file), "--out", os.fspath(out)]
    if _checks.integer("jobs", jobs, 0, 2**32 - 1):
        arguments += ["--jobs", str(jobs)]
    if shard is not None:
        if not isinstance(shard, tuple | list) or len(shard) != 2:
            raise InputError(f"shard: expected (i, n), got {shard!r}")
        count = _checks.integer("shard: n", shard[1], 1, 2**32 - 1)
        arguments += ["--shard", f"{_checks.integer('shard: i', shard[0], 1, count)}/{count}"]
    if verify is not None:
        arguments += ["--verify", repr(_checks.share("verify", verify))]
    call(arguments)
    return export(out)


def export(out: str | os.PathLike[str]) -> pandas.DataFrame:
    """Returns the finished points of a sweep's folder, one row per point; a notebook shows the front first.

    Needs pandas (pip install capcam[explore]).
    """
    try:
        import pandas
    except ImportError as missing:
        raise InputError("a table of points needs pandas: pip install 'capcam[explore]'") from missing
    with tempfile.TemporaryDirectory(prefix="capcam-") as temporary:
        table = Path(temporary) / "points.csv"
        call(["export", os.fspath(out), "--csv", str(table)])
        from ._point_table import PointTable

        return PointTable(pandas.read_csv(table, float_precision="round_trip"))
