# SPDX-License-Identifier: Apache-2.0
"""A run of the shipped trace with everything a report can show, and the browser it is opened in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
NOISY = ["sensing.matching_coefficient=0.02", "sensing.comparator_noise_mv=12.5"]


@pytest.fixture(scope="session")
def run_folder(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "run"
    sets = [word for one in NOISY for word in ("--set", one)]
    trace = ["--trace", str(ROOT / "traces/minilm_origin.safetensors"), "--layers", "0,3"]
    timeline = ["--timeline", str(folder / "timeline.json")]
    folder.mkdir()
    for command in (
        ["run", str(ROOT / "configs/camformer.toml"), *trace, *sets, "--out", str(folder), *timeline],
        ["montecarlo", "camformer", *sets, "--instances", "3", "--csv", str(folder / "montecarlo.csv")],
    ):
        subprocess.run([program, *command], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium: Debian's, driven by selenium. Nothing is downloaded for it."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("there is no Chromium with its driver: scripts/install_packages.sh browser")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for word in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(word)
    if os.geteuid() == 0:  # Chromium's sandbox refuses root
        options.add_argument("--no-sandbox")
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


@pytest.fixture(scope="session")
def search_folder(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from capcam.explore import search

    folder = tmp_path_factory.mktemp("search")
    shape = ["--queries", "8", "--keys", "64", "--head-dim", "32", "--value-dim", "32"]
    subprocess.run([program, "trace", "synth", folder / "trace.safetensors", *shape], check=True, capture_output=True)
    sweep = folder / "sweep.toml"
    sweep.write_text(
        'base = "camformer"\ntraces = ["trace.safetensors"]\n'
        '[grid]\n"array.rows" = [8, 16, 32]\n"sensing.bits" = [3, 5]\n'
    )
    search(sweep, folder / "out", trials=12)
    return folder / "out"
