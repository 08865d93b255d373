#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What interleaved keys cost where causality or a window leaves whole tiles out: the table of docs/selection.md.

  scripts/placement_table.py [capcam]      a Markdown table on stdout; a few seconds
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACEMENTS = (1, 4, 16, 64)
SHAPE = ["--heads", "2", "--keys", "1024", "--head-dim", "64", "--value-dim", "64"]
DECODE = {"pipeline.decode": "append"}
# Name, options of the trace, keys of the machine.
WORKLOADS = (
    ("encoder, 1024 tokens", ["--queries", "1024"], {}),
    ("causal prefill, 1024 tokens", ["--queries", "1024", "--causal"], {}),
    ("causal prefill, window of 128", ["--queries", "1024", "--causal", "--window", "128"], {}),
    ("causal prefill, 8 queries per program", ["--queries", "1024", "--causal"], {"array.queries_per_program": 8}),
    ("decoder, 64 tokens after a prompt of 960", ["--queries", "64", "--causal", "--query-offset", "960"], DECODE),
    ("decoder, the first 64 tokens of 1024", ["--queries", "64", "--causal"], DECODE),
    ("decoder, 1024 tokens, 64 arrays", ["--queries", "1024", "--causal"], DECODE | {"array.count": 64}),
)


def report(capcam, trace, keys):
    sets = [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]
    run = [capcam, "run", "camformer", "--trace", trace, "--accuracy", "0", "--engine", "fast", "--json", *sets]
    return json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)


def main():
    capcam = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "release" / "capcam"
    print("| workload | interleave | searches per head-query | cycles per head-query | nJ per head-query |")
    print("|---|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / "synthetic.safetensors"
        for name, options, keys in WORKLOADS:
            synth = [capcam, "trace", "synth", trace, *SHAPE, *options]
            subprocess.run(synth, check=True, capture_output=True)
            for interleave in PLACEMENTS:
                result = report(capcam, trace, keys | {"array.interleave": interleave})
                size = result["trace"]
                queries = size["batch"] * size["heads"] * size["queries"]
                print(f"| {name} | {interleave} | {result['counts']['cam_array.search'] / queries:.1f} "
                      f"| {result['cycles']['total'] / queries:.1f} | {result['energy_pj']['per_head_query'] / 1e3:.2f} |")


if __name__ == "__main__":
    main()
