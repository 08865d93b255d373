# SPDX-License-Identifier: Apache-2.0
"""Keeps the log of losses in `losses.jsonl`: one JSON object per step, a line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .._files import replacing


class LossLog:
    """Appends to `path`; lines from `first_step` on, left by a run that died after its checkpoint, are dropped."""

    def __init__(self, path: Path | None, first_step: int):
        self._file = None
        if path is None:
            return
        kept = []
        if path.exists() and first_step > 0:
            for line in path.read_text().splitlines():
                try:
                    step = json.loads(line)["step"]
                except ValueError:
                    break  # cut off in the middle of a line
                if step >= first_step:
                    break
                kept.append(line + "\n")
        with replacing(path) as file:
            file.write("".join(kept).encode())
        self._file = path.open("a", buffering=1)  # a line is there to be read when it is written

    def write(self, **values: float | str | None) -> None:
        if self._file is not None:
            self._file.write(json.dumps(values) + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def read_losses(path: Path) -> list[dict[str, Any]]:
    """Reads the lines of a log, in order: step, stage, c, learning_rate, loss, map_loss, output_loss, gradient_norm."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()]
