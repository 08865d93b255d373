# SPDX-License-Identifier: Apache-2.0
"""Figures for papers: their size, and that they show the report's numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import capcam

plot = pytest.importorskip("capcam.plot")


@pytest.fixture(scope="module")
def run(shipped_trace, program, tmp_path_factory):
    out = tmp_path_factory.mktemp("plot")
    return capcam.run("camformer", shipped_trace, out=out / "run", layers="0-1", engine="fast", accuracy=0.5)


@pytest.mark.parametrize("name", ["stages", "energy", "area", "accuracy", "scores"])
def test_a_figure_is_as_wide_as_a_column_and_can_be_saved(run, tmp_path, name):
    figure = getattr(plot, name)(run)
    assert figure.get_figwidth() == plot.COLUMN
    figure.savefig(tmp_path / "figure.pdf")
    assert (tmp_path / "figure.pdf").stat().st_size > 1000
    wide = getattr(plot, name)(run.folder, width=plot.PAGE)
    assert wide.get_figwidth() == plot.PAGE


def test_the_bars_of_a_stage_fill_its_line(run):
    axes = plot.stages(run.report).axes[0]
    assert len(axes.patches) == 3 * len(run.report["cycles"]["stages"])
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(100 * len(run.report["cycles"]["stages"]))


def test_the_bars_of_energy_add_up_to_that_of_a_head_query(run):
    for source in (run, run.report):
        axes = plot.energy(source).axes[0]
        assert axes.get_xlabel() == "energy per head-query, nJ"
        total = 1e3 * sum(bar.get_width() for bar in axes.patches)
        assert total == pytest.approx(run.report["energy_pj"]["per_head_query"])


def test_the_map_of_accuracy_holds_every_head(run):
    values = plot.accuracy(run, "exact_cosine").axes[0].images[0].get_array()
    assert values.shape == (2, 12)
    np.testing.assert_allclose(values.ravel(), run.heads["exact_cosine"])


def test_what_a_run_did_not_measure_is_refused(shipped_trace, program, tmp_path):
    run = capcam.run("camformer", shipped_trace, out=tmp_path / "run", layers="0", engine="fast", accuracy=0)
    with pytest.raises(capcam.InputError, match="no ideal_cosine"):
        plot.accuracy(run)
    with pytest.raises(capcam.InputError, match="no scores"):
        plot.scores(run)


def test_the_front_of_two_objectives_is_drawn_over_the_points_it_beats():
    points = pd.DataFrame({"energy_pj.total": [1e3, 2e3, 3e3], "cycles.total": [30, 10, 20]})
    axes = plot.pareto(points, ["energy_pj.total:min", "cycles.total:min"]).axes[0]
    beaten, front = (dots.get_offsets().tolist() for dots in axes.collections)
    assert beaten == [[3.0, 20.0]]  # nJ
    assert front == [[1.0, 30.0], [2.0, 10.0]]
    with pytest.raises(capcam.InputError, match="two objectives"):
        plot.pareto(points)
    with pytest.raises(capcam.InputError, match="no area"):
        plot.pareto(points, ["area:min", "cycles.total:min"])
