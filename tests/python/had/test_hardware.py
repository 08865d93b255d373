# SPDX-License-Identifier: Apache-2.0
"""The student in torch, and on the simulated machine."""

import pytest

torch = pytest.importorskip("torch")

import capcam  # noqa: E402
from capcam.had import HuggingFace, Shuffled, Student, estimate_sigmas  # noqa: E402
from capcam.had.hardware import IDEAL  # noqa: E402


def student_of(model, data, top_n=5):
    sigmas = estimate_sigmas(model.adapter(), Shuffled(data, 16), lambda m, x: m(x), 2)
    return Student(model.adapter(), sigmas, top_n)


@torch.no_grad()
def test_ideal_hardware_gives_the_logits_of_the_torch_student(tiny, tiny_inputs):
    data = tiny_inputs(32, seed=1)
    student = student_of(tiny(), data)
    with student.attention() as model:
        expected = model(data)
    with student.hardware("camformer", set=IDEAL) as hw:
        got = student.model(data)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)
    layers, heads, tokens = 2, 2, 12
    assert hw.report["head_queries"] == 32 * layers * heads * tokens and hw.cycles > 0 and hw.energy_pj > 0


@torch.no_grad()
def test_a_noisy_machine_differs_and_the_seed_says_how(tiny, tiny_inputs):
    data = tiny_inputs(16, seed=1)
    student, logits = student_of(tiny(), data), {}
    for name, seed in (("once", 1), ("again", 1), ("other", 2)):
        with student.hardware("pvt", set={"sensing.comparator_noise_mv": 31.2}, seed=seed):
            logits[name] = student.model(data)
    with student.attention() as model:
        ideal = model(data)
    assert torch.equal(logits["once"], logits["again"])
    assert not torch.allclose(logits["once"], logits["other"]) and not torch.allclose(logits["once"], ideal)


@pytest.mark.parametrize("family", ["bert", "llama"])
@torch.no_grad()
def test_ideal_hardware_gives_the_torch_students_states_under_padding_and_causality(family):
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32}
    torch.manual_seed(0)
    if family == "bert":
        model = transformers.BertModel(transformers.BertConfig(vocab_size=40, initializer_range=0.3, **sizes))
    else:
        config = transformers.LlamaConfig(vocab_size=40, num_key_value_heads=2, initializer_range=0.3, **sizes)
        model = transformers.LlamaModel(config)
    ids = torch.randint(5, 40, (2, 20), generator=torch.Generator().manual_seed(1))
    exists = torch.arange(20)[None] < torch.tensor([[20], [13]])
    batch = {"input_ids": ids, "attention_mask": exists.long()}
    adapter = HuggingFace(model.eval())
    sigmas = estimate_sigmas(adapter, lambda step: batch, lambda m, b: m(**b).last_hidden_state, 1)
    student = Student(adapter, sigmas, 6)
    with student.attention():
        expected = model(**batch).last_hidden_state
    with student.hardware("camformer", set=IDEAL):
        got = model(**batch).last_hidden_state
    torch.testing.assert_close(got[exists], expected[exists], rtol=1e-4, atol=1e-5)
    settings = IDEAL | {"top_n.n": 6}
    with capcam.attention("camformer", set=settings, sigma_q=student.sigma_q, sigma_k=student.sigma_k):
        plain = model(**batch).last_hidden_state
    assert torch.equal(plain[exists], got[exists])  # the attention of capcam itself, given the sigmas


@torch.no_grad()
def test_a_captured_trace_carries_the_students_sigmas(tmp_path):
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32}
    torch.manual_seed(0)
    model = transformers.BertModel(transformers.BertConfig(vocab_size=40, **sizes)).eval()
    ids = torch.randint(5, 40, (1, 9), generator=torch.Generator().manual_seed(1))
    adapter = HuggingFace(model)
    sigmas = estimate_sigmas(adapter, lambda step: ids, lambda m, x: m(x).last_hidden_state, 1)
    student, path = Student(adapter, sigmas, 6), tmp_path / "trace.safetensors"
    with capcam.capture(path, **student.metadata()):
        model(ids)
    trace = capcam.open_trace(path)
    for layer, sigma in sigmas.items():
        assert trace.metadata[f"sigma_q.{layer}"] == repr(sigma.q)
        assert trace.metadata[f"sigma_k.{layer}"] == repr(sigma.k)
