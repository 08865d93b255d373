# SPDX-License-Identifier: Apache-2.0
import copy
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import capcam  # noqa: E402
from capcam.had import (  # noqa: E402
    Recipe,
    Shuffled,
    Stage,
    Student,
    distil,
    estimate_sigmas,
    four_stages,
    load_student,
    output_kl,
    read_losses,
)

RECIPE = Recipe(top_n=4, stages=four_stages((60, 90, 40, 40), (1e-2,) * 4), sigma_minibatches=4)
SHORT = Recipe(top_n=4, stages=four_stages((4, 4, 4, 4), (3e-3,) * 4), sigma_minibatches=2)


def run(model, data, recipe, **options):
    student = copy.deepcopy(model)
    return distil(model.adapter(), student.adapter(), Shuffled(data, 64, seed=1), recipe, **options)


def test_the_distilled_student_is_clearly_nearer_to_its_teacher_than_the_naive_one(tiny, tiny_inputs):
    teacher, held_out = tiny(), tiny_inputs(400, seed=2)
    student = run(teacher, tiny_inputs(2000, seed=1), RECIPE)
    naive = Student(teacher.adapter(), student.sigmas, RECIPE.top_n)
    with torch.no_grad():
        target = teacher(held_out)
        with naive.attention() as model:
            before = output_kl(model(held_out), target).item()
        with student.attention() as model:
            after = output_kl(model(held_out), target).item()
    assert after < 0.7 * before, f"KL to the teacher {before:.3f} before, {after:.3f} after"


def test_the_teacher_is_not_changed(tiny, tiny_inputs):
    teacher = tiny()
    before = copy.deepcopy(teacher.state_dict())
    run(teacher, tiny_inputs(64, seed=1), SHORT)
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())


def test_teacher_and_student_must_be_two_models(tiny, tiny_inputs):
    model = tiny()
    with pytest.raises(ValueError, match="same model"):
        distil(model.adapter(), model.adapter(), Shuffled(tiny_inputs(64, seed=1), 64), SHORT)


def test_the_last_stage_leaves_the_attention_loss_out(tiny, tiny_inputs, tmp_path):
    run(tiny(), tiny_inputs(64, seed=1), SHORT, folder=tmp_path)
    losses = read_losses(tmp_path / "losses.jsonl")
    assert [line["step"] for line in losses] == list(range(SHORT.steps))
    assert [line["stage"] for line in losses[::4]] == ["tanh", "sharper tanh", "sign", "fine-tuning"]
    for line in losses:
        maps = 0 if line["stage"] == "fine-tuning" else line["map_loss"]
        assert line["loss"] == pytest.approx(line["output_loss"] + maps, rel=1e-5)


def test_a_student_that_is_its_teacher_begins_at_no_loss_for_large_c(tiny, tiny_inputs, tmp_path):
    gentle = Recipe(top_n=12, stages=(Stage("tanh", 1, 1e-3, c_from=1e4, c_to=1e4),), sigma_minibatches=2)
    run(tiny(), tiny_inputs(64, seed=1), gentle, folder=tmp_path)
    (line,) = read_losses(tmp_path / "losses.jsonl")
    assert line["map_loss"] == pytest.approx(0, abs=1e-5) and line["output_loss"] == pytest.approx(0, abs=1e-5)


def test_a_diverging_loss_is_an_error(tiny, tiny_inputs):
    with pytest.raises(FloatingPointError, match="loss is nan at step 0"):
        run(tiny(), tiny_inputs(64, seed=1), SHORT, output_loss=lambda student, teacher: student.mean() * torch.nan)


def test_data_that_is_not_finite_is_refused(tiny, tiny_inputs):
    data = tiny_inputs(64, seed=1)
    data[3] = torch.nan
    with pytest.raises(capcam.InputError, match="finite deviation\n  layer 0"):
        run(tiny(), data, SHORT)


def test_a_saved_student_is_loaded_with_its_sigmas(tiny, tiny_inputs, tmp_path):
    student, data = run(tiny(), tiny_inputs(64, seed=1), SHORT), tiny_inputs(5, seed=3)
    student.save(tmp_path / "student.safetensors")
    loaded = load_student(tmp_path / "student.safetensors", tiny(seed=9).adapter())
    assert (loaded.sigmas, loaded.top_n) == (student.sigmas, 4)
    with torch.no_grad(), student.attention() as a, loaded.attention() as b:
        assert torch.equal(a(data), b(data))


