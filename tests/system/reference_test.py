#!/usr/bin/env python3
"""Workloads by name, and random traces and machines: every output compared bit for bit with the numpy reference.

    reference_test.py CAPCAM [--seed N] [--cases N] [--keep DIR]

Each workload (encoder, prefill, decode, cross-attention, windows, grouped heads, padding) runs on both engines, whose
reports must be equal too. Each case draws a synthetic trace (shape, distribution, number format, masks) and a machine, runs both and hands the
outputs to capcam_reference.py. A machine that capcam refuses (exit status 2) is drawn again. Also replays the shipped
trace of a real model. Exit status 1 if anything differs or crashes, 77 (skipped) without numpy.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import json
import pathlib
import random
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = HERE.parent / "reference" / "capcam_reference.py"
SHIPPED_TRACE = HERE.parent.parent / "traces" / "minilm_origin.safetensors"
SKIPPED = 77
REFUSED = 2  # exit status of wrong input
MOST_DRAWS = 20  # of one case


def draw_trace(rng):
    kv_heads = rng.choice([1, 1, 2, 3])
    keys = rng.choice([1, rng.randint(2, 40), rng.randint(41, 300)])
    batch = rng.choice([1, 1, 2, 3])
    options = {
        "seed": rng.randint(0, 2**32),
        "layers": rng.choice([1, 1, 2]),
        "batch": batch,
        "heads": kv_heads * rng.choice([1, 1, 2, 4]),
        "kv-heads": kv_heads,
        "queries": rng.randint(1, 24),
        "keys": keys,
        # Odd, a whole number of 64-bit words, and more than one.
        "head-dim": rng.choice([rng.randint(1, 20), rng.randint(21, 200), 64, 128]),
        "value-dim": rng.choice([1, rng.randint(2, 33), 64]),
        "distribution": rng.choice(["random", "clustered", "equal", "ties"]),
        "dtype": rng.choice(["f32", "f16", "bf16"]),
    }
    if rng.random() < 0.4:
        options["query-offset"] = rng.randint(0, keys + 5)
    if rng.random() < 0.4:
        options["window"] = rng.randint(1, keys + 5)
    if rng.random() < 0.4:
        options["padding"] = rng.randint(0, keys)
    if rng.random() < 0.3:
        options["scale"] = round(rng.uniform(0.001, 1.0), 4)
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    if rng.random() < 0.4:
        arguments.append("--causal")
    return arguments


def draw_machine(rng):
    rows = rng.choice([1, rng.randint(2, 9), 16, rng.randint(17, 70)])
    n = rng.choice([1, rng.randint(2, 12), rng.randint(13, 64)])
    # 0: one stage, every key of a tile is a candidate.
    tile_k = rng.choice([0, 1, rng.randint(1, rows), rng.randint(1, rows)])
    sets = {
        "clock.frequency_ghz": rng.choice([0.5, 1.0, 1.7]),
        "accelerator.cores": rng.choice([1, 1, 2, 5]),
        "array.rows": rows,
        "array.columns": rng.choice([rng.randint(1, 12), rng.randint(13, 100), 64, 256]),
        "array.count": rng.choice([1, 1, 2, 7, 64]),
        "array.program_rows_per_cycle": rng.randint(1, rows),
        "array.search_cycles": rng.randint(1, 3),
        "array.queries_per_program": rng.choice([1, 1, 2, 5]),
        "sensing.kind": rng.choice(["sar", "sar", "time_domain", "ideal"]),
        "sensing.bits": rng.randint(1, 9),
        "sensing.conversion_cycles": rng.randint(1, 4),
        "sensing.rows_per_converter": rng.randint(1, rows),
        "sensing.least_delay_ps": 0.0,
        "score.scale_cycles": rng.randint(0, 3),
        "top_n.n": n,
        "top_n.tile_k": tile_k,
        "top_n.tile_cycles": rng.randint(0, 3),
        "top_n.register_cycles": rng.randint(0, 2),
        # Now and then too few: refused.
        "top_n.register_entries": n + (tile_k or rows) + rng.choice([-1, 0, 0, 1, rng.randint(2, 60)]),
        "top_n.merge_cycles": rng.choice([1, 6, 40]),
        "softmax.format": rng.choice(["bf16", "fp32"]),
        "softmax.lookup_cycles": rng.randint(1, 2),
        "softmax.divide_cycles": rng.randint(1, 4),
        "softmax.pipelined_divider": rng.choice(["true", "false"]),
        "value.format": rng.choice(["bf16", "fp32"]),
        "value.lanes": rng.choice([1, 8, rng.randint(2, 40)]),
        "value.mac_cycles": rng.randint(1, 5),
        "value.pipelined_mac": rng.choice(["true", "false"]),
        "memory.value_source": rng.choice(["dram_prefetch", "dram_prefetch", "sram"]),
        "memory.latency_cycles": rng.choice([1, 24, 500]),
        "memory.bandwidth_gb_s": rng.choice(["inf", "inf", 0.5, 7.3, 60]),
        "memory.key_load": rng.choice(["hidden", "modelled"]),
        "memory.value_load": rng.choice(["hidden", "modelled"]),
        "memory.key_sram_kib": rng.choice([1, 8]),
        "memory.value_sram_kib": rng.choice([1, 2, 16, 128]),
        "pipeline.query_overlap": rng.choice(["true", "false"]),
        "pipeline.decode": rng.choice(["off", "off", "append", "reprogram"]),
        "array.interleave": rng.choice([1, 1, 2, rng.randint(2, 9), 1000]),
    }
    if rng.random() < 0.4:  # errors that are the same in every search and row
        line_ff = rng.uniform(1.0, 150.0)
        circuit = {
            "cell_circuit": rng.choice(["discharge", "charge", "coupling"]),
            "cell_capacitance_ff": rng.uniform(1.0, 25.0),
            "cell_parasitic_ff": rng.uniform(0.0, 1.0),
            "matchline_capacitance_ff": line_ff,
            "sampling_capacitance_ff": rng.uniform(0.1, line_ff),
            "supply_v": rng.uniform(0.7, 1.3),
            "supply_error": rng.choice([0.0, rng.uniform(-0.1, 0.1)]),
            "leakage_pa": rng.choice([0.0, rng.uniform(0.0, 1e4)]),
            "hold_ns": rng.uniform(0.0, 20.0),
            "settling": rng.choice(["true", "true", "false"]),
            "switch_resistance_kohm": rng.uniform(0.5, 20.0),
            "sharing_part": rng.uniform(0.1, 0.4),
            "search_line_ff_per_row": rng.uniform(0.0, 2.0),
            "search_line_ohm_per_row": 0.0,
            "matchline_ohm_per_column": 0.0,
            "regeneration_ps": 0.0,  # what is not decided is drawn
            "delay_capacitance_ff": rng.uniform(0.3, 6.0),
            "reference_follows_supply": "false",
        }
        sets.update({f"sensing.{key}": value for key, value in circuit.items()})
    return [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]


# What users run, as synth options and machine keys.
HEADS = ["--layers", "2", "--heads", "4", "--head-dim", "32", "--value-dim", "24"]
WORKLOADS = {
    "encoder": (["--queries", "70", "--keys", "70"], {}),
    "prefill": (["--queries", "70", "--keys", "70", "--causal"], {}),
    "chunked-prefill": (["--queries", "30", "--keys", "90", "--causal", "--query-offset", "60"], {}),
    "decode-append": (
        ["--queries", "40", "--keys", "90", "--causal", "--query-offset", "50"],
        {"pipeline.decode": "append", "array.count": 6},
    ),
    "decode-reprogram": (
        ["--queries", "40", "--keys", "90", "--causal", "--query-offset", "50"],
        {"pipeline.decode": "reprogram", "array.count": 6},
    ),
    "decode-one-array": (["--queries", "40", "--keys", "40", "--causal"], {"pipeline.decode": "append"}),
    "decode-streamed": (
        ["--queries", "20", "--keys", "300", "--causal", "--query-offset", "280", "--head-dim", "64"],
        {"pipeline.decode": "append", "array.count": 19, "memory.key_sram_kib": 1, "memory.bandwidth_gb_s": 3.5},
    ),
    "cross-attention": (["--queries", "20", "--keys", "90"], {}),
    "decoder-cross-attention": (
        ["--queries", "20", "--keys", "90"],
        {"pipeline.decode": "append", "array.count": 6},
    ),
    "window": (["--queries", "90", "--keys", "90", "--window", "17"], {}),
    "causal-window": (["--queries", "90", "--keys", "90", "--window", "17", "--causal"], {}),
    "decode-window": (
        ["--queries", "90", "--keys", "90", "--window", "17", "--causal"],
        {"pipeline.decode": "append", "array.count": 6},
    ),
    "grouped-query": (["--queries", "60", "--keys", "60", "--causal", "--kv-heads", "2"], {}),
    "multi-query": (["--queries", "60", "--keys", "60", "--kv-heads", "1"], {"accelerator.cores": 2}),
    "grouped-decode": (
        ["--queries", "30", "--keys", "60", "--causal", "--query-offset", "30", "--kv-heads", "2"],
        {"pipeline.decode": "append", "array.count": 4, "memory.key_load": "modelled"},
    ),
    "padded-batch": (["--queries", "50", "--keys", "50", "--batch", "3", "--padding", "30"], {}),
    "padded-decode": (
        ["--queries", "50", "--keys", "50", "--batch", "3", "--padding", "30", "--causal"],
        {"pipeline.decode": "append", "array.count": 4},
    ),
    "interleaved-encoder": (["--queries", "70", "--keys", "70"], {"array.interleave": 64}),
    "interleaved-prefill": (["--queries", "70", "--keys", "70", "--causal"], {"array.interleave": 2}),
    "interleaved-window": (
        ["--queries", "90", "--keys", "90", "--window", "17", "--causal"],
        {"array.interleave": 3, "array.queries_per_program": 4},
    ),
    "interleaved-decode": (
        ["--queries", "40", "--keys", "90", "--causal", "--query-offset", "50"],
        {"pipeline.decode": "append", "array.count": 6, "array.interleave": 4},
    ),
    "interleaved-decode-streamed": (
        ["--queries", "20", "--keys", "300", "--causal", "--query-offset", "280", "--head-dim", "64"],
        {
            "pipeline.decode": "append",
            "array.count": 19,
            "array.interleave": 64,
            "memory.key_sram_kib": 1,
            "memory.bandwidth_gb_s": 3.5,
        },
    ),
    "interleaved-segments": (
        ["--queries", "30", "--keys", "60", "--batch", "2", "--padding", "20"],
        {"array.columns": 10, "array.count": 3, "array.interleave": 64, "memory.key_load": "modelled"},
    ),
}


class Runner:
    def __init__(self, capcam, folder):
        self.capcam = capcam
        self.folder = pathlib.Path(folder)
        self.refused = 0
        self.failures = 0
        self.outputs_compared = 0

    def call(self, command):
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)

    def fail(self, what, commands, ended):
        self.failures += 1
        print(f"FAILED: {what} (exit status {ended.returncode})")
        for command in commands:
            print("  " + shlex.join(str(word) for word in command))
        print((ended.stdout[-1500:] + ended.stderr[-1500:]).rstrip(), flush=True)

    def compare(self, name, trace, sets, made_by):
        """Runs and compares; False if the machine was refused."""
        out = self.folder / name
        run = [self.capcam, "run", "camformer", "--trace", trace, "--out", out, "--save-output", "--accuracy", "0"]
        run += sets
        ended = self.call(run)
        if ended.returncode == REFUSED:
            self.refused += 1
            return False
        commands = made_by + [run]
        if ended.returncode != 0:
            self.fail("the run", commands, ended)
            return True
        reference = [sys.executable, REFERENCE, out / "report.json", trace, out / "outputs.safetensors"]
        compared = self.call(reference)
        if compared.returncode != 0:
            self.fail("outputs differ from the reference", commands + [reference], compared)
        else:
            self.outputs_compared += int(compared.stdout.split()[0])
        return True

    def workload(self, name, synth_options, keys):
        """On both engines: outputs as the reference's, reports equal but for the engine's name."""
        trace = self.folder / f"{name}.safetensors"
        # An option of the workload replaces the common one.
        common = list(zip(HEADS[::2], HEADS[1::2]))
        options = [word for pair in common if pair[0] not in synth_options for word in pair]
        synth = [self.capcam, "trace", "synth", trace, *options, *synth_options]
        made = self.call(synth)
        if made.returncode != 0:
            self.fail("the trace", [synth], made)
            return
        sets = [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]
        reports = []
        for engine in ("systemc", "fast"):
            if not self.compare(f"{name}-{engine}", trace, [*sets, "--engine", engine], [synth]):
                self.failures += 1
                print(f"FAILED: {name}: the machine was refused")
                return
            report = self.folder / f"{name}-{engine}" / "report.json"
            reports.append(json.loads(report.read_text()) if report.exists() else {})
            reports[-1].pop("engine", None)
        if reports[0] != reports[1]:
            self.failures += 1
            differ = [key for key in reports[0] if reports[0][key] != reports[1].get(key)]
            print(f"FAILED: {name}: the engines' reports differ in {', '.join(differ)}")

    def case(self, number, rng):
        trace = self.folder / f"{number}.safetensors"
        synth = [self.capcam, "trace", "synth", trace, *draw_trace(rng)]
        made = self.call(synth)
        if made.returncode != 0:
            self.fail("the trace", [synth], made)
            return
        for _ in range(MOST_DRAWS):
            if self.compare(str(number), trace, draw_machine(rng), [synth]):
                return
        self.failures += 1
        print(f"FAILED: case {number}: {MOST_DRAWS} machines were refused one after another")


def main():
    parser = argparse.ArgumentParser(description="Random cases against the numpy reference.")
    parser.add_argument("capcam")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=25)
    parser.add_argument("--keep", help="folder for traces and results, kept")
    arguments = parser.parse_args()
    try:
        import numpy  # noqa: F401  the reference needs it
    except ImportError:
        print("skipped: numpy is not installed")
        return SKIPPED

    with tempfile.TemporaryDirectory(prefix="capcam-test-") as temporary:
        runner = Runner(arguments.capcam, arguments.keep or temporary)
        runner.folder.mkdir(parents=True, exist_ok=True)
        for name, (synth_options, keys) in WORKLOADS.items():
            runner.workload(name, synth_options, keys)
        for number in range(arguments.cases):
            runner.case(number, random.Random(f"{arguments.seed}/{number}"))
        if not runner.compare("shipped", SHIPPED_TRACE, [], []):
            runner.failures += 1
            print("FAILED: the shipped trace was refused")
    print(
        f"{len(WORKLOADS)} workloads on both engines, {arguments.cases} random cases and the shipped trace: {runner.outputs_compared} outputs equal, "
        f"{runner.refused} machines refused and drawn again, {runner.failures} failures"
    )
    return 1 if runner.failures else 0


if __name__ == "__main__":
    sys.exit(main())
