# SPDX-License-Identifier: Apache-2.0
"""The page as its reader has it: opened in Chromium, clicked and read. Screenshots stay under build/report-screens."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capcam.report import write_report

pytestmark = pytest.mark.slow

SCREENS = Path(__file__).parents[3] / "build" / "report-screens"
DESKTOP, PHONE = 1200, 390

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def page(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(run_folder, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture
def opened(browser: Any) -> Open:
    """Opens a page at a width, in the light or the dark, once its figures are drawn."""

    def open_page(page: Path, width: int = DESKTOP, dark: bool = False) -> Any:
        from selenium.webdriver.support.ui import WebDriverWait

        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [scheme]})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get_log("browser")  # what earlier pages said
        browser.get(page.as_uri())
        WebDriverWait(browser, 120).until(
            lambda driver: driver.execute_script("return document.documentElement.dataset.ready === 'yes'")
        )
        return browser

    return open_page


def problems_of(browser: Any) -> list[str]:
    """What the page complained of, and what it asked the network for."""
    asked = browser.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    return [entry["message"] for entry in browser.get_log("browser")] + [name for name in asked if name[:5] != "data:"]


def keep_screen(browser: Any, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    width, height = browser.execute_script("const e = document.documentElement; return [e.clientWidth, e.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    (SCREENS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def colour(browser: Any, selector: str, name: str) -> str:
    found: str = browser.execute_script(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", selector, name
    )
    return found


@pytest.mark.parametrize(
    ("name", "width", "dark"), [("light", DESKTOP, False), ("dark", DESKTOP, True), ("phone", PHONE, False)]
)
def test_every_figure_is_drawn_without_a_complaint_and_without_the_network(
    opened: Open, page: Path, name: str, width: int, dark: bool
) -> None:
    browser = opened(page, width, dark)
    keep_screen(browser, f"run-{name}")
    assert problems_of(browser) == []
    undrawn = "return [...document.querySelectorAll('.plot')].filter((p) => !p.querySelector('svg.main-svg')).length"
    assert browser.execute_script(undrawn) == 0
    figures = browser.execute_script("return [...document.querySelectorAll('.plot')].map((p) => p.id)")
    assert figures == ["stages", "heads", "timeline", "costs", "accuracy-map", "scores", "sensing"]
    overflow = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, "the page itself does not scroll sideways"


def test_the_page_says_what_the_report_says(opened: Open, page: Path, run_folder: Path) -> None:
    report = json.loads((run_folder / "report.json").read_text())
    browser = opened(page)
    tiles = browser.find_element("css selector", ".tiles").text
    assert f"{report['cycles']['total']:,}" in tiles
    rows = browser.find_elements("css selector", "#stage-table tbody tr")
    assert len(rows) == len(report["cycles"]["stages"])
    association = report["cycles"]["stages"]["association"]
    assert f"{100 * association['busy'] / report['cycles']['total']:.1f} %" in rows[0].text
    assert len(browser.find_elements("css selector", "#cards tbody tr")) == len(report["cards"])


def test_the_button_turns_dark_to_light_and_back_figures_too(opened: Open, page: Path) -> None:
    browser = opened(page, dark=True)
    seen = []
    for _ in range(3):
        tick = colour(browser, "#stages .ytick text", "fill")
        seen.append((colour(browser, "body", "background-color"), tick))
        browser.find_element("id", "theme").click()
    assert seen[0] == seen[2]
    assert seen[0][0] != seen[1][0], "the page"
    assert seen[0][1] != seen[1][1], "a figure's text"


def test_another_figure_is_shown_when_it_is_chosen(opened: Open, page: Path) -> None:
    from selenium.webdriver.support.ui import Select

    browser = opened(page)
    shown = "return document.getElementById('accuracy-map').data[0].z"
    cosines = browser.execute_script(shown)
    choice = Select(browser.find_element("css selector", "select[data-for='accuracy-map']"))
    choice.select_by_visible_text("relative L2 error against exact")
    errors = browser.execute_script(shown)
    assert len(errors) == len(cosines) == 2  # layers 0 and 3
    assert errors != cosines


def test_a_click_on_a_column_sorts_by_it_and_the_sum_stays_below(opened: Open, page: Path, run_folder: Path) -> None:
    energies = json.loads((run_folder / "report.json").read_text())["energy_pj"]["components"]
    least_first = [name.replace("_", " ") for name in sorted(energies, key=energies.__getitem__)]
    browser = opened(page)
    header = browser.find_element("css selector", "#cost-table thead th:nth-child(3) button")
    names = "return [...document.querySelectorAll('#cost-table tbody tr')].map((row) => row.cells[0].textContent)"
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", header)
    header.click()
    assert browser.execute_script(names) == least_first
    header.click()
    assert browser.execute_script(names) == least_first[::-1]
    assert browser.find_element("css selector", "#cost-table tfoot").text.startswith("all")


def test_it_prints_in_the_light_with_figures_as_wide_as_the_paper(opened: Open, page: Path) -> None:
    browser = opened(page, dark=True)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    pdf = base64.b64decode(printed["data"])
    SCREENS.mkdir(parents=True, exist_ok=True)
    (SCREENS / "run.pdf").write_bytes(pdf)
    assert pdf.startswith(b"%PDF")
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert colour(browser, "body", "background-color") == "rgb(255, 255, 255)"
    assert browser.execute_script("return document.querySelector('#stages svg.main-svg').clientWidth") == 660
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert colour(browser, "body", "background-color") != "rgb(255, 255, 255)"


def test_text_of_others_stays_text(opened: Open, run_folder: Path, tmp_path: Path) -> None:
    evil = "<img src=x onerror='window.broken = 1'></script><script>window.broken = 1</script>"
    report = json.loads((run_folder / "report.json").read_text())
    report["trace"]["model"] = report["warnings"] = report["cards"][0]["source"] = evil
    report["warnings"] = [evil]
    report["energy_pj"]["components"][evil] = 1.0
    report["cycles"]["stages"][evil] = {"units": 2, "busy": 1, "starved": 1, "blocked": 0}
    (tmp_path / "report.json").write_text(json.dumps(report))
    for name in ("heads.csv", "scores.csv"):
        (tmp_path / name).write_bytes((run_folder / name).read_bytes())
    browser = opened(write_report(tmp_path))
    assert browser.find_element("tag name", "h1").text == evil
    assert browser.execute_script("return window.broken") is None
    assert browser.find_elements("css selector", "img[src='x']") == []
    assert problems_of(browser) == []


def test_a_point_of_a_search_tells_its_keys_when_it_is_hovered(
    opened: Open, search_folder: Path, tmp_path: Path
) -> None:
    browser = opened(write_report(search_folder, tmp_path / "search.html"))
    keep_screen(browser, "search-light")
    browser.execute_script("Plotly.Fx.hover('pareto', [{curveNumber: 2, pointNumber: 0}])")
    shown = browser.find_element("css selector", "#pareto .hoverlayer").text
    assert "array.rows = " in shown
    assert "energy per head-query" in shown
    assert problems_of(browser) == []
