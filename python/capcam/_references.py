# SPDX-License-Identifier: Apache-2.0
"""Computes what the machine's output is compared with, for a whole trace."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import _checks, _engine
from ._engine import Trace


def exact_attention(trace: Trace, *, threads: int = 0) -> dict[int, NDArray[np.float64]]:
    """Computes full-precision softmax attention of every layer: [batch, heads, queries, value_dim] by layer.

    An output is off by less than 5e-7 of its length. It is zero for a query without a valid key. Reports call it
    `exact`.
    """
    return dict(zip(trace.layers, _engine.exact_attention(trace, _checks.threads(threads))))


def ideal_attention(trace: Trace, n: int = 32, *, threads: int = 0) -> dict[int, NDArray[np.float64]]:
    """Does the machine's own arithmetic without its errors: one-bit scores, the n best keys of all, single precision.

    Returns [batch, heads, queries, value_dim] by layer. Reports call it `ideal`.
    """
    n = _checks.integer("n", n, 1, 2**32 - 1)
    return dict(zip(trace.layers, _engine.ideal_attention(trace, n, _checks.threads(threads))))
