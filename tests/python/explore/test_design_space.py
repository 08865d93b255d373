# SPDX-License-Identifier: Apache-2.0
"""The design-space example, from the search to the Pareto plot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from capcam.explore import results

EXAMPLE = Path(__file__).parents[3] / "python" / "examples" / "design_space.py"


def test_it_ends_in_a_pareto_plot_and_goes_on_when_it_is_called_again(tmp_path: Path) -> None:
    for trials in (4, 6):
        line = [sys.executable, str(EXAMPLE), str(tmp_path), str(trials)]
        ended = subprocess.run(line, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        assert "that no other beats" in ended.stdout
    assert (tmp_path / "pareto.pdf").read_bytes().startswith(b"%PDF")
    assert "Pareto front" in (tmp_path / "report.html").read_text()
    found = results(tmp_path / "search")
    assert 4 <= len(found) <= 6
    assert found["pareto"].any()
    assert (found["array.rows"] * found["array.count"] <= 128).all()
