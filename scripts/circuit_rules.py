#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Design rules of the circuit: where cells of 22 to 1 fF stand, and how large and fast an array may be.

  scripts/circuit_rules.py table [capcam]      the table of docs/circuit.md, in Markdown: capacitor x bits x supply
  scripts/circuit_rules.py published [capcam]  what stands beside the published 1.12 %, in Markdown
  scripts/circuit_rules.py map [capcam]        what range of assumptions gives it, in Markdown
  scripts/circuit_rules.py plot [capcam] [--figure docs/figures/circuit_rules.svg]      needs matplotlib

All of configs/pvt.toml, one change at a time; `table` and `plot` on the shipped trace. Minutes each.
"""

import argparse
import csv
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TRACE = str(ROOT / "traces/minilm_origin.safetensors")
CAPACITORS, BITS, SUPPLIES, TEMPERATURES = (22, 8, 2, 1), (4, 6, 8), (1.0, 0.7), (-40, 25, 125)
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"]


def sets_of(keys):
    return [
        word for key, value in keys.items() for word in ("--set", f"{key if '.' in key else 'sensing.' + key}={value}")
    ]


def conditions(capcam, keys, *options):
    """The lines of a montecarlo CSV."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "m.csv"
        command = [capcam, "montecarlo", "pvt", "--csv", str(path), *options, *sets_of(keys)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with path.open(newline="") as file:
            return list(csv.DictReader(file))


def on_trace(capcam, keys, temperature):
    return conditions(
        capcam,
        keys,
        "--trace",
        TRACE,
        "--trace-instances",
        "1",
        "--instances",
        "20",
        "--searches",
        "50",
        f"--temperatures={temperature}",
    )[0]


def largest_error(capcam, keys, temperature):
    """Name of the largest error that `capcam check` prints."""
    text = subprocess.run(
        [capcam, "check", "pvt", *sets_of({**keys, "temperature_c": temperature})],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    circuit = text[text.index("The circuit:") :].splitlines()
    lsb = circuit[0].split("an LSB ")[1].split(";")[0]
    names = [line.rsplit(None, 2)[0].strip() for line in circuit[1:] if line.startswith("  ") and line.endswith(" LSB")]
    return lsb, names[0]


def table(capcam):
    print(
        "| cell | bits | supply | LSB | effective bits at -40 / 25 / 125 degC | "
        "largest error at 25, at 125 degC | recall, % | relative L2 |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for capacitor in CAPACITORS:
        for supply in SUPPLIES:
            for bits in BITS:
                keys = {"cell_capacitance_ff": capacitor, "supply_v": supply, "bits": bits}
                lines = conditions(
                    capcam,
                    keys,
                    "--instances",
                    "20",
                    "--searches",
                    "50",
                    "--temperatures=" + ",".join(map(str, TEMPERATURES)),
                )
                effective = [float(line["effective_bits"]) for line in lines]
                lsb, limit = largest_error(capcam, keys, 25)
                _, hot = largest_error(capcam, keys, 125)
                figures = on_trace(capcam, keys, 25)
                recall, l2 = 100 * float(figures["selection_recall"]), float(figures["relative_l2"])
                print(
                    f"| {capacitor} fF | {bits} | {supply} V | {lsb} | "
                    + " / ".join(f"{e:.1f}" for e in effective)
                    + f" | {limit}, {hot} | {recall:.2f} | {l2:.3f} |",
                    flush=True,
                )


PVT = ("--corners", "tt,ss,ff,sf,fs", "--temperatures=-40,25,125", "--supply-errors=-0.1,0,0.1")
# Of the table beside the published figure: what is said, and the keys that are set.
BESIDE = (
    ("capcam, charge domain", {}),
    (
        "- mismatch and kT/C alone",
        {
            "settling": "false",
            "leakage_pa": 0,
            "injected_charge_fc": 0,
            "reference_error": 0,
            "offset_mv": 0,
            "offset_mismatch_mv": 0,
            "comparator_noise_mv": 0,
            "element_mismatch": 0,
        },
    ),
    ("- converters trimmed to 1 mV (`offset_mismatch_mv=1`)", {"offset_mismatch_mv": 1}),
    (
        "- a reference that does not follow the supply (`reference_follows_supply=false`)",
        {"reference_follows_supply": "false"},
    ),
    (
        "capcam, time domain against a clock (`kind=time_domain`, `search_cycles=4`, `reference_follows_supply=false`)",
        {"kind": "time_domain", "array.search_cycles": 4, "reference_follows_supply": "false"},
    ),
    (
        "capcam, time domain against delays of the same transistors (`kind=time_domain`, `search_cycles=4`)",
        {"kind": "time_domain", "array.search_cycles": 4},
    ),
    (
        "- of transistors 12 times as wide (and `drive_current_ua=480`, `delay_capacitance_ff=14.4`)",
        {"kind": "time_domain", "array.search_cycles": 4, "drive_current_ua": 480, "delay_capacitance_ff": 14.4},
    ),
    ("- in the one cycle that the charge domain takes (`kind=time_domain`)", {"kind": "time_domain"}),
)


def published(capcam):
    print("| | mean error, % of full scale | LSB | wrong codes |")
    print("|---|---|---|---|")
    print("| published, charge domain | 1.12 | 0.72 | |")

    def line(name, lines):
        percent, lsb, wrong = (
            sum(float(one[key]) for one in lines) / len(lines)
            for key in ("percent_of_full_scale", "mean_absolute_lsb", "wrong_codes")
        )
        print(f"| {name} | {percent:.2f} | {lsb:.3f} | {100 * wrong:.{2 if wrong < 0.001 else 0}f} % |", flush=True)

    for name, keys in BESIDE:
        if keys.get("kind") == "time_domain" and keys.get("reference_follows_supply"):
            print("| published, time domain (7 x) | 7.8 | | |")
        lines = conditions(capcam, keys, *PVT)
        line(name, lines)
        if not keys:
            worst = max(lines, key=lambda one: float(one["mean_absolute_lsb"]))
            supply = f"{100 * float(worst['supply_error']):+.0f} %".replace("+0 %", "0 %")
            line(f"- its worst condition: {worst['corner']}, {float(worst['temperature_c']):g} degC, {supply}", [worst])


def pvt_percent(capcam, keys):
    lines = conditions(capcam, keys, *PVT, "--instances", "10", "--searches", "10")
    return sum(float(line["percent_of_full_scale"]) for line in lines) / len(lines)


def map_of_assumptions(capcam):
    switches, offsets = (0.5, 1.0, 1.5, 2.0, 3.0), (1, 2, 4, 8, 16)
    for leakage in (5, 50, 500):
        print(f"| {leakage} pA/um: offset \\ switch | " + " | ".join(f"{r} kOhm" for r in switches) + " |")
        print("|---" * (len(switches) + 1) + "|")
        for offset in offsets:
            cells = [
                pvt_percent(
                    capcam,
                    {"switch_leakage_pa_per_um": leakage, "offset_mismatch_mv": offset, "switch_resistance_kohm": r},
                )
                for r in switches
            ]
            print(f"| {offset} mV | " + " | ".join(f"{c:.2f}" for c in cells) + " |", flush=True)
        print()


def effective_bits(capcam, keys):
    return float(conditions(capcam, keys, "--instances", "10", "--searches", "20")[0]["effective_bits"])


def plot(capcam, path):
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "capcam", "svg.fonttype": "none", "font.size": 9})
    figure, axes = plt.subplots(3, 3, figsize=(10, 8.6), layout="constrained")
    femtofarads, columns = [0.5, 1, 2, 4, 8, 16, 32], [16, 32, 64, 128, 256, 512, 1024]
    supplies, degrees, clocks = (
        [0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2],
        [-40, 0, 25, 50, 75, 100, 125],
        [0.25, 0.5, 1, 1.5, 2, 3],
    )

    def draw(place, x, y, name, colour, log=False):
        one = axes[place]
        (one.semilogx if log else one.plot)(x, y, "o-", color=colour, markersize=3, label=name)

    for bits, colour in zip(BITS, COLOURS):
        keys = [{"cell_capacitance_ff": c, "bits": bits} for c in femtofarads]
        replayed = [on_trace(capcam, key, 25) for key in keys]
        name = f"{bits} bits"
        draw((0, 0), femtofarads, [effective_bits(capcam, key) for key in keys], name, colour, True)
        draw((1, 0), femtofarads, [float(figures["relative_l2"]) for figures in replayed], name, colour, True)
        draw(
            (2, 0), femtofarads, [100 * float(figures["selection_recall"]) for figures in replayed], name, colour, True
        )
    for capacitor, colour in zip(CAPACITORS, COLOURS):
        keys, name = {"cell_capacitance_ff": capacitor}, f"{capacitor} fF"
        draw(
            (2, 1), columns, [effective_bits(capcam, {**keys, "array.columns": n}) for n in columns], name, colour, True
        )
        draw((2, 2), clocks, [effective_bits(capcam, {**keys, "clock.frequency_ghz": f}) for f in clocks], name, colour)
        draw((0, 1), supplies, [effective_bits(capcam, {**keys, "supply_v": v}) for v in supplies], name, colour)
        draw((0, 2), degrees, [effective_bits(capcam, {**keys, "temperature_c": t}) for t in degrees], name, colour)
        l2 = [float(on_trace(capcam, {**keys, "supply_v": v}, 25)["relative_l2"]) for v in supplies]
        draw((1, 1), supplies, l2, name, colour)
        draw((1, 2), degrees, [float(on_trace(capcam, keys, t)["relative_l2"]) for t in degrees], name, colour)
    texts = {
        (0, 0): ("cell, fF", "effective bits", "capacitor"),
        (0, 1): ("supply, V", "effective bits", "supply, 6 bits"),
        (0, 2): ("degC", "effective bits", "temperature, 6 bits"),
        (1, 0): ("cell, fF", "relative L2 of the output", "on the shipped trace"),
        (1, 1): ("supply, V", "relative L2 of the output", "on the shipped trace, 6 bits"),
        (1, 2): ("degC", "relative L2 of the output", "on the shipped trace, 6 bits"),
        (2, 0): ("cell, fF", "recall, %", "on the shipped trace"),
        (2, 1): ("columns", "effective bits", "array, 1 GHz, one cycle a search"),
        (2, 2): ("GHz", "effective bits", "clock, 64 columns"),
    }
    for place, (x, y, title) in texts.items():
        axes[place].set(xlabel=x, ylabel=y, title=title)
        axes[place].legend(frameon=False, fontsize=8)
        axes[place].grid(color="#dddddd", linewidth=0.5)
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["table", "published", "map", "plot"])
    parser.add_argument("capcam", nargs="?", default=str(ROOT / "build/release/capcam"))
    parser.add_argument("--figure", default=str(ROOT / "docs/figures/circuit_rules.svg"))
    arguments = parser.parse_args()
    if arguments.what == "table":
        table(arguments.capcam)
    elif arguments.what == "published":
        published(arguments.capcam)
    elif arguments.what == "map":
        map_of_assumptions(arguments.capcam)
    else:
        plot(arguments.capcam, arguments.figure)


if __name__ == "__main__":
    main()
