#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws predicted against published figures of silicon: docs/figures/silicon.svg.

  scripts/silicon_fit.py [capcam] [--figure docs/figures/silicon.svg]      needs matplotlib
"""

import argparse
import csv
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PANELS = [
    ("energy of one operation of a matchline, pJ", ("array_pj", "converter_pj", "matchline_pj", "fj_per_bit")),
    ("area, mm$^2$", ("array_mm2", "converter_mm2", "area_mm2")),
]
NAMES = {
    "array_pj": "array",
    "converter_pj": "converter",
    "matchline_pj": "matchline",
    "fj_per_bit": "digital CAM, fJ a bit",
    "array_mm2": "array",
    "converter_mm2": "converters",
    "area_mm2": "macro",
}
MARKERS, COLOURS = "os^D", {"fit": "#0072b2", "left_out": "#d55e00"}


def compared(capcam):
    """The lines of the CSV of capcam reproduce silicon."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "silicon.csv"
        subprocess.run([capcam, "reproduce", "silicon", "--csv", str(path)], check=True, stdout=subprocess.DEVNULL)
        with path.open(newline="") as file:
            return list(csv.DictReader(file))


def plot(capcam, figure):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"svg.hashsalt": "capcam", "font.size": 9})
    lines = compared(capcam)
    drawing, panels = pyplot.subplots(1, 2, figsize=(9, 4.4))
    for panel, (title, components) in zip(panels, PANELS):
        values = []
        for component, marker in zip(components, MARKERS):
            for use, colour in COLOURS.items():
                some = [line for line in lines if line["component"] == component and line["use"] == use]
                x = [float(line["published"]) for line in some]
                y = [float(line["predicted"]) for line in some]
                values += x + y
                label = f"{NAMES[component]}, {'fitted' if use == 'fit' else 'left out'}"
                panel.scatter(x, y, marker=marker, s=26, facecolors=colour if use == "fit" else "none",
                              edgecolors=colour, label=label if some else None)
        span = [min(values) / 2, max(values) * 2]
        panel.fill_between(span, [v / 2 for v in span], [v * 2 for v in span], color="#dddddd", zorder=0)
        panel.plot(span, span, color="#888888", linewidth=0.8, zorder=0)
        panel.set(xscale="log", yscale="log", xlim=span, ylim=span, title=title, xlabel="published", ylabel="predicted")
        panel.legend(fontsize=7, loc="upper left")
    drawing.tight_layout()
    drawing.savefig(figure, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capcam", nargs="?", default=str(ROOT / "build/release/capcam"))
    parser.add_argument("--figure", default=str(ROOT / "docs/figures/silicon.svg"))
    arguments = parser.parse_args()
    plot(arguments.capcam, arguments.figure)


if __name__ == "__main__":
    main()
