# SPDX-License-Identifier: Apache-2.0
"""A small sweep file: 4 x 3 x 2 combinations, of which `where` leaves 18."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SWEEP = """
base = "camformer"
traces = ["trace.safetensors"]
seed = 7
objectives = ["energy_pj.per_head_query:min", "accuracy.exact.cosine:max"]
where = "array.rows * array.columns <= 1024 or sensing.bits == 6"

[same]
"top_n.n" = 8

[grid]
"array.rows" = { from = 8, to = 64, factor = 2 }
"array.columns" = [32, 64, 128]
"sensing.bits" = [4, 6]
"""


@pytest.fixture
def sweep_file(program: Path, tmp_path: Path) -> Path:
    shape = ["--heads", "1", "--kv-heads", "1", "--queries", "8", "--keys", "64", "--head-dim", "64"]
    trace = tmp_path / "trace.safetensors"
    subprocess.run([program, "trace", "synth", trace, *shape, "--value-dim", "64"], check=True, capture_output=True)
    path = tmp_path / "sweep.toml"
    path.write_text(SWEEP)
    return path
