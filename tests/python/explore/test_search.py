# SPDX-License-Identifier: Apache-2.0
"""A search on this machine: what it finds, and that nothing that is finished is done again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import optuna
import pandas as pd
import pytest

from capcam import InputError
from capcam._objective import pareto_front, read_objectives
from capcam._program import call
from capcam.explore import results, search
from capcam.explore.evaluate import Simulation
from capcam.explore.space import read_space

KEYS = ["array.rows", "array.columns", "sensing.bits"]
OBJECTIVES = ["energy_pj.per_head_query", "accuracy.exact.cosine"]


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The points that are simulated in this process."""
    points: list[dict[str, Any]] = []
    figures = Simulation.figures

    def counted(self: Simulation, point: dict[str, Any]) -> dict[str, float]:
        points.append(point)
        return figures(self, point)

    monkeypatch.setattr(Simulation, "figures", counted)
    return points


@pytest.mark.parametrize(("sampler", "storage"), [("nsga2", "sqlite"), ("tpe", "journal")])
def test_a_search_finds_points_that_where_allows_and_their_front(
    sweep_file: Path, tmp_path: Path, sampler: Any, storage: Any
) -> None:
    found = search(sweep_file, tmp_path / "out", trials=20, sampler=sampler, storage=storage, jobs=2)
    assert 0 < len(found) <= 18
    assert not found.duplicated(KEYS).any()
    assert ((found["array.rows"] * found["array.columns"] <= 1024) | (found["sensing.bits"] == 6)).all()
    assert set(found["array.rows"]) <= {8, 16, 32, 64}
    front = pareto_front(found, read_objectives(["energy_pj.per_head_query:min", "accuracy.exact.cosine:max"]))
    assert found["pareto"].tolist() == front.tolist()
    assert found["pareto"].any()
    pd.testing.assert_frame_equal(found, results(tmp_path / "out"))


def test_a_point_is_what_capcam_run_says_of_it(sweep_file: Path, tmp_path: Path) -> None:
    found = search(sweep_file, tmp_path / "out", trials=2, jobs=1)
    for _, point in found.iterrows():
        sets = [word for key in KEYS for word in ("--set", f"{key}={int(point[key])}")]
        trace = str(sweep_file.parent / "trace.safetensors")
        out = tmp_path / "run"
        call(["run", "camformer", "--trace", trace, "--seed", "7", "--set", "top_n.n=8", *sets, "--out", str(out)])
        report = json.loads((out / "report.json").read_text())
        assert point["energy_pj.per_head_query"] == report["energy_pj"]["per_head_query"]
        assert point["accuracy.exact.cosine"] == report["accuracy"]["exact"]["cosine"]
        assert point["cycles.total"] == report["cycles"]["total"]


def test_a_search_of_every_trial_it_can_have_finds_the_front_of_the_whole_space(
    sweep_file: Path, tmp_path: Path
) -> None:
    space = read_space(sweep_file)
    simulation = Simulation("camformer", (str(space.traces[0]),), space.same, None, space.seed, space.accuracy)
    assert space.where is not None
    wanted = [point for point in space.points() if space.where.holds(point)]
    assert len(wanted) == 18
    everything = pd.DataFrame([{**point, **simulation.figures(point)} for point in wanted])
    front = everything[pareto_front(everything, space.objectives)]
    best = {tuple(row) for row in front[OBJECTIVES].to_numpy().tolist()}

    found = search(sweep_file, tmp_path / "out", trials=200, jobs=2)
    assert {tuple(row) for row in found.loc[found["pareto"], OBJECTIVES].to_numpy().tolist()} == best


