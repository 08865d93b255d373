# SPDX-License-Identifier: Apache-2.0
"""Errors are of two kinds: the input is wrong, or a law of the simulator is broken."""

from __future__ import annotations


class InputError(ValueError):
    """The input is wrong: a configuration, a trace, an option (exit status 2 on the command line).

    The text names every problem at once, with its place, what was expected and what was got; it is the text the
    command line prints.
    """

    @property
    def problems(self) -> list[str]:
        """Returns the problems one by one, without the line above them that says what was being read."""
        return [line.strip() for line in str(self).split("\n")[1:]]


class LawBroken(RuntimeError):  # noqa: N818
    """A law of the simulator does not hold. It is a mistake in capcam, never yours (exit status 3 there)."""
