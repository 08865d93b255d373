# SPDX-License-Identifier: Apache-2.0
"""A distillation with the machine in the loop: what is trained is what is run."""

import copy

import pytest

torch = pytest.importorskip("torch")

import capcam  # noqa: E402
from capcam.had import (  # noqa: E402
    Recipe,
    Shuffled,
    Student,
    distil,
    estimate_sigmas,
    four_stages,
    load_student,
    output_kl,
    read_losses,
)

# Of 12 keys in tiles of 4 the best of each tile: 3 of 12.
MACHINE = {"array.rows": 4, "top_n.tile_k": 1, "top_n.n": 3, "sensing.bits": 4}
SHORT = four_stages((4, 4, 4, 4), (3e-3,) * 4)


def run(model, data, recipe, **options):
    student = copy.deepcopy(model)
    return distil(model.adapter(), student.adapter(), Shuffled(data, 64, seed=1), recipe, **options)


def test_training_on_the_machine_gives_a_student_that_is_nearer_to_its_teacher_there(tiny, tiny_inputs):
    teacher, data, held_out = tiny(), tiny_inputs(2000, seed=1), tiny_inputs(400, seed=2)
    stages = four_stages((60, 90, 40, 40), (1e-2,) * 4)
    coarse, losses = MACHINE | {"sensing.bits": 1}, {}
    for name, machine in (("on it", coarse), ("ideal", None)):
        student = run(teacher, data, Recipe(3, stages, machine=machine, sigma_minibatches=4))
        with torch.no_grad(), student.hardware(coarse):
            losses[name] = output_kl(student.model(held_out), teacher(held_out)).item()
    assert losses["on it"] < 0.95 * losses["ideal"]  # 0.85 and 0.80 with two seeds of the teacher


def test_the_machine_begins_with_the_stage_that_the_recipe_says(tiny, tiny_inputs, tmp_path):
    data, found = tiny_inputs(64, seed=1), {}
    for name, options in (
        ("never", {}),
        ("sign", {"machine": MACHINE, "machine_from": "sign"}),
        ("tanh", {"machine": MACHINE}),
    ):
        run(tiny(), data, Recipe(3, SHORT, sigma_minibatches=2, **options), folder=tmp_path / name)
        found[name] = [line["loss"] for line in read_losses(tmp_path / name / "losses.jsonl")]
    assert found["never"][:8] == found["sign"][:8] and found["never"][8] != found["sign"][8]
    assert found["never"][0] != found["tanh"][0]


@torch.no_grad()
def test_the_student_of_a_machine_gives_the_same_there_as_in_torch(tiny, tiny_inputs):
    data = tiny_inputs(32, seed=3)
    with torch.enable_grad():
        student = run(tiny(), tiny_inputs(64, seed=1), Recipe(None, SHORT, machine=MACHINE, temperature=True))
    assert student.top_n == 3
    with student.attention(MACHINE) as model:
        expected = model(data)
    with student.hardware(MACHINE) as hw:
        got = student.model(data)
    with student.hardware(capcam.Machine(MACHINE, seed=7)) as again:
        assert torch.equal(student.model(data), got)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
    assert hw.report["head_queries"] == again.report["head_queries"] > 0


def test_drawn_errors_are_in_the_loss_and_a_resumed_run_draws_the_same(tiny, tiny_inputs, tmp_path):
    noisy = {**MACHINE, "sensing.comparator_noise_mv": 60.0, "sensing.offset_mismatch_mv": 20.0}
    data = tiny_inputs(128, seed=1)
    recipe = Recipe(3, SHORT, machine=noisy, errors=True, prepare=True, temperature=True, sigma_minibatches=2)
    whole = run(tiny(), data, recipe, folder=tmp_path / "whole", checkpoint_every=3)
    quiet = run(tiny(), data, Recipe(3, SHORT, machine=noisy, prepare=True, temperature=True, sigma_minibatches=2))

    class Dying(Shuffled):
        def __call__(self, step):
            if step == 11:
                raise KeyboardInterrupt
            return super().__call__(step)

    model = tiny()
    with pytest.raises(KeyboardInterrupt):
        batches = Dying(data, 64, seed=1)
        distil(model.adapter(), tiny().adapter(), batches, recipe, folder=tmp_path / "cut", checkpoint_every=5)
    resumed = run(tiny(), data, recipe, folder=tmp_path / "cut", checkpoint_every=5)
    assert resumed.sigmas == whole.sigmas != quiet.sigmas
    lines = [read_losses(tmp_path / name / "losses.jsonl") for name in ("whole", "cut")]
    assert lines[0] == lines[1]
    with pytest.raises(ValueError, match=r"(?s)another distillation.*errors was True, is False"):
        run(tiny(), data, Recipe(3, SHORT, machine=noisy, sigma_minibatches=2), folder=tmp_path / "cut")


def test_a_trained_temperature_ends_up_in_sigma_k(tiny, tiny_inputs, tmp_path):
    teacher, data = tiny(), tiny_inputs(64, seed=1)
    student = run(teacher, data, Recipe(3, SHORT, temperature=True, sigma_minibatches=2))
    plain = estimate_sigmas(teacher.adapter(), Shuffled(data, 64, seed=1), lambda m, x: m(x), 2)
    for layer, sigma in student.sigmas.items():
        assert sigma.q == plain[layer].q and sigma.k != plain[layer].k
    student.save(tmp_path / "student.safetensors")
    loaded = load_student(tmp_path / "student.safetensors", tiny(seed=9).adapter())
    assert loaded == Student(loaded.adapter, student.sigmas, 3)


def test_problems_with_the_machine_are_told():
    with pytest.raises(capcam.InputError, match=r"machine_from must be a stage's name \(tanh, sharper tanh.*'signs'"):
        Recipe(machine="camformer", machine_from="signs")
    with pytest.raises(capcam.InputError, match="errors need a machine"):
        Recipe(errors=True)
