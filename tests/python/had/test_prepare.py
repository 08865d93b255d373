# SPDX-License-Identifier: Apache-2.0
"""The preparation changes what signs say, and nothing that a full-precision model puts out."""

import copy

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from capcam.had import (  # noqa: E402
    HuggingFace,
    Shuffled,
    Sigma,
    Student,
    bit,
    estimate_sigmas,
    exact_attention,
    had_attention,
    prepare,
)
from capcam.had.losses import map_kl  # noqa: E402
from capcam.had.prepare import ROTARY  # noqa: E402
from capcam.had.rotation import Tokens, candidates  # noqa: E402

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


def calls_of(model, batch):
    """Returns the model's attentions."""
    seen = []
    adapter = HuggingFace(model)
    with torch.no_grad(), adapter.using(lambda call: (seen.append(call), exact_attention(call).output)[1]):
        states(model, batch)
    return seen


def moment(x):
    return x.T @ x / len(x)


def test_a_balance_makes_moments_equal_and_a_rotation_keeps_their_sum():
    tokens = Tokens.of(calls_of(built(bert), TEXT)[:1])
    assert tokens.queries.shape == tokens.keys.shape == (2, int(LENGTHS.sum()), 16)  # padding is left out
    one = torch.eye(16, dtype=torch.float64)
    changes = list(candidates(tokens, 1, rotate=True, seed=0))
    assert len(changes) == 8 and torch.equal(changes[0].a, one) and torch.equal(changes[0].b, one)
    for n, change in enumerate(changes):
        torch.testing.assert_close(change.a @ change.b.T, one, rtol=0, atol=1e-8)
        q, k = tokens.queries[1] @ change.a, (tokens.keys[1] - change.centre) @ change.b
        assert (k.mean(0).abs().max() < 1e-9) == (n >= 4)
        if n % 4 >= 2:  # balanced
            torch.testing.assert_close(moment(q), moment(k), rtol=0, atol=0.02 * float(moment(q).max()))
        if n % 4 == 2:  # and not rotated
            assert (moment(q) - torch.diag(moment(q).diagonal())).abs().max() < 0.01 * moment(q).max()


def test_of_each_head_the_change_of_the_least_divergence_is_taken():
    def divergences(model):
        found = []
        for call in calls_of(model, TEXT):
            sigma = Sigma(*(float(x.std(unbiased=False)) for x in (call.q, call.k)))
            full, signs = exact_attention(call).log_map, had_attention(call, sigma, 12, bit).log_map
            found.append(map_kl(call, full, signs).item())
        return found

    plain, prepared = built(bert), built(bert)
    prepare(HuggingFace(prepared), lambda step: TEXT, forward=states, minibatches=1)
    for before, after in zip(divergences(plain), divergences(prepared), strict=True):
        assert after < 0.95 * before


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
