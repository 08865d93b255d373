# SPDX-License-Identifier: Apache-2.0
"""Keeps the study of a search (Optuna's) in a folder, so that it goes on where it was stopped or killed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from .._errors import InputError
from .._objective import Objective
from .space import Assignment, Axis, Space, point_at

Sampler = Literal["nsga2", "tpe"]
Storage = Literal["sqlite", "journal"]
SAMPLERS: tuple[Sampler, ...] = ("nsga2", "tpe")
FILES: dict[Storage, str] = {"sqlite": "study.sqlite", "journal": "study.journal"}


def storage_in(folder: Path, kind: Storage | None = None) -> BaseStorage | None:
    """Opens the storage in a folder. With a kind, it is made if there is none; without, nothing is written."""
    there: list[Storage] = [name for name, file in FILES.items() if (folder / file).exists()]
    chosen = there[0] if there else kind
    if chosen is None:
        return None
    path = folder / FILES[chosen]
    if kind is None and chosen == "sqlite" and not _is_begun(path):
        return None
    if chosen == "sqlite":
        return RDBStorage(
            f"sqlite:///{path.resolve()}",
            engine_kwargs={"connect_args": {"timeout": 60}},
            skip_table_creation=kind is None,
            skip_compatibility_check=kind is None,
        )
    return JournalStorage(JournalFileBackend(str(path)))


def _is_begun(path: Path) -> bool:
    """Returns true once a search has made its study.

    Before that, Optuna would make tables that the search is making.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return database.execute("SELECT 1 FROM studies").fetchone() is not None
    except sqlite3.Error:
        return False


def open_study(
    folder: Path, kind: Storage, sampler: Sampler, seed: int, objectives: Sequence[Objective], identity: dict[str, Any]
) -> optuna.Study:
    """Opens the folder's study, which is made if it is not there. Raises InputError if it is one of another search."""
    text = json.dumps(identity, sort_keys=True)
    with damage_named(folder):
        study = optuna.create_study(
            storage=storage_in(folder, kind),
            study_name="capcam",
            directions=["minimize" if objective.smaller_is_better else "maximize" for objective in objectives],
            load_if_exists=True,
        )
        known = study.user_attrs.get("identity", text)
        theirs = identity if known == text else json.loads(known)
    if known != text:
        different = ", ".join(name for name in identity if identity[name] != theirs.get(name))
        raise InputError(f"{folder}: holds another search (other {different}); name another folder")
    study.set_user_attr("identity", text)
    study.set_user_attr("objectives", [str(objective) for objective in objectives])
    study.set_metric_names([objective.figure for objective in objectives])
    # A search that goes on must not draw again what it drew at its beginning.
    drawn = (seed + len(study.get_trials(deepcopy=False))) % 2**32  # numpy's generator takes no larger seed
    study.sampler = (
        optuna.samplers.TPESampler(seed=drawn, multivariate=True)
        if sampler == "tpe"
        else optuna.samplers.NSGAIISampler(seed=drawn, population_size=24)
    )
    return study


def recover(study: optuna.Study) -> None:
    """Gives up trials that a killed search left running, and asks for their points again, first."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)


@contextmanager
def damage_named(folder: Path) -> Iterator[None]:
    """Turns what Optuna says of a study that is none into an InputError that names the file."""
    try:
        yield
    except InputError:
        raise
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, OSError, SQLAlchemyError) as error:
        there = [str(folder / file) for file in FILES.values() if (folder / file).exists()]
        reason = str(error).strip().split("\n")[0]
        raise InputError(f"{' and '.join(there) or folder}: not a study of a search: {reason}") from None


def ask(study: optuna.Study, space: Space) -> optuna.Trial:
    """Asks the sampler for its next trial; its parameters are the values on the axes."""
    return study.ask({axis.name: _distribution(axis) for axis in space.axes})


def _distribution(axis: Axis) -> BaseDistribution:
    """Returns a distribution of the values themselves; whole numbers at one distance keep their order."""
    values = axis.values
    if len(values) > 1 and all(type(value) is int for value in values):
        numbers = [int(value) for value in values]
        step = numbers[1] - numbers[0]
        if step > 0 and numbers == list(range(numbers[0], numbers[-1] + 1, step)):
            return IntDistribution(numbers[0], numbers[-1], step=step)
    return CategoricalDistribution(values)


def axes_of(study: optuna.Study) -> list[Axis]:
    return [Axis(steps) for steps in json.loads(study.user_attrs["identity"])["axes"]]


def finished(study: optuna.Study, axes: Sequence[Axis]) -> list[tuple[FrozenTrial, Assignment]]:
    """Returns the trials that simulated a point, each point once, and the points."""
    found: dict[str, tuple[FrozenTrial, Assignment]] = {}
    for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        point = point_at(axes, trial.params)
        if "figures" in trial.user_attrs:
            found.setdefault(key_of(point), (trial, point))
    return list(found.values())


def key_of(point: Assignment) -> str:
    return json.dumps(point, sort_keys=True)
