# SPDX-License-Identifier: Apache-2.0
"""A search on a Dask cluster of two worker processes, one of which is killed while it works."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from capcam import InputError
from capcam.explore import results, search

pytestmark = pytest.mark.slow
distributed = pytest.importorskip("distributed")


def test_a_worker_that_is_killed_loses_nothing(sweep_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = client.run(os.getpid)
        assert len(workers) == 2
        assert all(address.startswith("tcp://127.0.0.1:") for address in workers)
        victim = next(iter(workers.values()))
        killed_at: list[int] = []

        def kill_when_it_is_at_work() -> None:
            while not killed_at:
                time.sleep(0.1)
                with contextlib.suppress(InputError):  # it only begins
                    if (done := len(results(out))) >= 2:
                        os.kill(victim, signal.SIGKILL)
                        killed_at.append(done)

        killer = threading.Thread(target=kill_when_it_is_at_work)
        killer.start()
        found = search(sweep_file, out, trials=40, client=client)
        killer.join()
        assert killed_at[0] < len(found), "it was killed mid-way"
        assert victim not in client.run(os.getpid).values()
    alone = search(sweep_file, tmp_path / "alone", trials=40, jobs=2)
    both = found.merge(alone, on=["array.rows", "array.columns", "sensing.bits"], suffixes=("", "_alone"))
    assert len(both) > 0
    assert (both["energy_pj.total"] == both["energy_pj.total_alone"]).all()
    assert (both["accuracy.exact.cosine"] == both["accuracy.exact.cosine_alone"]).all()
