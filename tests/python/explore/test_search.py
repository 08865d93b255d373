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
        ("<= 1024 or sensing.bits == 6", "< 0", "has no point: 'where' excludes all 24"),
        ("energy_pj.per_head_query", "energy_pj.per_query", r"no figure energy_pj\.per_query"),
    ],
)
def test_what_is_wrong_is_named(sweep_file: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
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


def test_a_search_whose_where_excludes_everything_makes_nothing(sweep_file: Path, tmp_path: Path) -> None:
    sweep_file.write_text(sweep_file.read_text().replace("<= 1024 or sensing.bits == 6", "< 0"))
    with pytest.raises(InputError, match="excludes all 24"):
        search(sweep_file, tmp_path / "out", trials=4)
    assert not (tmp_path / "out").exists()


def test_a_point_that_hardly_any_combination_is_is_found(sweep_file: Path, tmp_path: Path) -> None:
    text = sweep_file.read_text().replace("<= 1024 or sensing.bits == 6", "== 512 and sensing.bits == 6")
    sweep_file.write_text(text)
    found = search(sweep_file, tmp_path / "out", trials=1, jobs=1)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sampler": "foo"}, "sampler: expected 'nsga2' or 'tpe', got 'foo'"),
        ({"storage": "sqlit"}, r"(?s)storage: expected 'sqlite' or 'journal'.*did you mean 'sqlite'"),
        ({"trials": -3}, "trials: expected an integer from 1"),
        ({"trials": 2.5}, "trials: expected an integer"),
        ({"objectives": "cycles.total:min"}, "objectives: expected a list"),
        ({"accuracy": 2}, "accuracy: expected a share"),
        ({"jobs": 0}, "jobs: expected an integer from 1"),
        ({"seed": -1}, "seed: expected an integer from 0"),
    ],
)
def test_arguments_of_another_kind_are_refused(wrong: Any, said: str, sweep_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        search(sweep_file, tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


def test_a_study_names_its_metrics_and_stores_values(sweep_file: Path, tmp_path: Path) -> None:
    search(sweep_file, tmp_path / "out", trials=2, jobs=1, seed=2**40)
    study = optuna.load_study(study_name="capcam", storage=f"sqlite:///{tmp_path / 'out/study.sqlite'}")
    assert study.metric_names == [str(o).rpartition(":")[0] for o in study.user_attrs["objectives"]]
    for trial in study.get_trials(states=[optuna.trial.TrialState.COMPLETE]):
        assert trial.params["array.rows"] in (8, 16, 32)


@pytest.mark.parametrize(
    ("storage", "name", "content"),
    [("sqlite", "study.sqlite", b"g" * 800), ("journal", "study.journal", b'{"op_code": 0, cut\n')],
)
def test_a_damaged_study_is_named(storage: Any, name: str, content: bytes, sweep_file: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"out/{name}: not a study of a search"):
        search(sweep_file, tmp_path / "out", trials=2, storage=storage)
    with pytest.raises(InputError):
        results(tmp_path / "out")


def test_a_sweep_file_is_read_as_the_program_reads_it(sweep_file: Path, tmp_path: Path) -> None:
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + sweep_file.read_bytes())
    assert len(read_space(tmp_path / "bom.toml").axes) == len(read_space(sweep_file).axes)
    (tmp_path / "more.toml").write_text(f'extends = "{sweep_file.name}"\naccuracy = 0.5\n')
    extended = read_space(tmp_path / "more.toml")
    assert extended.axes == read_space(sweep_file).axes
    assert extended.accuracy == 0.5
    (tmp_path / "circle.toml").write_text('extends = "circle.toml"\n')
    with pytest.raises(InputError, match="circular"):
        read_space(tmp_path / "circle.toml")
    (tmp_path / "nothing.toml").write_text('extends = "nowhere.toml"\n')
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        read_space(tmp_path / "nothing.toml")
