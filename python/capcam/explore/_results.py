# SPDX-License-Identifier: Apache-2.0
"""Returns what a search has found so far, as a table."""

from __future__ import annotations

from pathlib import Path

import optuna
import pandas as pd
from sqlalchemy.exc import SQLAlchemyError

from .._errors import InputError
from .._objective import pareto_front, read_objectives
from .._point_table import PointTable
from .._points import Points
from . import study as studies


def results(out: Path | str) -> pd.DataFrame:
    """Returns a row for each simulated point: the keys that vary, the figures of its report, `pareto` and `trial`.

    `pareto` is true if no other point beats it in the search's objectives; `trial` is its number in the study. Raises
    InputError if the folder holds no search.
    """
    return read_search(out).frame


def read_search(out: Path | str) -> Points:
    """Returns the same with what the search was after."""
    folder = Path(out)
    with studies.damage_named(folder):
        storage = studies.storage_in(folder)
    if storage is None:
        raise InputError(f"{folder}: holds no search ({', '.join(studies.FILES.values())}), or one that only begins")
    try:
        study = optuna.load_study(study_name="capcam", storage=storage)
        objectives = read_objectives(study.user_attrs["objectives"])
    except (KeyError, ValueError, RuntimeError, SQLAlchemyError) as error:
        raise InputError(f"{folder}: holds no search, or one that only begins: {error}") from None
    try:
        axes = studies.axes_of(study)
        found = studies.finished(study, axes)
        rows = [{**point, **trial.user_attrs["figures"], "trial": trial.number} for trial, point in found]
        keys = [key for axis in axes for key in axis.steps[0]]
        figures = [objective.figure for objective in objectives]
        frame = PointTable(rows) if rows else PointTable(columns=[*keys, *figures, "trial"])
        frame["pareto"] = pareto_front(frame, objectives)
        failed = sum("error" in trial.user_attrs for trial in study.get_trials(deepcopy=False))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, SQLAlchemyError) as error:
        raise InputError(f"{folder}: a damaged search: {type(error).__name__}: {error}") from None
    return Points(frame, keys, objectives, [], failed)
