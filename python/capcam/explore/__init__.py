# SPDX-License-Identifier: Apache-2.0
"""Searches a sweep file's space by several objectives, on this machine or a Dask cluster.

docs/explore.md describes it.
"""

from ._results import results
from ._search import search

__all__ = ["results", "search"]
