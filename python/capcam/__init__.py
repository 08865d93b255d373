# SPDX-License-Identifier: Apache-2.0
"""capcam in Python: traces from models, the simulated hardware as a model's attention, runs and sweeps.

Names are loaded when they are first used, so that ``import capcam`` costs little and needs nothing but numpy; torch,
transformers and pandas are wanted only by what works with them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._errors import InputError, LawBroken

if TYPE_CHECKING:
    from ._attention import attention
    from ._capture import capture
    from ._engine import Trace
    from ._estimate import Sigmas, estimate_sigmas
    from ._evaluate import Evaluation, evaluate
    from ._machine import Machine, Result, simulate
    from ._program import program
    from ._references import exact_attention, ideal_attention
    from ._resources import resource
    from ._run import Run, run
    from ._sweep import export, sweep
    from ._trace import make_trace, open_trace, save_trace

# Each name, with the module that has it.
_HOMES = {
    "Evaluation": "_evaluate",
    "Machine": "_machine",
    "Result": "_machine",
    "Run": "_run",
    "Sigmas": "_estimate",
    "Trace": "_trace",
    "attention": "_attention",
    "capture": "_capture",
    "estimate_sigmas": "_estimate",
    "evaluate": "_evaluate",
    "exact_attention": "_references",
    "export": "_sweep",
    "ideal_attention": "_references",
    "make_trace": "_trace",
    "open_trace": "_trace",
    "program": "_program",
    "resource": "_resources",
    "run": "_run",
    "save_trace": "_trace",
    "simulate": "_machine",
    "sweep": "_sweep",
}
# Parts of the package, which are loaded likewise.
_PARTS = ("explore", "had", "plot", "report")

__all__ = [
    "Evaluation",
    "InputError",
    "LawBroken",
    "Machine",
    "Result",
    "Run",
    "Sigmas",
    "Trace",
    "attention",
    "capture",
    "estimate_sigmas",
    "evaluate",
    "exact_attention",
    "export",
    "ideal_attention",
    "make_trace",
    "open_trace",
    "program",
    "resource",
    "run",
    "save_trace",
    "simulate",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    elif name in _PARTS:
        value = importlib.import_module(f".{name}", __name__)
    elif name == "__version__":
        from importlib.metadata import version

        value = version("capcam")
    else:
        raise AttributeError(f"module 'capcam' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_PARTS, "__version__"})
