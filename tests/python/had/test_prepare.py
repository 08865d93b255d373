# SPDX-License-Identifier: Apache-2.0
"""The preparation changes what signs say, and nothing that a full-precision model puts out."""

import copy

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from capcam.had import HuggingFace, Shuffled, Student, estimate_sigmas, exact_attention, prepare  # noqa: E402
from capcam.had.prepare import ROTARY  # noqa: E402

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
LENGTHS = torch.tensor([[12], [7], [12], [9]])
TEXT = {
    "input_ids": torch.randint(5, 40, (4, 12), generator=torch.Generator().manual_seed(1)),
    "attention_mask": (torch.arange(12)[None] < LENGTHS).long(),
}
SOUND = {
    "input_features": torch.randn(2, 8, 40, generator=torch.Generator().manual_seed(1)),
    "decoder_input_ids": TEXT["input_ids"][:2, :6],
}
SEEN = TEXT["attention_mask"].bool()


def whisper():
    t = transformers
    config = t.WhisperConfig(
        vocab_size=40,
        num_mel_bins=8,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_source_positions=20,
        max_target_positions=16,
        init_std=0.3,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    return t.WhisperModel(config)


def bert():
    return transformers.BertModel(transformers.BertConfig(vocab_size=40, initializer_range=0.4, **SMALL))


def gpt2():
    config = transformers.GPT2Config(vocab_size=40, n_embd=32, n_layer=2, n_head=2, initializer_range=0.4)
    return transformers.GPT2Model(config)


def llama():
    config = transformers.LlamaConfig(vocab_size=40, num_key_value_heads=1, initializer_range=0.4, **SMALL)
    return transformers.LlamaModel(config)


class Grouped(torch.nn.Module):
    """Four query heads that share two key heads, without positions."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (torch.nn.Linear(32, width, bias=False) for width in (64, 32, 32))

    def forward(self, x):
        q, k, v = (part(x).unflatten(-1, (-1, 16)).transpose(1, 2) for part in (self.q, self.k, self.v))
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True).transpose(1, 2).flatten(2)


def built(make):
    torch.manual_seed(0)
    model = make().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):  # zero at first; a bias of Q is what centring Q would lose
                parameter.add_(torch.randn(parameter.shape) * 0.5)
    return model


def states(model, batch):
    if isinstance(batch, torch.Tensor):
        return model(batch)
    output = model(**batch).last_hidden_state
    return output[SEEN] if "attention_mask" in batch else output


X = torch.randn(3, 10, 32, generator=torch.Generator().manual_seed(2)) + 1.0
PARTS = [f"{part}.{n}" for part in ("encoder", "decoder", "cross") for n in (0, 1)]
CASES = [
    pytest.param(bert, TEXT, [0, 1], id="bert"),
    pytest.param(gpt2, TEXT, [0, 1], id="gpt2, one fused layer"),
    pytest.param(whisper, SOUND, PARTS, id="whisper, scaled queries and keys without a bias"),
    pytest.param(Grouped, X, [0], id="grouped heads"),
]


@pytest.mark.parametrize(("make", "batch", "layers"), CASES)
def test_the_outputs_stay_and_the_signs_say_more(make, batch, layers):
    model = built(make)
    plain = copy.deepcopy(model)
    done = prepare(HuggingFace(model), lambda step: batch, forward=states, minibatches=1)
    assert sorted(done.prepared) == sorted(layers) and not done.left
    with torch.no_grad():
        expected, got = states(plain, batch), states(model, batch)
        torch.testing.assert_close(got, expected, rtol=2e-4, atol=2e-5)
        errors = []
        for one in (plain, model):
            adapter = HuggingFace(one)
            sigmas = estimate_sigmas(adapter, lambda step: batch, states, 1)
            with Student(adapter, sigmas, 30).attention():
                errors.append((states(one, batch) - expected).norm().item())
    assert errors[1] < errors[0]


def heads_of(model, batch):
    """Returns the queries and keys of the first attention, in double."""
    seen = []
    adapter = HuggingFace(model)
    with torch.no_grad(), adapter.using(lambda call: (seen.append(call), exact_attention(call).output)[1]):
        states(model, batch)
    return seen[0].q.double(), seen[0].k.double(), seen[0]


@pytest.mark.parametrize("rotate", [True, False])
def test_keys_are_centred_and_moments_are_equal_without_padding(rotate):
    model = built(bert)
    before_q, before_k, _ = heads_of(model, TEXT)
    prepare(HuggingFace(model), lambda step: TEXT, forward=states, minibatches=1, rotate=rotate)
    q, k, _ = heads_of(model, TEXT)
    q, k = (x.transpose(1, 2)[SEEN].transpose(0, 1) for x in (q, k))  # [heads, tokens, D]
    assert k.mean(1).abs().max() < 1e-5 < before_k.mean(2).abs().max()
    moments = [x.transpose(1, 2) @ x / x.shape[1] for x in (q, k)]
    torch.testing.assert_close(*moments, rtol=0, atol=0.02 * float(moments[0].abs().max()))
    diagonal = torch.stack([torch.diag(m.diagonal()) for m in moments[0]])
    assert ((moments[0] - diagonal).abs().max() < 1e-3 * diagonal.max()) == (not rotate)
    assert before_q.shape == (4, 2, 12, 16)


def test_rotary_positions_are_left_alone():
    model = built(llama)
    before = copy.deepcopy(model.state_dict())
    done = prepare(HuggingFace(model), lambda step: TEXT, forward=states, minibatches=1)
    assert done.left == {0: ROTARY, 1: ROTARY} and not done.prepared
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_weights_that_two_layers_share_are_left_alone():
    class Twice(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = Grouped()
            self.second = Grouped()
            self.second.k = self.first.k

        def forward(self, x):
            return self.second(self.first(x)[..., :32])

    model = built(Twice)
    before = copy.deepcopy(model.state_dict())
    done = prepare(HuggingFace(model), lambda step: X, forward=states, minibatches=1)
    assert list(done.left.values()) == ["its weights are used more than once"] * 2
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_prepared_student_is_loaded_into_a_model_whose_keys_have_no_bias(tmp_path):
    from capcam.had import load_student

    model = built(whisper)
    prepare(HuggingFace(model), lambda step: SOUND, forward=states, minibatches=1)
    sigmas = estimate_sigmas(HuggingFace(model), lambda step: SOUND, states, 1)
    Student(HuggingFace(model), sigmas, 4).save(tmp_path / "student.safetensors")
    other = load_student(tmp_path / "student.safetensors", HuggingFace(built(whisper)))
    with torch.no_grad():
        assert torch.equal(states(other.model, SOUND), states(model, SOUND))


def test_a_plain_torch_model_is_prepared(tiny, tiny_inputs):
    model, data = tiny(), tiny_inputs(64, seed=1)
    with torch.no_grad():
        expected = model(data)
        done = prepare(model.adapter(), Shuffled(data, 16))
        torch.testing.assert_close(model(data), expected, rtol=1e-3, atol=1e-3)
    assert done.prepared == [0, 1]
