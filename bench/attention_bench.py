#!/usr/bin/env python3
"""What measuring accuracy costs beside a plain attention: numpy and its BLAS, and capcam_bench, in turns in one run.

    python bench/attention_bench.py CAPCAM_BENCH [--rounds 5]

One thread each. Prints microseconds of the processor per query, the least of short runs, and the ratios. Needs numpy.
"""
# SPDX-License-Identifier: Apache-2.0
import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import json
import subprocess
import time

import numpy as np

KEYS, DIMENSION, BLOCK = 1024, 64, 256


class PlainAttention:
    """softmax(q k^T / sqrt(D)) v in fp32, BLOCK queries at a time, in memory that is found once."""

    def __init__(self, keys, dimension):
        random = np.random.default_rng(1)
        self.q, self.k, self.v = (
            random.standard_normal((count, dimension), dtype=np.float32) for count in (BLOCK, keys, keys)
        )
        self.scores = np.empty((BLOCK, keys), np.float32)
        self.out = np.empty((BLOCK, dimension), np.float32)
        self.scale = np.float32(dimension**-0.5)

    def attend(self):
        np.matmul(self.q * self.scale, self.k.T, out=self.scores)
        self.scores -= self.scores.max(axis=1, keepdims=True)
        np.exp(self.scores, out=self.scores)
        np.matmul(self.scores, self.v, out=self.out)
        self.out /= self.scores.sum(axis=1, keepdims=True)

    def microseconds(self, seconds):
        """The least of the calls in so many seconds, per query."""
        self.attend()
        best, begin = float("inf"), time.perf_counter()
        while time.perf_counter() - begin < seconds:
            start = time.thread_time()
            self.attend()
            best = min(best, time.thread_time() - start)
        return best / BLOCK * 1e6


def ours(program):
    """Microseconds per query of the steps of accuracy, by their names; the least of short repetitions."""
    printed = subprocess.run(
        [program, f"--benchmark_filter=^(exact|recall|ideal|accuracy)/n:{KEYS}/D:{DIMENSION}$",
         "--benchmark_format=json", "--benchmark_min_time=0.02", "--benchmark_repetitions=20"],
        check=True, capture_output=True, text=True).stdout  # fmt: skip
    least = {}
    for one in json.loads(printed)["benchmarks"]:
        if one["run_type"] == "iteration":
            name = one["name"].split("/")[0]
            least[name] = min(least.get(name, float("inf")), one["us/head_query"])
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("capcam_bench")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    plain = PlainAttention(KEYS, DIMENSION)
    least = {}
    for _ in range(arguments.rounds):
        for name, time_of_query in {"numpy": plain.microseconds(0.5), **ours(arguments.capcam_bench)}.items():
            least[name] = min(least.get(name, float("inf")), time_of_query)
    print(f"n = {KEYS}, D = Dv = {DIMENSION}, one thread: us per query, and over numpy's")
    operations = 4 * KEYS * DIMENSION  # multiplications and additions of q k^T and of p v
    for name, time_of_query in least.items():
        print(f"{name:>9}  {time_of_query:6.2f}  {time_of_query / least['numpy']:5.2f}")
    print(f"{operations} multiplications and additions per query: numpy does {operations / least['numpy'] / 1e3:.0f}, "
          f"exact {operations / least['exact'] / 1e3:.0f} in a nanosecond")


if __name__ == "__main__":
    main()