def test_a_search_goes_on_where_it_stopped_and_simulates_no_point_twice(
    sweep_file: Path, tmp_path: Path, simulated: list[dict[str, Any]]
) -> None:
    first = search(sweep_file, tmp_path / "out", trials=8, jobs=1)
    assert len(simulated) == len(first)
    again = search(sweep_file, tmp_path / "out", trials=8, jobs=1)
    assert len(simulated) == len(first), "nothing was left to do"
    pd.testing.assert_frame_equal(first, again)
    more = search(sweep_file, tmp_path / "out", trials=30, jobs=1)
    assert len(simulated) == len(more) > len(first)
    pd.testing.assert_frame_equal(
        first, more.iloc[: len(first)].drop(columns="pareto").join(first["pareto"])[list(first)]
    )


def test_one_process_and_one_seed_give_one_search(sweep_file: Path, tmp_path: Path) -> None:
    one = search(sweep_file, tmp_path / "one", trials=10, jobs=1, seed=3)
    other = search(sweep_file, tmp_path / "other", trials=10, jobs=1, seed=3)
    pd.testing.assert_frame_equal(one, other)


def test_a_killed_search_finishes_what_it_was_at(
    sweep_file: Path, tmp_path: Path, simulated: list[dict[str, Any]]
) -> None:
    out = tmp_path / "out"
    program = f"from capcam.explore import search; search({str(sweep_file)!r}, {str(out)!r}, trials=60, jobs=1)"
    running = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    deadline = time.monotonic() + 120
    done = 0
    while done < 3:
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.2)
        if (out / "study.sqlite").exists():
            try:
                done = len(results(out))
            except InputError:  # it only begins
                continue
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    before = results(out)
    assert len(before) >= 3
    after = search(sweep_file, out, trials=60, jobs=1)
    assert len(simulated) == len(after) - len(before)
    known = {tuple(point) for point in before[KEYS].to_numpy().tolist()}
    assert not known & {tuple(point[key] for key in KEYS) for point in simulated}
    study = optuna.load_study(study_name="capcam", storage=f"sqlite:///{out / 'study.sqlite'}")
    assert not [trial for trial in study.trials if trial.state == optuna.trial.TrialState.RUNNING]


def test_machines_that_cannot_be_are_left_out_and_told(sweep_file: Path, tmp_path: Path) -> None:
    text = sweep_file.read_text().split("[same]")[0].split("where")[0]
    sweep_file.write_text(text + '[grid]\n"array.rows" = [8, 16, 0]\n')
    found = search(sweep_file, tmp_path / "out", trials=12, jobs=1)
    assert set(found["array.rows"]) == {8, 16}
    study = optuna.load_study(study_name="capcam", storage=f"sqlite:///{tmp_path / 'out/study.sqlite'}")
    assert any("array.rows" in trial.user_attrs.get("error", "") for trial in study.trials)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("array.columns", "array.column", "array.column"),
        ("trace.safetensors", "none.safetensors", r"none\.safetensors: No such file"),
        ('"camformer"', '"camfromer"', "camfromer"),
        ("<= 1024 or sensing.bits == 6", "< 0", "where: .* excluded"),
        ("energy_pj.per_head_query", "energy_pj.per_query", r"no figure energy_pj\.per_query"),
    ],
)
def test_what_is_wrong_is_named(
    sweep_file: Path, tmp_path: Path, old: str, new: str, said: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("capcam.explore._search.REJECTIONS", 50)
    sweep_file.write_text(sweep_file.read_text().replace(old, new))
    with pytest.raises(InputError, match=said):
        search(sweep_file, tmp_path / "out", trials=4, jobs=1)


def test_a_folder_of_another_search_is_refused(sweep_file: Path, tmp_path: Path) -> None:
    search(sweep_file, tmp_path / "out", trials=1, jobs=1)
    sweep_file.write_text(sweep_file.read_text().replace("[4, 6]", "[4, 5]"))
    with pytest.raises(InputError, match=r"holds another search .*axes"):
        search(sweep_file, tmp_path / "out", trials=2, jobs=1)
    with pytest.raises(InputError, match="holds no search"):
        results(tmp_path)
