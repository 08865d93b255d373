#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the capacitive array wins: the machine against the digital unit for one-bit keys that takes the least energy.

  scripts/where_array_wins.py one [capcam]     one change at a time, in Markdown
  scripts/where_array_wins.py best [capcam]    the best of a grid, in Markdown

The machine may take 16 or 64 queries a program, so the digital unit may take blocks as large: of all that are as fast, the one of least
energy, whatever its area. The front is all that makes scores of one-bit keys: key SRAM, array, lines, converters, scaling, bias and
references; what follows (selection, softmax, values) is the same in both. Prices: 8 heads
of 64 queries and 1024 keys of 64 bits, values of whole heads in the SRAM, configs/pvt.toml by the library `physical`. Errors: the
shipped trace, output against exact attention. A minute or some.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHIPPED = str(ROOT / "traces/minilm_origin.safetensors")
NODES = {65: 1.0, 28: 0.9}  # nominal supply
MACHINE_FRONT = ("key_sram", "cam_array", "search_line", "matchline", "row_decoder", "write_drivers", "converter", "score_scaler", "bias_reference")
BASE = {"node": 65, "fF": 22, "kind": "sar", "bits": 6, "rows": 16, "queries": 16, "circuit": "discharge"}
CHANGES = [
    {},
    *({"queries": queries} for queries in (1, 4, 64)),
    *({"fF": capacitance} for capacitance in (8, 4, 2, 1)),
    *({"bits": bits} for bits in (5, 4)),
    {"bits": 4, "kind": "flash"},
    *({"rows": rows} for rows in (32, 64)),
    {"circuit": "coupling"},
    {"node": 28},
]
GRID = [
    {"node": node, "fF": capacitance, "kind": kind, "bits": bits, "rows": rows, "queries": queries, "circuit": circuit}
    for node in NODES
    for capacitance in (4, 2, 1)
    for kind, bits in (("sar", 6), ("sar", 5), ("sar", 4), ("flash", 4))
    for rows in (16, 64)
    for queries in (16, 64)
    for circuit in ("discharge", "coupling")
]


def sets_of(design):
    supply = NODES[design["node"]]
    keys = {
        "cost.library": "physical",
        "cost.loads": "counted",
        "cost.node_nm": design["node"],
        "cost.supply_v": supply,
        "memory.dram_card": "hbm2",
        "memory.value_source": "sram",
        "memory.value_sram_kib": 256,
        "memory.key_sram_kib": 16,
        "array.rows": design["rows"],
        "top_n.tile_k": design["rows"] // 8,
        "top_n.register_entries": 64,
        "array.queries_per_program": design["queries"],
        "sensing.supply_v": supply,
        "sensing.kind": design["kind"],
        "sensing.bits": design["bits"],
        "sensing.cell_capacitance_ff": design["fF"],
        "sensing.cell_circuit": design["circuit"],
    }
    return [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]


def front_of(machine, figure):
    return sum(value for name, value in machine[figure]["components"].items() if name in MACHINE_FRONT)


def compared(capcam, trace, design):
    """The design, with energies on chip per head-query, areas and output errors of both; None if it cannot be."""

    def command(file, accuracy):
        run = subprocess.run(
            [capcam, "compare", "pvt", "--baseline", "digital-binary", "--trace", file, "--accuracy", accuracy, "--json", *sets_of(design)],
            capture_output=True,
            text=True,
        )
        return json.loads(run.stdout) if run.returncode == 0 else None

    priced, measured = command(trace, "0"), command(SHIPPED, "0.25")
    if priced is None or measured is None:
        return None
    machine, digital = priced["machine"], priced["digital_binary"]
    queries = 8 * 64
    row = dict(design)
    row["front pJ"] = front_of(machine, "energy_pj") / queries
    row["pJ"] = machine["energy_pj"]["on_chip"] / queries
    row["mm2"] = machine["area_um2"]["total"] / 1e6
    least = min((unit for unit in digital["tried"] if unit["meets"]), key=lambda unit: unit["energy_pj"])
    row["digital"] = least["unit"]
    row["digital pJ"] = (least["energy_pj"] - digital["energy_pj"]["dram"]["value"]) / queries  # all load the same
    row["digital mm2"] = least["area_um2"] / 1e6
    row["error"] = measured["machine"]["accuracy"]["exact"]["relative_l2"]
    row["digital error"] = measured["digital_binary"]["accuracy"]["relative_l2"]
    return row


def described(design, changes):
    names = {"node": "{} nm", "fF": "{} fF", "bits": "{} bits", "rows": "{} rows", "queries": "{} queries a program"}
    return ", ".join(names.get(key, "{}").format(design[key]) for key in changes)


def table(title, rows, keys):
    print(f"| {title} | front, pJ | on chip, pJ a head-query: machine / digital | ratio | area, mm^2: machine / digital | ratio "
          "| output error: machine / digital |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for row, shown in zip(rows, keys):
        print(f"| {described(row, shown) or 'base'} | {row['front pJ']:.0f} | {row['pJ']:.0f} / {row['digital pJ']:.0f} "
              f"| {row['pJ'] / row['digital pJ']:.3f} | {row['mm2']:.3f} / {row['digital mm2']:.3f} "
              f"| {row['mm2'] / row['digital mm2']:.2f} | {row['error']:.3f} / {row['digital error']:.3f} |")


def main():
    what, capcam = sys.argv[1], os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else ROOT / "build/release/capcam")
    with tempfile.TemporaryDirectory(prefix="capcam-where-") as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        trace = str(pathlib.Path(folder) / "keys.safetensors")
        shape = ["--heads", "8", "--kv-heads", "8", "--queries", "64", "--keys", "1024", "--head-dim", "64", "--value-dim", "64"]
        subprocess.run([capcam, "trace", "synth", trace, *shape], check=True, capture_output=True)
        designs = [{**BASE, **change} for change in CHANGES] if what == "one" else GRID
        rows = list(pool.map(lambda design: compared(capcam, trace, design), designs))
    if what == "one":
        found = [(row, change) for row, change in zip(rows, CHANGES) if row is not None]
        return table("design", [row for row, _ in found], [list(change) for _, change in found])
    sound = [row for row in rows if row is not None and row["error"] < 1.02 * row["digital error"]]
    print(f"{len(sound)} of {len(rows)} designs have an output error within 2 % of the digital unit's. Of each node the least energy on chip over the digital unit's:\n")
    best = [min((row for row in sound if row["node"] == node), key=lambda row: row["pJ"] / row["digital pJ"]) for node in NODES]
    table("best design", best, [list(BASE)] * len(best))


if __name__ == "__main__":
    main()
