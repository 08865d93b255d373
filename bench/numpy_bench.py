#!/usr/bin/env python3
# The same arithmetic as bench/fast_bench.cpp's kernel in plain numpy, for scale: one head, queries in blocks.
# Prints JSON in Google Benchmark's form. Needs numpy.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import platform
import time

import numpy as np

ROWS, TILE_K, N, BITS, BLOCK = 16, 2, 32, 6, 64


def head(queries, keys, values, scale, dimension):
    """Attention of a block of queries [b, D] over keys [n, D] of signs (+1, -1) and values [n, Dv]."""
    matches = ((queries @ keys.T + dimension) / 2).astype(np.int32)  # [b, n]
    codes = np.minimum((2 * matches * (1 << BITS) + dimension) // (2 * dimension), (1 << BITS) - 1)
    tiles = codes.reshape(len(queries), -1, ROWS)
    best = np.argsort(-tiles, axis=2, kind="stable")[:, :, :TILE_K]  # equal codes: lower key first
    kept = np.take_along_axis(tiles, best, 2).reshape(len(queries), -1)
    keys_of = (best + np.arange(tiles.shape[1])[:, None] * ROWS).reshape(len(queries), -1)
    order = np.lexsort((keys_of, -kept), axis=1)[:, :N]
    kept, keys_of = np.take_along_axis(kept, order, 1), np.take_along_axis(keys_of, order, 1)
    weights = np.exp((kept - kept[:, :1]) * np.float32(2 * dimension / (1 << BITS) * scale), dtype=np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("bk,bkd->bd", weights, values[keys_of])


def measure(keys_count, dimension):
    random = np.random.default_rng(1)
    queries = np.sign(random.standard_normal((BLOCK, dimension))).astype(np.float32)
    keys = np.sign(random.standard_normal((keys_count, dimension))).astype(np.float32)
    values = random.standard_normal((keys_count, dimension)).astype(np.float32)
    best = float("inf")
    begin = time.perf_counter()
    while time.perf_counter() - begin < 0.5:
        start = time.perf_counter()
        head(queries, keys, values, dimension**-0.5, dimension)
        best = min(best, time.perf_counter() - start)
    return best / BLOCK * 1e6


def main():
    benchmarks = []
    for keys_count in (256, 1024, 4096, 16384, 131072):
        for dimension in (32, 64, 128):
            microseconds = measure(keys_count, dimension)
            benchmarks.append({"name": f"numpy/n:{keys_count}/D:{dimension}", "real_time": microseconds,
                               "time_unit": "us", "us/head_query": microseconds})
    context = {"numpy": np.__version__, "machine": platform.machine(), "num_cpus": os.cpu_count()}
    print(json.dumps({"context": context, "benchmarks": benchmarks}, indent=2))


if __name__ == "__main__":
    main()
