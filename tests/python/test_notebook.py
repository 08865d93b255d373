# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows of a result."""

from __future__ import annotations

import base64
import html.parser
import re

import numpy as np
import pytest

import capcam

VOID = {"img"}


class Balanced(html.parser.HTMLParser):
    """Raises where a tag is not closed, and keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def text_of(shown: str) -> list[str]:
    parser = Balanced()
    parser.feed(shown)
    parser.close()
    assert parser.open == []
    return parser.texts


def test_a_result_shows_its_figures_and_escapes_what_others_wrote():
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal((1, 2, n, 16)).astype(np.float32) for n in (4, 20, 20))
    trace = capcam.make_trace([(q, k, v)], model="<script>alert(1)</script>")
    result = capcam.Machine().replay(trace, accuracy=1.0)
    shown = result._repr_html_()
    assert "<script>" not in shown
    texts = text_of(shown)
    assert any("<script>alert(1)</script>: 1 layers of 2 heads, 4 queries × 20 keys" in text for text in texts)
    assert texts[texts.index("cycles") + 1] == f"{result.cycles:,}"
    assert "output cosine against exact" in texts


def test_a_run_shows_the_same(shipped_trace, program):
    run = capcam.run("camformer", shipped_trace, layers="0", accuracy=0)
    texts = text_of(run._repr_html_())
    assert texts[texts.index("cycles") + 1] == f"{run.report['cycles']['total']:,}"
    largest = max(run.report["energy_pj"]["components"].items(), key=lambda item: item[1])[0]
    components = texts[texts.index("component") :]
    assert components[3] == largest.replace("_", " ")


def test_a_sweep_shows_its_front_first_and_stays_a_table(program, tmp_path):
    import subprocess

    import pandas as pd

    shape = ["--queries", "8", "--keys", "64", "--head-dim", "32", "--value-dim", "32"]
    subprocess.run([program, "trace", "synth", tmp_path / "t.safetensors", *shape], check=True, capture_output=True)
    (tmp_path / "s.toml").write_text(
        'base = "camformer"\ntraces = ["t.safetensors"]\n[grid]\n"array.rows" = [8, 16, 32]\n"sensing.bits" = [3, 5]\n'
    )
    points = capcam.sweep(tmp_path / "s.toml", tmp_path / "out")
    assert isinstance(points, pd.DataFrame)
    assert isinstance(points[points["pareto"] == 1], pd.DataFrame)
    texts = text_of(points._repr_html_())
    assert texts[0].startswith(f"6 points, {int(points['pareto'].sum())} on the Pareto front")
    assert texts[1:4] == ["front", "array.rows", "sensing.bits"]
    marks = re.findall(r"<tr><td[^>]*>(●?)</td>", points._repr_html_())
    assert marks == sorted(marks, reverse=True)
    assert marks.count("●") == int(points["pareto"].sum())


def test_a_plot_shows_itself(shipped_trace, program, tmp_path):
    pytest.importorskip("matplotlib")
    from capcam import plot

    capcam.run("camformer", shipped_trace, out=tmp_path / "out", layers="0", accuracy=0)
    shown = plot.energy(tmp_path / "out")._repr_html_()
    text_of(shown)
    data = re.search(r'src="data:image/png;base64,([^"]+)"', shown)
    assert base64.b64decode(data[1]).startswith(b"\x89PNG")
