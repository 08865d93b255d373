# SPDX-License-Identifier: Apache-2.0
"""Reads a model of CTranslate2: one binary file of named arrays."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy

VERSION = 6
TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path, self._bytes, self._place = path, path.read_bytes(), 0

    def take(self, count: int) -> bytes:
        start, self._place = self._place, self._place + count
        if self._place > len(self._bytes):
            raise SystemExit(f"{self._path}: it ends at byte {len(self._bytes)}, in the middle of an array or a name")
        return self._bytes[start : self._place]

    def number(self, form: str) -> int:
        (value,) = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))
        return value

    def string(self) -> str:
        """Reads u16 length, which counts a closing zero, and the bytes."""
        return self.take(self.number("H"))[:-1].decode()


def read_model(path: Path, spec: str) -> dict[str, numpy.ndarray[Any, Any]]:
    """Returns the arrays by name, of a model of that specification ("WhisperSpec").

    The file: u32 version (6), string specification, u32 revision, u32 count; for each array a string name, u8 rank, u32
    for each dimension, u8 type, u32 bytes and the data. Everything is little-endian.
    """
    reader = _Reader(path)
    version, found = reader.number("I"), reader.string()
    if version != VERSION or found != spec:
        raise SystemExit(f"{path}: expected a {spec} of version {VERSION}, got a {found} of version {version}")
    reader.number("I")  # revision of the specification
    arrays = {}
    for _ in range(reader.number("I")):
        name = reader.string()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        kind = reader.number("B")
        if kind not in TYPES:
            raise SystemExit(f"{path}: {name}: type {kind} is not known")
        arrays[name] = numpy.frombuffer(reader.take(reader.number("I")), TYPES[kind]).reshape(shape)
    return arrays
