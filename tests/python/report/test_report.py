# SPDX-License-Identifier: Apache-2.0
"""The page without a browser: what is in it, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from capcam import InputError
from capcam._folder import read_run
from capcam._units import ENERGY, fitting, number
from capcam.report import write_report
from capcam.report.score_figures import mean_error


def command(*words: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "capcam", "report", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_the_command_writes_one_file_and_says_where(run_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ended = command(run_folder, "--out", page)
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, str(page), "")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_the_page_refers_to_nothing_outside(run_folder: Path, tmp_path: Path) -> None:
    text = write_report(run_folder, tmp_path / "page.html").read_text()
    ours = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)  # plotly.js names places it never asks here
    assert re.findall(r"""(?:src|href)=["'](?!#|data:)""", ours) == []
    assert "@import" not in ours
    assert "default-src &#x27;none&#x27;" in ours


def test_a_run_without_accuracy_has_a_page_without_it(run_folder: Path, tmp_path: Path) -> None:
    report = json.loads((run_folder / "report.json").read_text())
    report["accuracy"].update(exact=None, ideal=None, measured_queries=0)
    (tmp_path / "report.json").write_text(json.dumps(report))
    lines = (run_folder / "heads.csv").read_text().splitlines()
    (tmp_path / "heads.csv").write_text("\n".join(",".join(line.split(",")[:8]) for line in lines))
    text = write_report(tmp_path).read_text()
    assert 'id="cost-table"' in text
    assert 'id="accuracy-map"' not in text


def test_the_cards_that_move_a_figure_have_a_tornado_if_they_were_drawn(run_folder: Path, tmp_path: Path) -> None:
    report = json.loads((run_folder / "report.json").read_text())
    assert "drawn" not in report  # a library of modules has one card for each
    shutil.copy(run_folder / "heads.csv", tmp_path)
    swings = [{"cards": "sram_leakage", "low": 1.5, "high": 4.0}, {"cards": "wire", "low": 2.0, "high": 2.25}]
    drawn = {"figure": "energy", "unit": "nJ per head-query", "value": 2.125, "low": 1.75, "median": 2.25, "high": 3.5}
    report["drawn"] = [{**drawn, "by_cards": swings}]
    (tmp_path / "report.json").write_text(json.dumps(report))
    text = write_report(tmp_path).read_text()
    assert 'id="drawn-table"' in text
    bars = json.loads(re.search(r'id="figures">(.*?)</script>', text, re.DOTALL).group(1))["tornado"][0]["data"][0]
    assert bars["base"] == [2.0, 1.5]  # from below: the largest stands above
    assert bars["x"] == [0.25, 2.5]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("report.json", None, "holds no finished run"),
        ("report.json", "{", "report.json: "),
        ("report.json", '{"schema": "other/1"}', "expected a report of schema capcam-report/1"),
        ("heads.csv", None, "heads.csv: No such file"),
        ("heads.csv", "layer,batch\n0,0\n", "lacks the columns head, core, first_cycle, last_cycle"),
        ("scores.csv", "", "scores.csv: "),
        ("timeline.json", '{"traceEvents": [{"ph": "X"}]}', "not a timeline"),
        ("montecarlo.csv", "a,b\n1,2\n", "lacks the columns corner"),
    ],
)
def test_a_folder_that_is_not_a_whole_run_is_refused(
    run_folder: Path, tmp_path: Path, file: str, content: str | None, said: str
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    ended = command(folder)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (folder / "report.html").exists()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        write_report(tmp_path / "nothing")


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "results.sqlite") as database:
        database.execute("CREATE TABLE other (a)")
    with pytest.raises(InputError, match=r"results\.sqlite: no such table"):
        write_report(tmp_path)


def test_shares_of_a_stage_and_costs_of_components_add_up(run_folder: Path) -> None:
    run = read_run(run_folder)
    assert run.stages.sum(axis=1).tolist() == pytest.approx([1.0] * len(run.stages))
    assert run.costs["energy_pj"].sum() == pytest.approx(run.report["energy_pj"]["total"])
    assert run.costs["area_um2"].sum() == pytest.approx(run.report["area_um2"]["total"])


def test_accuracy_by_head_averages_to_that_of_the_run(run_folder: Path) -> None:
    run = read_run(run_folder)
    table = run.head_accuracy("ideal_cosine")
    assert table is not None
    assert table.shape == (2, 12)  # layers 0 and 3 of 12 heads
    assert table.to_numpy().mean() == pytest.approx(run.report["accuracy"]["ideal"]["cosine"])
    assert table.to_numpy().min() == pytest.approx(run.report["accuracy"]["ideal"]["worst_head_cosine"])


def test_the_sensing_error_of_the_page_is_that_of_the_scores(run_folder: Path) -> None:
    scores = read_run(run_folder).scores
    assert scores is not None
    kept = scores[scores["kept_keys"] > 0]
    mean = mean_error(read_run(run_folder))
    assert mean is not None
    assert mean[0] == pytest.approx((kept["mean_error"] * kept["kept_keys"]).sum() / kept["kept_keys"].sum())
    assert abs(mean[0]) < mean[1]  # a comparator with noise errs both ways
    assert 0.1 < mean[1] < 1.0  # 0.8 LSB of half a match


def test_numbers_read_well() -> None:
    assert number(1843824) == "1,843,824"
    assert number(0.25841) == "0.258"
    assert number(11661.8, 4) == "11,662"
    assert number(None) == number(float("nan")) == "–"
    assert number(0) == "0"
    unit = fitting(ENERGY, [14079.3, 12.0])
    assert unit.column([14079.3, 12.0, None]) == ["14.08", "0.01", "–"]  # nJ
