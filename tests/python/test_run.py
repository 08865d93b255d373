# SPDX-License-Identifier: Apache-2.0
"""The program driven from Python."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time

import numpy as np
import pytest

import capcam


def test_a_run_has_its_report_and_its_tables(shipped_trace, program, tmp_path):
    run = capcam.run("camformer", shipped_trace, out=tmp_path / "out", layers="0", accuracy=0, set={"array.rows": 32})
    assert run.report["config"]["array"]["rows"] == 32
    assert run.report["trace"]["layers"] == [0]
    assert len(run.heads) == 12
    assert run.heads["last_cycle"].max() == run.report["cycles"]["total"]
    assert run.table["energy_pj.total"][0] == run.report["energy_pj"]["total"]
    assert run.folder == tmp_path / "out"
    assert (tmp_path / "out" / "report.json").exists()


def test_a_trace_in_memory_is_handed_over(program):
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal((1, 2, n, 16)).astype(np.float32) for n in (3, 20, 20))
    trace = capcam.make_trace([(q, k, v)])
    run = capcam.run("camformer", trace, engine="systemc", accuracy=0, save_output=True)
    result = capcam.Machine().replay(trace)
    assert run.report["cycles"] == result.report["cycles"]
    assert run.report["energy_pj"] == result.report["energy_pj"]
    np.testing.assert_array_equal(run.outputs[0], result.output)


def test_wrong_input_is_refused_with_the_text_of_the_command_line(shipped_trace, program):
    with pytest.raises(capcam.InputError, match=r"there is no configuration camfromer\n  did you mean camformer\?"):
        capcam.run("camfromer", shipped_trace)
    with pytest.raises(capcam.InputError, match="not a readable safetensors file"):
        capcam.run("camformer", "/dev/null")


def fake_program(tmp_path, monkeypatch, script):
    path = tmp_path / "capcam"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CAPCAM_PROGRAM", str(path))


@pytest.mark.parametrize(
    ("status", "kind"), [(2, capcam.InputError), (3, capcam.LawBroken), (130, KeyboardInterrupt), (7, RuntimeError)]
)
def test_every_exit_status_is_an_exception(status, kind, shipped_trace, tmp_path, monkeypatch):
    fake_program(tmp_path, monkeypatch, f"echo 'engine: fast' >&2; echo 'error: so it is' >&2; exit {status}")
    with pytest.raises(kind) as raised:
        capcam.run("camformer", shipped_trace)
    if status in (2, 3):
        assert str(raised.value) == "so it is"


def test_ctrl_c_reaches_the_program_once_and_is_waited_for(ctrl_c, shipped_trace, tmp_path, monkeypatch):
    done = tmp_path / "finished in good order"
    fake_program(
        tmp_path, monkeypatch, f"trap 'sleep 0.3; touch \"{done}\"; exit 130' INT; while true; do sleep 0.05; done"
    )
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        capcam.run("camformer", shipped_trace)
    assert time.monotonic() - start < 10
    assert done.exists()


def test_a_program_that_is_not_there_is_said_so(monkeypatch, tmp_path):
    monkeypatch.setenv("CAPCAM_PROGRAM", str(tmp_path / "nothing"))
    with pytest.raises(capcam.InputError, match="CAPCAM_PROGRAM names"):
        capcam.program()
    monkeypatch.delenv("CAPCAM_PROGRAM")
    monkeypatch.setattr("capcam._program._OWN", tmp_path / "nothing")
    script = tmp_path / "capcam"  # as pip writes it: no program, only a way to one
    script.write_text("#!/usr/bin/env python3\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(capcam.InputError, match=r"there is no capcam program.*SystemC"):
        capcam.program()
