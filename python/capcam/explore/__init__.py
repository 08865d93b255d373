# SPDX-License-Identifier: Apache-2.0
"""Multi-objective search of a sweep file's space, on this machine or a Dask cluster. docs/explore.md describes it."""

from ._results import results
from ._search import search

__all__ = ["results", "search"]
