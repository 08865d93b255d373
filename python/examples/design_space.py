# SPDX-License-Identifier: Apache-2.0
"""Explores a design space: which array, which converter, how many keys, on the attention of a real model.

    python python/examples/design_space.py [FOLDER] [TRIALS]

searches the space below on the shipped trace, prints the designs that no other beats, and leaves
pareto.pdf and report.html in FOLDER (design_space). Called again it goes on where it stopped.
"""

from __future__ import annotations

import sys
from pathlib import Path

import capcam
from capcam import explore, plot, report

SWEEP = """
base = "camformer"
traces = ["{trace}"]
accuracy = 0.1
objectives = ["energy_pj.per_head_query:min", "throughput.queries_per_ms:max", "accuracy.ideal.cosine:max"]
where = "array.rows * array.count <= 128"

[same]
"sensing.matching_coefficient" = 0.0085    # cells that differ, and noise
"sensing.thermal_noise" = true

[grid]
"array.rows" = {{ from = 8, to = 64, factor = 2 }}
"array.count" = [1, 2, 4]
"sensing.bits" = [4, 5, 6, 7]

[linked]
"top_n.n" = [8, 16, 32]
"top_n.tile_k" = [1, 2, 4]
"""


def main(folder: Path, trials: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sweep = folder / "sweep.toml"
    sweep.write_text(SWEEP.format(trace=capcam.resource("traces/minilm_origin.safetensors")))

    points = explore.search(sweep, folder / "search", trials=trials)

    keys = ["array.rows", "array.count", "sensing.bits", "top_n.n"]
    figures = ["energy_pj.per_head_query", "throughput.queries_per_ms", "accuracy.ideal.cosine"]
    best = points[points["pareto"]].sort_values(figures[0])
    print(f"{len(points)} designs simulated, {len(best)} that no other beats:")
    print(best[keys + figures].to_string(index=False))

    objectives = ["energy_pj.per_head_query:min", "accuracy.ideal.cosine:max"]
    plot.pareto(folder / "search", objectives).savefig(folder / "pareto.pdf")
    print(report.write_report(folder / "search", folder / "report.html"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "design_space"), int(sys.argv[2]) if len(sys.argv) > 2 else 60)
