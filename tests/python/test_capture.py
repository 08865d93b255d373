# SPDX-License-Identifier: Apache-2.0
"""A captured trace is what the model's attention was given: replayed exactly it gives the model's own output."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from families import FAMILIES, whisper, whisper_inputs
from own_attention import own_attention

import capcam


def assert_replays(trace: capcam.Trace, outputs: list[torch.Tensor], tolerance: float = 5e-6) -> None:
    """The exact reference of the trace against the model's outputs, layer by layer.

    tolerance: of the model's single precision against double. A query without a valid key (padding on the left) is zero
    in capcam and means nothing in a model.
    """
    exact = capcam.exact_attention(trace)
    assert len(exact) == len(outputs)
    for reference, own in zip(exact.values(), outputs):
        seen = np.abs(reference).sum(-1) > 0
        assert seen.any(axis=(1, 2)).all()
        np.testing.assert_allclose(own.numpy()[seen], reference[seen], rtol=0, atol=tolerance)


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("name", FAMILIES)
def test_the_exact_reference_of_a_captured_trace_is_the_models_own_attention(name, implementation, tmp_path):
    family = FAMILIES[name]
    model, inputs = family.make(implementation), family.inputs()
    match = "|".join(rf"\.{layer}\." for layer in family.layers)
    with (
        torch.no_grad(),
        own_attention() as own,
        capcam.capture(tmp_path / "trace.safetensors", match=match, text="nothing") as capture,
    ):
        model(**inputs)
    assert capture.files == [str(tmp_path / "trace.safetensors")]

    trace = capcam.open_trace(tmp_path / "trace.safetensors")
    assert tuple(trace.layers) == family.layers
    assert trace.causal == family.causal
    assert trace.window == family.window
    assert trace.query_offset == 0
    assert trace.metadata["text"] == "nothing"
    assert trace.metadata["part"] == family.part
    if family.shape is not None:
        assert trace.shape == family.shape
    assert_replays(trace, [own[layer][1] for layer in family.layers])
    if family.masked:
        expected = inputs["attention_mask"].numpy()
        np.testing.assert_array_equal(trace.read(family.layers[0], "mask"), expected)


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_the_parts_of_an_encoder_decoder_become_files_of_their_own(implementation, tmp_path):
    model = whisper(implementation)
    with torch.no_grad(), own_attention() as own, capcam.capture(tmp_path / "{part}.safetensors") as capture:
        model(**whisper_inputs())
    assert sorted(capture.files) == [str(tmp_path / f"{part}.safetensors") for part in ("cross", "decoder", "encoder")]
    outputs = [output for _, output in own]  # two encoder layers, then self and cross of each decoder layer
    for part, layers, keys, causal in (
        ("encoder", outputs[:2], 20, False),
        ("decoder", outputs[2::2], 7, True),
        ("cross", outputs[3::2], 20, False),
    ):
        trace = capcam.open_trace(tmp_path / f"{part}.safetensors")
        assert trace.shape["keys"] == keys
        assert trace.causal == causal
        assert trace.scale == 1.0  # Whisper scales its queries itself
        assert_replays(trace, layers)


def test_parts_that_no_single_trace_can_hold_are_refused_by_name(tmp_path):
    model = whisper("sdpa")
    with pytest.raises(capcam.InputError, match=r"3 parts .*cross, decoder, encoder.*\{part\}.*part="):
        with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors"):
            model(**whisper_inputs())
    assert list(tmp_path.iterdir()) == []
    with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors", part="cross"):
        model(**whisper_inputs())
    assert capcam.open_trace(tmp_path / "trace.safetensors").shape["queries"] == 7


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_decoding_with_a_cache_is_a_call_a_token_at_its_position(implementation, tmp_path):
    family = FAMILIES["llama, grouped heads"]
    model = family.make(implementation)
    ids = family.inputs()["input_ids"]
    with torch.no_grad(), own_attention() as own, capcam.capture(tmp_path / "call{call}.safetensors"):
        cache = model(ids[:, :9]).past_key_values
        model(ids[:, 9:10], past_key_values=cache)
        model(ids[:, 10:12], past_key_values=cache)
    for call, offset, queries in ((0, 0, 9), (1, 9, 1), (2, 10, 2)):
        trace = capcam.open_trace(tmp_path / f"call{call}.safetensors")
        assert (trace.query_offset, trace.shape["queries"], trace.call) == (offset, queries, call)
        assert trace.shape["keys"] == offset + queries
        assert trace.causal
        assert_replays(trace, [output for _, output in own[2 * call : 2 * call + 2]])


def test_a_second_call_of_the_model_is_refused_unless_it_gets_a_file_of_its_own(tmp_path):
    family = FAMILIES["vit"]
    model, inputs = family.make("sdpa"), family.inputs()
    with pytest.raises(capcam.InputError, match=r"2 calls .*0, 1.*\{call\}.*call="):
        with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors"):
            model(**inputs)
            model(**inputs)
    assert list(tmp_path.iterdir()) == []
    with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors", call=1):
        model(**inputs)
        model(**inputs)
    assert capcam.open_trace(tmp_path / "trace.safetensors").call == 1


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_layers_with_windows_of_their_own_fit_one_trace(implementation, tmp_path):
    family = FAMILIES["modernbert-like window without causality"]
    with torch.no_grad(), own_attention() as own, capcam.capture(tmp_path / "trace.safetensors"):
        family.make(implementation)(**family.inputs())
    trace = capcam.open_trace(tmp_path / "trace.safetensors")
    assert trace.windows == {0: None, 1: 4}
    assert_replays(trace, [output for _, output in own])


def test_local_and_global_layers_of_a_decoder_fit_one_trace(tmp_path):
    import transformers

    torch.manual_seed(0)
    config = transformers.Gemma3TextConfig(
        vocab_size=64,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        intermediate_size=48,
        sliding_window=6,
        layer_types=["sliding_attention", "sliding_attention", "full_attention"],
    )
    model = transformers.Gemma3ForCausalLM(config).eval()
    with torch.no_grad(), own_attention() as own, capcam.capture(tmp_path / "trace.safetensors"):
        model(input_ids=torch.arange(3, 20)[None])
    trace = capcam.open_trace(tmp_path / "trace.safetensors")
    assert trace.windows == {0: 6, 1: 6, 2: None}
    assert trace.causal
    assert_replays(trace, [output for _, output in own])


def test_layers_of_different_shapes_are_refused_with_what_they_have(tmp_path):
    q = np.zeros((1, 2, 4, 8), np.float32)
    with pytest.raises(capcam.InputError, match=r"(?s)choose some by match=.*layers 0 .*4, 8.*layers 1 .*3, 8"):
        with capcam.capture(tmp_path / "trace.safetensors") as capture:
            capture.record(0, q, q, q)
            capture.record(1, q[:, :, :3], q, q)


def test_shared_layers_are_numbered_by_their_turn(tmp_path):
    import transformers

    torch.manual_seed(0)
    config = transformers.AlbertConfig(
        vocab_size=50,
        embedding_size=16,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=64,
    )
    model = transformers.AlbertModel(config).eval()
    with torch.no_grad(), own_attention() as own, capcam.capture(tmp_path / "trace.safetensors"):
        model(torch.arange(3, 12)[None])
    trace = capcam.open_trace(tmp_path / "trace.safetensors")
    assert trace.layers == [0, 1, 2]
    assert_replays(trace, [output for _, output in own])


def test_nothing_is_written_when_the_block_fails(tmp_path):
    family = FAMILIES["vit"]
    with pytest.raises(ZeroDivisionError), torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors"):
        family.make("sdpa")(**family.inputs())
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_call_that_never_came_says_so(tmp_path):
    family = FAMILIES["vit"]
    with pytest.raises(capcam.InputError, match="no attention was recorded: call=3 chose none"):
        with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors", call=3):
            family.make("sdpa")(**family.inputs())


def test_a_block_without_attention_says_so(tmp_path):
    with (
        pytest.raises(capcam.InputError, match="no attention was recorded"),
        capcam.capture(tmp_path / "trace.safetensors"),
    ):
        torch.nn.Linear(3, 3)(torch.ones(1, 3))


def test_a_model_in_training_is_refused(tmp_path):
    family = FAMILIES["bert"]
    with pytest.raises(capcam.InputError, match=r"encoder\.layer\.0.*training.*model\.eval\(\)"):
        with capcam.capture(tmp_path / "trace.safetensors"):
            family.make("sdpa").train()(**family.inputs())


def test_a_mask_that_adds_to_the_scores_is_refused(tmp_path):
    family = FAMILIES["bert"]
    bias = torch.linspace(-1, 0, 13 * 13).reshape(1, 1, 13, 13).expand(2, 1, 13, 13)
    with pytest.raises(capcam.InputError, match="adds to the scores"):
        with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors"):
            family.make("eager")(input_ids=family.inputs()["input_ids"], attention_mask=bias)


def test_a_mask_of_no_known_kind_is_refused(tmp_path):
    family = FAMILIES["bert"]
    holes = torch.rand(2, 1, 13, 13, generator=torch.Generator().manual_seed(0)) > 0.5
    with pytest.raises(capcam.InputError, match="not padding, causality and a sliding window"):
        with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors"):
            family.make("sdpa")(input_ids=family.inputs()["input_ids"], attention_mask=holes)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_shorter_format_keeps_every_sign(dtype, tmp_path):
    family = FAMILIES["vit"]
    model, inputs = family.make("sdpa"), family.inputs()
    with torch.no_grad(), capcam.capture(tmp_path / "long.safetensors"):
        model(**inputs)
    with torch.no_grad(), capcam.capture(tmp_path / "short.safetensors", dtype=dtype):
        model(**inputs)
    long, short = (capcam.open_trace(tmp_path / f"{name}.safetensors") for name in ("long", "short"))
    for layer in long.layers:
        for role in "qk":
            before, after = long.read(layer, role), short.read(layer, role)
            np.testing.assert_array_equal(before >= 0, after >= 0)
            np.testing.assert_allclose(before, after, rtol=2**-8, atol=1e-7)


def test_the_smallest_negative_numbers_do_not_become_positive(tmp_path):
    tiny = np.full((1, 1, 2, 4), -1e-30, np.float32)
    for q in (tiny, torch.from_numpy(tiny), tiny.astype(np.float64) * 1e-30):
        with capcam.capture(tmp_path / "trace.safetensors", dtype="float16") as capture:
            capture.record(0, q, q, q)
        assert (capcam.open_trace(tmp_path / "trace.safetensors").read(0, "q") < 0).all()


def test_other_code_records_with_one_call(tmp_path):
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal((1, heads, 5, 8)).astype(np.float32) for heads in (4, 2, 2))
    with capcam.capture(tmp_path / "{call}.safetensors", model="mine") as capture:
        for _ in range(2):
            capture.record(3, q, k, v, causal=True, scale=0.25)
            q += 1  # what was recorded is a copy
    first, second = (capcam.open_trace(tmp_path / f"{call}.safetensors") for call in (0, 1))
    assert (first.model, first.layers, first.causal, first.scale) == ("mine", [3], True, 0.25)
    np.testing.assert_array_equal(first.read(3, "q") + 1, second.read(3, "q"))


def test_the_shipped_trace_is_captured_again_from_the_real_model(minilm, shipped_trace, tmp_path):
    model, tokenizer = minilm
    shipped = capcam.open_trace(shipped_trace)
    tokens = tokenizer(shipped.metadata["text"], return_tensors="pt")
    with torch.no_grad(), own_attention() as own, capcam.capture(tmp_path / "trace.safetensors"):
        model(**tokens)
    trace = capcam.open_trace(tmp_path / "trace.safetensors")
    assert trace.layers == shipped.layers
    assert trace.shape == shipped.shape
    assert_replays(trace, [output for _, output in own], tolerance=2e-5)  # 217 keys
    for layer in trace.layers:
        for role in "qkv":
            # Half precision of the shipped one, 11 bits; values of up to 16.
            np.testing.assert_allclose(trace.read(layer, role), shipped.read(layer, role), rtol=2**-11, atol=1e-4)
