# SPDX-License-Identifier: Apache-2.0
"""A distillation's folder may come from elsewhere: no link in it is followed."""

import pytest

torch = pytest.importorskip("torch")

from capcam.had.checkpoint import Checkpoint  # noqa: E402
from capcam.had.loss_log import LossLog, read_losses  # noqa: E402
from capcam.had.sigma import Sigma  # noqa: E402


def test_a_checkpoint_and_a_log_overwrite_nothing_behind_a_link(tmp_path):
    victim, folder = tmp_path / "victim", tmp_path / "folder"
    victim.write_text("precious")
    folder.mkdir()
    for name in ("checkpoint.partial", "checkpoint.pt", "losses.jsonl"):
        (folder / name).symlink_to(victim)
    Checkpoint(3, {}, {0: Sigma(1.0, 2.0)}, {}, {}, {}).save(folder / "checkpoint.pt")
    log = LossLog(folder / "losses.jsonl", 0)
    log.write(step=0, loss=1.0)
    log.close()
    assert victim.read_text() == "precious"
    assert Checkpoint.load(folder / "checkpoint.pt", {}).step == 3
    assert read_losses(folder / "losses.jsonl") == [{"step": 0, "loss": 1.0}]
