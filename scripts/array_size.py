#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sweep configs/sweeps/array_size.toml on the shipped trace: a Markdown table on stdout, a figure in docs/figures.

  scripts/array_size.py [capcam] [--figure docs/figures/array_size.svg]      needs matplotlib; about ten seconds
"""

import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"]  # Okabe and Ito: told apart by everyone
MARKERS = "os^D"


def points(capcam):
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "points.csv"
        subprocess.run([capcam, "sweep", "array_size", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([capcam, "export", folder, "--csv", str(table)], check=True)
        with table.open(newline="") as file:
            return [{name: number(text) for name, text in row.items()} for row in csv.DictReader(file)]


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def pick(rows, **wanted):
    chosen = [r for r in rows if all(r["array." + key] == value for key, value in wanted.items())]
    return sorted(chosen, key=lambda r: r["array.rows"])


def print_table(rows):
    print("| rows x columns | arrays | queries/ms | nJ per head-query | area, mm^2 | cosine to exact | front |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        if row["array.columns"] != 32 or row["array.count"] not in (1.0, 4.0):
            continue
        print(f"| {row['array.rows']:.0f} x {row['array.columns']:.0f} | {row['array.count']:.0f} "
              f"| {row['throughput.queries_per_ms']:.0f} | {row['energy_pj.per_head_query'] / 1e3:.2f} "
              f"| {row['area_um2.total'] / 1e6:.3f} | {row['accuracy.exact.cosine']:.3f} "
              f"| {'yes' if row['pareto'] else ''} |")


def draw(rows, path):
    plt.rcParams.update({"svg.hashsalt": "capcam", "svg.fonttype": "none", "font.size": 9, "axes.spines.top": False,
                         "axes.spines.right": False})
    figure, (speed, energy, quality) = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    counts = sorted({row["array.count"] for row in rows})
    columns = sorted({row["array.columns"] for row in rows})

    def line(axes, chosen, figure_name, scale, style, label):
        axes.plot([r["array.rows"] for r in chosen], [r[figure_name] * scale for r in chosen], marker=style[1],
                  color=style[0], markersize=4, linewidth=1.3, label=label)

    for count, style in zip(counts, zip(COLOURS, MARKERS)):
        line(speed, pick(rows, columns=32, count=count), "throughput.queries_per_ms", 1, style,
             f"{count:.0f} array{'s' if count > 1 else ''}")
    for column, style in zip(columns, zip(COLOURS, MARKERS)):
        label = f"{column:.0f} columns"
        line(energy, pick(rows, columns=column, count=1), "energy_pj.per_head_query", 1e-3, style, label)
        line(quality, pick(rows, columns=column, count=1), "accuracy.exact.cosine", 1, style, label)
    for axes, title, where in ((speed, "queries/ms (32 columns)", "all layers' heads, one core"),
                               (energy, "nJ per head-query (1 array)", "with DRAM, camformer45 cards"),
                               (quality, "output cosine to exact attention", "6 bits, 2 candidates a tile")):
        axes.set_title(f"{title}\n{where}", fontsize=9)
        axes.set_xscale("log", base=2)
        axes.set_xticks([8, 16, 32, 64, 128], ["8", "16", "32", "64", "128"])
        axes.set_xlabel("rows of an array")
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, fontsize=8)
    speed.set_ylim(bottom=0)
    energy.set_ylim(bottom=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    if path.suffix == ".svg":  # no spaces at the ends of lines
        path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("capcam", nargs="?", default=str(ROOT / "build/release/capcam"))
    parser.add_argument("--figure", type=pathlib.Path, default=ROOT / "docs/figures/array_size.svg")
    options = parser.parse_args()
    rows = points(options.capcam)
    print_table(rows)
    draw(rows, options.figure)
    print(f"{len(rows)} points; figure: {options.figure}", file=sys.stderr)


if __name__ == "__main__":
    main()
