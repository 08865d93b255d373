#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A search of one row with its phases, by ngspice and by the model: docs/figures/circuit_search.svg.

  scripts/circuit_waveforms.py [capcam] [--figure docs/figures/circuit_search.svg]      needs ngspice and matplotlib

The circuit is configs/pvt.toml; its switches are so slow (4 kOhm) that what has not settled shows. The model's curves
are the equations of src/kernels/phases.h with the netlist's own values.
"""

import argparse
import math
import pathlib
import re
import subprocess
import tempfile

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = "1110010110110100"
SETS = [
    "array.columns=16",
    "sensing.switch_resistance_kohm=4",
    "sensing.matchline_ohm_per_column=0",
    "sensing.search_line_ohm_per_row=0",
    "sensing.leakage_pa=0",
    "sensing.injected_charge_fc=0",
    "sensing.matching_coefficient=0",
]
COLOURS = {
    "a cell that matches": "#0072b2",
    "a cell that does not": "#d55e00",
    "matchline": "#009e73",
    "sampled": "#cc79a7",
}


def waves(capcam):
    """The netlist, and columns of time in ns and volts from ngspice."""
    command = [capcam, "spice", "pvt", "--row", ROW]
    for one in SETS:
        command += ["--set", one]
    netlist = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    match, other = ROW.index("1"), ROW.index("0")
    with tempfile.TemporaryDirectory() as folder:
        deck = netlist.replace(
            ".end\n",
            f".control\nrun\nwrdata {folder}/waves.data v(cell{match}) v(cell{other}) v(matchline) v(held)\n"
            ".endc\n.end\n",
        )
        path = pathlib.Path(folder) / "row.cir"
        path.write_text(deck)
        subprocess.run(["ngspice", "-b", str(path)], check=True, capture_output=True)
        rows = [
            [float(x) for x in line.split()] for line in (pathlib.Path(folder) / "waves.data").read_text().splitlines()
        ]
    return netlist, [1e9 * r[0] for r in rows], [[r[1 + 2 * i] for r in rows] for i in range(4)]


def number(pattern, text):
    return float(re.search(pattern, text, re.MULTILINE).group(1))


def model(netlist, times):
    """The same four voltages by the equations."""
    supply = number(r"^\.param supply=(\S+)", netlist)
    cell_ff = number(r"^Ccell0 cell0 0 (\S+?)f", netlist)
    wire_ff, sample_ff = number(r"^Cline0 matchline 0 (\S+?)f", netlist), number(r"^Csample held 0 (\S+?)f", netlist)
    cell_kohm = number(r"cell_switch SW\(.*RON=(\S+?)k", netlist)
    sample_kohm = number(r"sampling_switch SW\(.*RON=(\S+?)k", netlist)
    late_ns = number(r"row 0 after (\S+) ns", netlist)
    used, matches, phase = len(ROW), ROW.count("1"), 0.25
    tau = 1e-3 * cell_kohm * cell_ff
    charged = supply * (1 - math.exp(-phase / tau))
    kept = charged * math.exp(-(phase - late_ns) / tau)
    mean = (matches * charged + (used - matches) * kept) / used
    # Cells together, matchline and sampling capacitor from the sharing on, in steps of 20 fs.
    volts, joined, step_ns = [mean, 0.0, 0.0], [], 2e-5
    for i in range(round(2 * phase / step_ns) + 1):
        joined.append(tuple(volts))
        shared = (volts[0] - volts[1]) / (1e-3 * cell_kohm / used) * step_ns
        sampled = (volts[1] - volts[2]) / (1e-3 * sample_kohm) * step_ns if i * step_ns >= phase else 0.0
        volts[0] -= shared / (used * cell_ff)
        volts[1] += (shared - sampled) / wire_ff
        volts[2] += sampled / sample_ff
    curves = [[], [], [], []]
    for t in times:
        rising = supply * (1 - math.exp(-min(t, phase) / tau))
        falling = charged * math.exp(-max(0.0, min(t, 2 * phase) - phase - late_ns) / tau)
        curves[0].append(rising if t < 2 * phase else math.nan)
        curves[1].append(rising if t < phase else falling if t < 2 * phase else math.nan)
        _, line, held = joined[min(len(joined) - 1, max(0, round((t - 2 * phase) / step_ns)))]
        curves[2].append(line if t >= 2 * phase else math.nan)
        curves[3].append(held if t >= 3 * phase else math.nan)
    return curves


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("capcam", nargs="?", default=str(ROOT / "build/release/capcam"))
    parser.add_argument("--figure", default=str(ROOT / "docs/figures/circuit_search.svg"))
    arguments = parser.parse_args()
    netlist, times, found = waves(arguments.capcam)
    keep = [i for i, t in enumerate(times) if t <= 1.0]
    times, found = [times[i] for i in keep], [[wave[i] for i in keep] for wave in found]
    expected = model(netlist, times)
    plt.rcParams.update({"svg.hashsalt": "capcam", "svg.fonttype": "none", "font.size": 9})
    figure, axes = plt.subplots(figsize=(7.2, 3.4), layout="constrained")
    for (name, colour), wave, curve in zip(COLOURS.items(), found, expected):
        axes.plot(times, wave, color=colour, linewidth=1.4, label=name)
        axes.plot(
            times,
            curve,
            color="black",
            linewidth=0.8,
            linestyle=(0, (2, 2)),
            label="model" if wave is found[3] else None,
        )
    for i, phase in enumerate(("precharge", "evaluation", "sharing", "sampling")):
        axes.axvline(0.25 * (i + 1), color="#999999", linewidth=0.6)
        axes.text(0.25 * i + 0.125, 1.06, phase, ha="center")
    axes.axhline(ROW.count("1") / len(ROW), color="#999999", linewidth=0.6, linestyle=":")
    axes.set(xlim=(0, 1), ylim=(-0.02, 1.13), xlabel="ns", ylabel="V")
    figure.legend(loc="outside lower center", ncols=5, frameon=False)
    figure.savefig(arguments.figure, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
