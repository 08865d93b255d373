# SPDX-License-Identifier: Apache-2.0
"""Results come from elsewhere: a damaged one is refused in words, and writing a page harms no file of the user's."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from capcam import InputError
from capcam.__main__ import main
from capcam._points import read_points
from capcam.report import write, write_report

ODD = [None, "text", -1, 0, 1e308, 10**400, True, [], {}, [[]], {"a": {"b": {}}}, "NaN", [None], "\u202e\x9b31m"]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of everything in a document."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def mutated(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


@pytest.fixture(scope="module")
def lean(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run with the beginning of its timeline alone."""
    folder = tmp_path_factory.mktemp("lean") / "run"
    shutil.copytree(run_folder, folder)
    timeline = json.loads((folder / "timeline.json").read_text())
    timeline["traceEvents"] = timeline["traceEvents"][:300]
    (folder / "timeline.json").write_text(json.dumps(timeline))
    return folder


@pytest.fixture
def small_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page without five megabytes of plotly.js, which are the same in all."""
    monkeypatch.setattr("capcam.report.html._plotly", lambda: "")


def report_of(folder: Path) -> int:
    return main(["report", str(folder)])


def test_a_damaged_report_ends_in_a_page_or_in_words(
    lean: Path, tmp_path: Path, small_plotly: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(lean, folder)
    report = json.loads((lean / "report.json").read_text())
    every = list(places(report))
    draw = random.Random(1)
    refused = 0
    for path in draw.sample(every, 100) + [place for place in every if len(place) == 1]:
        (folder / "report.json").write_text(json.dumps(mutated(report, path, draw.choice([..., *ODD]))))
        status = report_of(folder)  # anything but InputError would come out here
        assert status in (0, 2), path
        said = capsys.readouterr().err
        assert said.startswith("error: ") == (status == 2)
        assert "\u202e" not in said
        assert "\x9b" not in said
        refused += status == 2
    assert refused > 40


@pytest.mark.parametrize("name", ["heads.csv", "scores.csv", "montecarlo.csv", "timeline.json"])
def test_a_damaged_table_ends_in_a_page_or_in_words(name: str, lean: Path, tmp_path: Path, small_plotly: None) -> None:
    folder = tmp_path / "run"
    shutil.copytree(lean, folder)
    content = (lean / name).read_bytes()
    draw = random.Random(2)
    for _ in range(12):
        damaged = bytearray(content)
        for _ in range(draw.choice([1, 3, 30])):
            damaged[draw.randrange(min(len(damaged), 3000))] = draw.choice(b'\x00,"9-e{[\xff\n')
        (folder / name).write_bytes(damaged[: draw.choice([len(damaged), 700])])
        assert report_of(folder) in (0, 2)


@pytest.mark.parametrize(
    "content",
    [b"", b"[" * 100_000, b'{"schema":"capcam-report/1","config":' + b"[" * 100_000, b"\xff\xfe", b"1e999", b"NaN"],
)
def test_a_report_that_is_none_is_refused(content: bytes, lean: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(lean, folder)
    (folder / "report.json").write_bytes(content)
    assert report_of(folder) == 2


def test_what_is_no_file_is_not_read(lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("heads.csv", "scores.csv"):
        folder = tmp_path / name
        shutil.copytree(lean, folder)
        (folder / name).unlink()
        os.mkfifo(folder / name)  # nobody will write into it
        assert report_of(folder) == 2
    endless = tmp_path / "endless"
    shutil.copytree(lean, endless)
    (endless / "heads.csv").unlink()
    (endless / "heads.csv").symlink_to("/dev/zero")
    assert report_of(endless) == 2
    large = tmp_path / "large"
    shutil.copytree(lean, large)
    monkeypatch.setattr("capcam._folder.LARGEST_CSV", 100)
    with pytest.raises(InputError, match=r"heads\.csv: expected at most 100 bytes"):
        write_report(large)


def database(folder: Path, script: str, report: Any = None) -> Path:
    with sqlite3.connect(folder / "results.sqlite") as opened:
        opened.executescript(script)
        if report is not None:
            opened.execute("INSERT INTO results VALUES ('k', 'done', ?)", [report])
            opened.execute("INSERT INTO points VALUES (0, 'k')")
    opened.close()
    return folder


TABLES = (
    "CREATE TABLE meta (name TEXT, value TEXT);"
    "CREATE TABLE results (key TEXT, status TEXT, report);"
    "CREATE TABLE points (position INTEGER, key TEXT);"
)


@pytest.mark.parametrize(
    "report", ["", "no report", "[]", "[" * 100_000, '{"config": 3}', '{"cards": [1]}', b"\xff", 7]
)
def test_a_text_of_a_sweep_that_is_no_report_is_refused(report: Any, tmp_path: Path) -> None:
    folder = database(tmp_path, TABLES, report)
    with pytest.raises(InputError, match=r"results\.sqlite"):
        read_points(folder)
    assert report_of(folder) == 2


def test_a_view_in_a_tables_place_is_refused_and_not_computed(tmp_path: Path) -> None:
    endless = (
        "CREATE VIEW points AS WITH RECURSIVE n(position, key) AS "
        "(SELECT 0, 'k' UNION ALL SELECT position + 1, key FROM n) SELECT * FROM n;"
    )
    folder = database(tmp_path, TABLES.replace("CREATE TABLE points (position INTEGER, key TEXT);", "") + endless)
    with pytest.raises(InputError, match="points: expected a table, got a view"):
        read_points(folder)


def test_a_named_link_is_followed_and_stays(lean: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "target.html", tmp_path / "link.html"
    target.write_text("old")
    link.symlink_to(target)
    write_report(lean, link)
    assert link.is_symlink()
    assert target.read_text().startswith("<!doctype html>")


def test_a_pipe_that_nobody_reads_is_said_so(lean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr("capcam._files.READER_TRIES", 2)
    with pytest.raises(InputError, match="pipe: nobody reads the pipe"):
        write_report(lean, tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_pipe_is_written_into_and_stays(lean: Path, tmp_path: Path, small_plotly: None) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write_report(lean, pipe)
    reader.join(10)
    assert got[0].startswith("<!doctype html>")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    write_report(lean, "/dev/null")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_is_said_so(lean: Path) -> None:
    with pytest.raises(InputError, match=r"cannot write /dev/full: No space left"):
        write_report(lean, "/dev/full")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_standard_output_is_the_page_alone(lean: Path) -> None:
    import subprocess

    command = [sys.executable, "-m", "capcam", "report", lean, "--out", "/dev/stdout"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("<!doctype html>")
    assert done.stdout.endswith("</html>\n")


def test_folders_and_what_is_read_are_not_overwritten(lean: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(lean, folder)
    before = sorted(folder.iterdir())
    for name in write.READ[:5]:
        with pytest.raises(InputError, match="is read for the page"):
            write_report(folder, folder / name)
    (tmp_path / "link").symlink_to(folder / "report.json")
    with pytest.raises(InputError, match="is read for the page"):
        write_report(folder, tmp_path / "link")
    with pytest.raises(InputError, match="it is a folder"):
        write_report(folder, tmp_path)
    assert sorted(folder.iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "run"]


def test_links_that_lie_in_a_received_folder_are_not_followed(lean: Path, tmp_path: Path) -> None:
    folder, victim = tmp_path / "run", tmp_path / "victim"
    shutil.copytree(lean, folder)
    victim.write_text("precious")
    (folder / "report.html.part").symlink_to(victim)
    write_report(folder)
    assert victim.read_text() == "precious"
    (folder / "report.html").unlink()
    os.link(victim, folder / "report.html")
    write_report(folder)
    assert victim.read_text() == "precious"
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to(victim)
    with pytest.raises(InputError, match=r"report\.html: is a link: name where to write by --out"):
        write_report(folder)
    assert victim.read_text() == "precious"
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
