# SPDX-License-Identifier: Apache-2.0
"""The package as it is installed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import capcam

ROOT = Path(__file__).parents[2]


def test_importing_it_loads_nothing_heavy():
    heavy = "{'numpy', 'torch', 'transformers', 'pandas'} & set(sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", f"import capcam, sys; print({heavy})"], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "set()"


def test_every_name_it_offers_is_there():
    for name in capcam.__all__:
        assert getattr(capcam, name).__doc__, name
    assert set(capcam.__all__) <= set(dir(capcam))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = capcam.nothing


def test_its_version_is_that_of_the_simulator():
    stated = re.search(r"project\(capcam VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert stated is not None
    assert capcam.__version__ == stated[1]
    assert capcam.Machine().time(small_trace())["version"] == stated[1]


def small_trace():
    import numpy as np

    ones = np.ones((1, 1, 2, 4), np.float32)
    return capcam.make_trace([(ones, ones, ones)])


def test_it_brings_its_configurations_cards_and_traces(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert capcam.resource("configs/camformer.toml").is_file()
    assert capcam.resource("traces/minilm_origin.safetensors").is_file()
    with pytest.raises(capcam.InputError, match="cannot find configs/nothing"):
        capcam.resource("configs/nothing")


def test_the_stub_of_the_engine_has_what_the_engine_has():
    from capcam import _engine

    stub = ast.parse((ROOT / "python" / "capcam" / "_engine.pyi").read_text())
    stated = {"": {node.name for node in stub.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}}
    for kind in (node for node in stub.body if isinstance(node, ast.ClassDef)):
        stated[kind.name] = {node.name for node in kind.body if isinstance(node, ast.FunctionDef)} - {"__init__"}
    for name, members in stated.items():
        owner = getattr(_engine, name) if name else _engine
        assert members == {member for member in vars(owner) if not member.startswith("_")}, name
