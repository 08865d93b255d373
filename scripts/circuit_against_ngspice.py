#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays the hostile reviewer: random rows that have no time to settle, by `capcam spice` and ngspice against the model.

  scripts/circuit_against_ngspice.py FIRST_SEED COUNT [capcam]      needs ngspice; seconds per draw

Prints the worst disagreements of voltage, in LSB, and of supply charge. 8 to 256 columns, 4 to 10 bits, 0.2 to 2 GHz, all
kinds of converters, cell circuits, corners and temperatures, rows that wait, sampling capacitors of up to the whole row.
"""

import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def draw(seed):
    """The keys that are set, the row's cells, and its place in the array."""
    r = random.Random(seed)
    columns, kind = int(2 ** r.uniform(3, 8)), r.choice(["sar", "sar", "flash", "ramp"])
    if kind == "ramp":  # whose netlists are long
        columns = min(columns, 48)
    cell_ff = 2 ** r.uniform(0, 5)
    keys = {
        "array.columns": columns,
        "clock.frequency_ghz": 2 ** r.uniform(-2.3, 1),
        "sensing.kind": kind,
        "sensing.bits": r.randint(4, 6 if kind == "ramp" else 10),
        "sensing.cell_circuit": r.choice(["discharge", "charge", "coupling"]),
        "sensing.rows_per_converter": 1 if kind == "ramp" else r.choice([1, 1, 2, 4, 16]),
        "sensing.conversion_cycles": r.choice([1, 2, 4]),
        "sensing.settling": "true",
        "sensing.sharing_part": r.uniform(0.1, 0.4),
        "sensing.cell_capacitance_ff": cell_ff,
        "sensing.switch_resistance_kohm": 10 ** r.uniform(-0.5, 1),
        "sensing.sampling_resistance_kohm": 10 ** r.uniform(-1, 0.7),
        "sensing.matchline_ohm_per_column": r.choice(['"auto"', 10 ** r.uniform(-1, 2)]),
        "sensing.corner": r.choice(["tt", "ss", "ff", "sf", "fs"]),
        "sensing.temperature_c": r.uniform(-40, 125),
        "sensing.supply_v": r.uniform(0.7, 1.2),
        "sensing.matching_coefficient": r.choice([0, 0, 0.0085]),
        "sensing.leakage_pa": r.choice([0, 0, 10 ** r.uniform(0, 4)]),
    }
    if kind == "sar":
        sampling = r.choice(['"auto"', 0, cell_ff * columns * r.uniform(0.05, 1.0)])
        keys["sensing.sampling_capacitance_ff"] = sampling
        may_open = sampling == 0 or keys["sensing.rows_per_converter"] == 1
    if (kind != "sar" or may_open) and r.random() < 0.3:
        keys["sensing.share_switches"] = "open"
    matches = r.randint(1, columns - 1)
    row = r.choice(["1" * columns, "1" * matches + "0" * (columns - matches), "0" * (columns - matches) + "1" * matches])
    if r.random() < 0.4:
        row = "".join(r.choice("01") for _ in range(columns))
    return keys, row, r.randrange(16)


def number(pattern, text):
    found = re.search(pattern, text)
    return float(found.group(1)) if found else float("nan")


def compare(capcam, seed):
    keys, row, place = draw(seed)
    command = [capcam, "spice", "camformer", "--row", row, "--array-row", str(place), "--seed", str(seed)]
    command += [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]
    netlist = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with tempfile.NamedTemporaryFile("w", suffix=".cir") as file:
        file.write(netlist)
        file.flush()
        found = subprocess.run(["ngspice", "-b", file.name], capture_output=True, text=True).stdout
    lsb_v, expected_v = number(r"an LSB of \d+ bits (\S+) V", netlist), number(r"v_sampled = (\S+) V", netlist)
    ideal_v = number(r"full scale (\S+) V", netlist) * row.count("1") / len(row)
    sampled_v, charge_fc = number(r"v_sampled\s+=\s*(\S+)", found), 1e15 * number(r"q_supply\s+=\s*(\S+)", found)
    expected_fc = number(r"q_supply = (\S+) fC", netlist)
    least_fc = 0.01 * len(row) * keys["sensing.cell_capacitance_ff"]
    what = ", ".join(
        f"{key.split('.')[1]} {value:.3g}" if isinstance(value, float) else f"{key.split('.')[1]} {value}"
        for key, value in keys.items()
    )
    return (
        (sampled_v - expected_v) / lsb_v,
        (charge_fc - expected_fc) / max(abs(expected_fc), least_fc),
        f"of {(sampled_v - ideal_v) / lsb_v:.3f} LSB, seed {seed}, row {place}, {row.count('1')} match: {what}",
    )


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    capcam = sys.argv[3] if len(sys.argv) > 3 else str(ROOT / "build/release/capcam")
    results = [compare(capcam, seed) for seed in range(first, first + count)]
    for name, of, unit in (("voltage", 0, "LSB"), ("charge", 1, "of it")):
        print(f"worst in {name}:")
        for result in sorted(results, key=lambda one: -abs(one[of]) if one[of] == one[of] else -1e9)[:5]:
            print(f"  {result[of]:+.4f} {unit} {result[2]}")


if __name__ == "__main__":
    main()
