# SPDX-License-Identifier: Apache-2.0
"""The search: this process asks the sampler for points and keeps the study; others simulate them."""

from __future__ import annotations

import concurrent.futures as futures
import hashlib
import itertools
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import optuna
import pandas as pd
from optuna.trial import TrialState
from tqdm.auto import tqdm

from .. import _checks
from .._errors import InputError, LawBroken
from .._flat import flat
from .._machine import Machine
from .._objective import Objective, read_objectives
from . import study as studies
from ._results import results
from .evaluate import Simulation
from .space import Assignment, Space, read_space

if TYPE_CHECKING:
    from distributed import Client

REJECTIONS = 20  # points in a row that `where` excludes, before one that it lets be is proposed
LOOKED_AT = 200_000  # combinations, to find such a one


def search(
    sweep: Path | str,
    out: Path | str,
    *,
    trials: int = 100,
    objectives: Sequence[str | Objective] | None = None,
    sampler: studies.Sampler = "nsga2",
    storage: studies.Storage = "sqlite",
    seed: int | None = None,
    accuracy: float | None = None,
    jobs: int | None = None,
    client: Client | None = None,
) -> pd.DataFrame:
    """Searches the space of a sweep file ([grid], [linked], where) for the points that no other beats.

    `trials` are those of the whole study, so that a search that is called again goes on where it was stopped, and
    simulates nothing again that was finished. `objectives` ("energy_pj.per_head_query:min", ...), `seed` and `accuracy`
    (the share of the queries that is compared) default to the sweep's. Points are simulated by `jobs` threads of this
    process (default: one per processor) or by the workers of a Dask `client`, which must see the same files and have
    capcam; a worker that dies loses nothing but its time. With several traces a figure is the mean over them.

    Returns `results(out)`. Raises InputError for a wrong sweep file, or a folder that holds another search.
    """
    space, folder = read_space(sweep), Path(out)
    trials = _checks.integer("trials", trials, 1, 2**31 - 1)
    _checks.one_of("sampler", sampler, studies.SAMPLERS)
    _checks.one_of("storage", storage, studies.FILES)
    seed = None if seed is None else _checks.seed(seed)
    jobs = None if jobs is None else _checks.integer("jobs", jobs, 1, 2**16)
    if isinstance(objectives, str):
        raise InputError(f"objectives: expected a list of FIGURE:min or FIGURE:max, got the text {objectives!r}")
    wanted = read_objectives(objectives) if objectives else space.objectives
    share = _checks.share("accuracy", space.accuracy if accuracy is None else accuracy)
    config = Machine(space.base, set=space.same).config
    base = flat(config)
    if unknown := [key for axis in space.axes for key in axis.steps[0] if key not in base]:
        raise InputError(f"{sweep}: unknown key{'s' if len(unknown) > 1 else ''}: {', '.join(unknown)}")
    wanted_choices(space, base)  # before anything is made
    folder.mkdir(parents=True, exist_ok=True)
    simulation = Simulation(
        base=str(Path(space.base).resolve()) if Path(space.base).exists() else space.base,
        traces=tuple(str(trace.resolve()) for trace in space.traces),
        same=space.same,
        layers=space.layers,
        seed=space.seed,
        accuracy=share,
    )
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = studies.open_study(
        folder,
        storage,
        sampler,
        space.seed if seed is None else seed,
        wanted,
        {
            "axes": [axis.steps for axis in space.axes],
            "base": config,
            "layers": space.layers,
            "traces": [_sha256(trace) for trace in space.traces],
            "seed": space.seed,
            "accuracy": share,
            "objectives": [str(objective) for objective in wanted],
        },
    )
    studies.recover(study)
    width = jobs or os.cpu_count() or 1
    executor: futures.Executor = futures.ThreadPoolExecutor(width)  # the engine works without Python's lock
    if client is not None:
        threads: dict[str, int] = client.nthreads()  # type: ignore[no-untyped-call]
        width = 2 * max(1, sum(threads.values()))  # so that no worker waits for this process
        executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
    loop = _Loop(study, space, simulation, wanted, base, executor)
    try:
        loop.run(trials, width)
    finally:
        loop.cancel()
        executor.shutdown(wait=False)
    return results(folder)


