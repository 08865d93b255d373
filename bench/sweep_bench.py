#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Points per second of `capcam sweep`, by the number of points and jobs: a table on stderr, JSON on stdout.

  bench/sweep_bench.py [capcam] [--points 100,1000,10000] [--jobs 1,2]

The trace is so small (one head, 4 queries, 64 keys) that a point is mostly what surrounds a simulation. `shared`: points
that differ in timing alone, so that results are computed once; `own`: points of which each has results of its own.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Four keys of ten values each: the first two, three or four of them are 100, 1,000 or 10,000 points.
GRIDS = {
    "shared": ["array.search_cycles", "value.lanes", "softmax.divide_cycles", "memory.latency_cycles"],
    "own": ["array.rows", "top_n.n", "sensing.bits", "array.columns"],
}
FROM = {"array.rows": 4, "sensing.bits": 4, "array.columns": 20, "top_n.n": 3}


def sweep_file(folder, kind, points):
    keys = GRIDS[kind][: len(str(points)) - 1]
    lines = [f'base = "{ROOT}/configs/camformer.toml"', f'traces = ["{folder}/trace.safetensors"]', "[grid]"]
    for key in keys:
        first = FROM.get(key, 1)
        lines.append(f'"{key}" = {{ from = {first}, to = {first + 9}, step = 1 }}')
    path = folder / f"{kind}-{points}.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(capcam, *arguments):
    begin = time.perf_counter()
    subprocess.run([capcam, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("capcam", nargs="?", default=ROOT / "build/bench/capcam")
    parser.add_argument("--points", default="100,1000,10000")
    parser.add_argument("--jobs", default="1,2")
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(options.capcam, "trace", "synth", folder / "trace.safetensors", "--queries", 4, "--keys", 64,
            "--head-dim", 32, "--value-dim", 32)
        for kind in GRIDS:
            for points in map(int, options.points.split(",")):
                file = sweep_file(folder, kind, points)
                for jobs in options.jobs.split(","):
                    out = folder / f"{kind}-{points}-{jobs}"
                    seconds = run(options.capcam, "sweep", file, "--out", out, "--jobs", jobs)
                    again = run(options.capcam, "sweep", file, "--out", out, "--jobs", jobs)
                    size = (out / "results.sqlite").stat().st_size
                    results.append({"kind": kind, "points": points, "jobs": int(jobs), "seconds": seconds,
                                    "points_per_second": points / seconds, "nothing_to_do_seconds": again,
                                    "bytes_per_point": size / points})
                    print(f"{kind:>7} {points:>6} points, {jobs} jobs: {points / seconds:8.0f} points/s, "
                          f"{1e3 * seconds / points:6.2f} ms a point; again: {again:5.2f} s", file=sys.stderr)
    json.dump(results, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