def test_another_file_is_no_student(tmp_path, tiny):
    from safetensors.torch import save_file

    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"\x01\x02")
    for name in ("other", "broken"):
        with pytest.raises(ValueError, match=f"{name}.safetensors: not a"):
            load_student(tmp_path / f"{name}.safetensors", tiny().adapter())


# ---- Interruption ----


def test_a_run_resumed_after_an_exception_ends_as_an_undisturbed_one(tiny, tiny_inputs, tmp_path):
    data = tiny_inputs(128, seed=1)
    whole = run(tiny(), data, SHORT, folder=tmp_path / "whole", checkpoint_every=3)

    class Dying(Shuffled):
        def __call__(self, step):
            if step == 8:
                raise KeyboardInterrupt
            return super().__call__(step)

    model = tiny()
    with pytest.raises(KeyboardInterrupt):
        batches = Dying(data, 64, seed=1)
        distil(model.adapter(), tiny().adapter(), batches, SHORT, folder=tmp_path / "cut", checkpoint_every=3)
    assert len(read_losses(tmp_path / "cut" / "losses.jsonl")) == 8
    resumed = run(tiny(), data, SHORT, folder=tmp_path / "cut", checkpoint_every=3)
    assert_same(whole, resumed, tmp_path / "whole", tmp_path / "cut")


def assert_same(one, other, folder_one, folder_other):
    assert one.sigmas == other.sigmas
    state = other.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in one.model.state_dict().items())
    assert read_losses(folder_one / "losses.jsonl") == read_losses(folder_other / "losses.jsonl")


CHILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
import torch
torch.set_num_threads(1)
import conftest, test_distil
from capcam.had import Shuffled, distil

class Slow(Shuffled):
    def __call__(self, step):
        time.sleep(0.05)  # long enough to be killed on the way
        return super().__call__(step)

model, student = conftest.Tiny(), conftest.Tiny()
data = conftest.inputs(128, seed=1)
batches = Slow(data, 64, seed=1)
distil(model.adapter(), student.adapter(), batches, test_distil.SHORT, folder=sys.argv[2], checkpoint_every=3)
"""


def test_a_killed_run_resumes_to_the_same_result(tiny, tiny_inputs, tmp_path):
    data = tiny_inputs(128, seed=1)
    whole = run(tiny(), data, SHORT, folder=tmp_path / "whole", checkpoint_every=3)
    here, cut = Path(__file__).parent, tmp_path / "cut"
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(here), str(cut)])
    try:
        deadline = time.monotonic() + 120
        while not (cut / "checkpoint.pt").exists():
            assert child.poll() is None and time.monotonic() < deadline, "no checkpoint was written"
            time.sleep(0.01)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    resumed = run(tiny(), data, SHORT, folder=cut, checkpoint_every=3)
    assert_same(whole, resumed, tmp_path / "whole", cut)


def test_a_checkpoint_of_other_settings_is_refused_by_name(tiny, tiny_inputs, tmp_path):
    data = tiny_inputs(128, seed=1)
    run(tiny(), data, SHORT, folder=tmp_path)
    with pytest.raises(ValueError, match=r"(?s)another distillation.*ste_clip was 1.0, is 2.0.*top_n was 4, is 5"):
        changed = Recipe(top_n=5, stages=SHORT.stages, sigma_minibatches=2, ste_clip=2.0)
        run(tiny(), data, changed, folder=tmp_path)
    with pytest.raises(ValueError, match="seed was 1, is 2"):
        distil(tiny().adapter(), tiny().adapter(), Shuffled(data, 64, seed=2), SHORT, folder=tmp_path)


def test_a_broken_checkpoint_is_refused(tiny, tiny_inputs, tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"checkpoint\.pt: not a readable checkpoint"):
        run(tiny(), tiny_inputs(64, seed=1), SHORT, folder=tmp_path)


def test_naive_sigmas_are_those_of_the_distillation(tiny, tiny_inputs):
    teacher, data = tiny(), tiny_inputs(128, seed=1)
    sigmas = estimate_sigmas(teacher.adapter(), Shuffled(data, 64, seed=1), lambda m, x: m(x), 2)
    assert run(teacher, data, SHORT).sigmas == sigmas
