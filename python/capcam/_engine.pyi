# SPDX-License-Identifier: Apache-2.0
"""The fast engine (C++, src/apps/python). Use the functions of `capcam`, which prepare its arguments."""

from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

def name_resource_folder(folder: str | PathLike[str]) -> None: ...
def find_resource(relative: str) -> Any: ...

class Trace:
    """Holds the Q, K and V of a model run: a mapped file, or arrays that lie where numpy or torch put them.

    It is made by `capcam.open_trace` or `capcam.make_trace`.
    """

    @staticmethod
    def open(path: str | PathLike[str]) -> Trace: ...
    @staticmethod
    def of_arrays(arrays: dict[str, Any], metadata: dict[str, str], name: str) -> Trace: ...
    def keep_layers(self, wanted: str) -> None:
        """Drops the layers but those listed, as ``--layers`` does: "0,3-5". Raises InputError if one is not there."""

    def save(self, path: str | PathLike[str]) -> None:
        """Writes a trace file. It appears under its name only when it is whole."""

    def read(self, layer: int, role: str) -> NDArray[np.float32]:
        """Copies a layer's "q", "k", "v" or "mask" as float32, which holds every float16 and bfloat16 exactly."""

    @property
    def path(self) -> str: ...
    @property
    def layers(self) -> list[int]:
        """Returns the layers' numbers, ascending."""

    @property
    def shape(self) -> dict[str, int]:
        """Returns batch, heads, kv_heads, queries, keys, head_dim and value_dim, which are the same in every layer."""

    @property
    def metadata(self) -> dict[str, str]: ...
    @property
    def model(self) -> str: ...
    @property
    def causal(self) -> bool: ...
    @property
    def query_offset(self) -> int:
        """Returns the position of the first query."""

    @property
    def window(self) -> int | None:
        """Returns the sliding window, in positions, of all layers that state none of their own."""

    @property
    def scale(self) -> float | None:
        """Returns the scale of the softmax; None means 1 / sqrt(head_dim)."""

    @property
    def windows(self) -> dict[int, int | None]:
        """By layer: its own, else that of all layers."""

    @property
    def scales(self) -> dict[int, float | None]:
        """By layer: its own, else that of all layers."""

    @property
    def call(self) -> int:
        """Tells which call of the model this is; noise is drawn anew in each."""

class Machine:
    def __init__(self, config: str, sets: list[str], seed: int, models: str | PathLike[str]) -> None: ...
    @property
    def config(self) -> dict[str, Any]: ...
    @property
    def seed(self) -> int: ...
    def replay(
        self, trace: Trace, threads: int, accuracy: float
    ) -> tuple[list[NDArray[np.float32]], dict[str, Any]]: ...
    def time(self, trace: Trace) -> dict[str, Any]: ...

def exact_attention(trace: Trace, threads: int) -> list[NDArray[np.float64]]: ...
def ideal_attention(trace: Trace, n: int, threads: int) -> list[NDArray[np.float64]]: ...
