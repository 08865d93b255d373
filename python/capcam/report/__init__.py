# SPDX-License-Identifier: Apache-2.0
"""Makes one HTML page of a run or a sweep, with everything in it (`python -m capcam report DIR`)."""

from .write import write_report

__all__ = ["write_report"]