class _Loop:
    def __init__(
        self,
        study: optuna.Study,
        space: Space,
        simulation: Simulation,
        objectives: list[Objective],
        base: Assignment,
        executor: futures.Executor,
    ) -> None:
        self._study, self._space, self._simulation = study, space, simulation
        self._objectives, self._base, self._executor = objectives, base, executor
        self._values = {studies.key_of(point): list(t.values) for t, point in studies.finished(study, space.axes)}
        self._refused: dict[str, str] = {}
        # Points that are being simulated, and the trials that asked for them.
        self._pending: dict[futures.Future[dict[str, float]], str] = {}
        self._waiting: dict[str, list[optuna.Trial]] = {}
        self._random = random.Random(simulation.seed)
        self._wanted = wanted_choices(space, base)

    def run(self, trials: int, width: int) -> None:
        done = sum(_counts(trial) for trial in self._study.get_trials(deepcopy=False))
        with tqdm(total=trials, initial=min(done, trials), unit="trial", disable=None) as progress:
            while done < trials:
                while len(self._pending) < width and done + sum(map(len, self._waiting.values())) < trials:
                    done += self._ask()
                    progress.n = done
                if self._pending:
                    done += self._collect()
                progress.n = done
                progress.refresh()

    def cancel(self) -> None:
        """Cancels what nobody has begun."""
        for future in self._pending:
            future.cancel()

    def _ask(self) -> int:
        """Sends a point away, or answers at once if it is known. Returns how many trials that finished."""
        for tries in itertools.count(1):
            trial = studies.ask(self._study, self._space)
            point = self._space.point(trial.params)
            if self._space.wanted(point, self._base):
                break
            trial.set_user_attr("excluded", True)
            self._study.tell(trial, state=TrialState.FAIL)
            if tries % REJECTIONS == 0:
                self._study.enqueue_trial(self._random.choice(self._wanted))
        key = studies.key_of(point)
        if key in self._values:
            self._study.tell(trial, self._values[key])
            return 1
        if key in self._refused:
            self._refuse(trial, self._refused[key])
            return 1
        if key not in self._waiting:
            self._pending[self._executor.submit(self._simulation.figures, point)] = key
        self._waiting.setdefault(key, []).append(trial)
        return 0

    def _collect(self) -> int:
        """Waits for a point and tells the trials that asked for it. Returns how many those are."""
        finished = 0
        for future in futures.wait(self._pending, return_when=futures.FIRST_COMPLETED).done:
            key = self._pending.pop(future)
            trials = self._waiting.pop(key)
            finished += len(trials)
            try:
                figures = future.result()
            except (LawBroken, KeyboardInterrupt):
                raise
            except Exception as error:  # this point cannot be simulated, or kills its workers: the others go on
                self._refused[key] = str(error)
                for trial in trials:
                    self._refuse(trial, str(error))
                continue
            self._values[key] = self._objective_values(figures)
            trials[0].set_user_attr("figures", figures)
            for trial in trials:
                self._study.tell(trial, self._values[key])
        return finished

    def _objective_values(self, figures: dict[str, float]) -> list[float]:
        missing = [objective.figure for objective in self._objectives if objective.figure not in figures]
        if missing:
            raise InputError(f"objectives: a report has no figure {', '.join(missing)}")
        return [figures[objective.figure] for objective in self._objectives]

    def _refuse(self, trial: optuna.Trial, why: str) -> None:
        trial.set_user_attr("error", why[:2000])
        self._study.tell(trial, state=TrialState.FAIL)


def wanted_choices(space: Space, base: Assignment) -> list[Assignment]:
    """Returns combinations that `where` lets be, of the first that are looked at.

    Raises InputError if it excludes all.
    """
    if space.where is None:
        return []
    looked_at = list(itertools.islice(space.choices(), LOOKED_AT))
    if space.size > LOOKED_AT:  # drawn from all of it
        draw = random.Random(space.seed)
        looked_at = [{axis.name: draw.choice(axis.values) for axis in space.axes} for _ in range(LOOKED_AT)]
    found = [choice for choice in looked_at if space.wanted(space.point(choice), base)]
    if not found:
        which = f"all {space.size}" if space.size <= LOOKED_AT else f"{LOOKED_AT} of {space.size}, drawn at random"
        raise InputError(f"the sweep {space.path} has no point: 'where' excludes {which}")
    return found


def _counts(trial: optuna.trial.FrozenTrial) -> bool:
    """Returns true for what was answered: simulated, known already or refused."""
    return trial.state == TrialState.COMPLETE or "error" in trial.user_attrs


def _sha256(path: Path) -> str:
    try:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
        return digest.hexdigest()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
