# SPDX-License-Identifier: Apache-2.0
"""Attention that calls torch's own function, with no interface between: on the hardware and captured."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from small_models import IDEAL, IDS, falcon

import capcam


def qkv(*lead, queries=9, keys=12, dim=16, seed=0):
    g = torch.Generator().manual_seed(seed)
    return [torch.randn(*lead, n, dim, generator=g) for n in (queries, keys, keys)]


def captured(tmp_path, run):
    with torch.no_grad(), capcam.capture(tmp_path / "t.safetensors"):
        output = run()
    return capcam.open_trace(tmp_path / "t.safetensors"), output


def on_hardware(run, **options):
    with torch.no_grad(), capcam.attention(**options) as hw:
        return run(), hw


@pytest.mark.parametrize("lead", [(2, 4), (2,), (), (2, 3, 4)])
@pytest.mark.parametrize("causal", [False, True])
def test_the_function_itself_is_answered_in_every_shape_it_has(lead, causal):
    q, k, v = qkv(*lead)
    output, hw = on_hardware(lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal))
    batch, heads = {2: (2, 4), 1: (2, 1), 0: (1, 1), 3: (6, 4)}[len(lead)]
    arrays = [x.reshape(batch, heads, *x.shape[-2:]) for x in (q, k, v)]
    # With causality no query sees the last keys: they are slots that nothing has been written into.
    mask = torch.arange(12).expand(batch, 12) < 9 if causal else None
    expected = capcam.simulate(*arrays, causal=causal, mask=mask).output
    assert output.shape == (*v.shape[:-2], 9, 16)
    np.testing.assert_array_equal(output.reshape(expected.shape).numpy(), expected)
    assert hw.report["calls"] == 1


@pytest.mark.parametrize("kind", ["none", "padding", "float padding", "causal", "window", "of two dimensions"])
@pytest.mark.parametrize("lead", [(2, 4), (2,)])
def test_the_exact_reference_of_what_is_captured_is_what_torch_computes(kind, lead, tmp_path):
    q, k, v = qkv(*lead, queries=12)
    far = torch.arange(12)[:, None] - torch.arange(12)[None]
    key = torch.ones(2, 1, 12, dtype=torch.bool)
    key[1, :, 8:] = False
    key = key.reshape(2, *(1,) * (len(lead) - 1), 1, 12)
    mask = {
        "none": None,
        "padding": key,
        "float padding": torch.zeros(key.shape).masked_fill(~key, -1e4),
        "causal": ((far >= 0) & key),
        "window": ((far >= 0) & (far < 5) & key),
        "of two dimensions": far.abs() < 4,
    }[kind]
    trace, own = captured(tmp_path, lambda: F.scaled_dot_product_attention(q, k, v, mask, scale=0.3))
    exact = capcam.exact_attention(trace)[0]
    np.testing.assert_allclose(own.reshape(exact.shape).numpy(), exact, atol=5e-6)
    assert trace.scale == 0.3


def test_grouped_heads_stay_grouped(tmp_path):
    q, k, v = qkv(2, 6)[0], *(x[:, :2] for x in qkv(2, 6)[1:])
    trace, own = captured(tmp_path, lambda: F.scaled_dot_product_attention(q, k, v, enable_gqa=True))
    assert trace.shape["kv_heads"] == 2
    np.testing.assert_allclose(own.numpy(), capcam.exact_attention(trace)[0], atol=5e-6)


def test_what_a_trace_cannot_say_is_refused_by_name():
    q, k, v = qkv(2, 4)
    for said, run in {
        "adds to the scores": lambda: F.scaled_dot_product_attention(q, k, v, torch.rand(9, 12)),
        "differs between heads": lambda: F.scaled_dot_product_attention(q, k, v, torch.rand(2, 4, 9, 12) > 0.5),
        "is training": lambda: F.scaled_dot_product_attention(q, k, v, dropout_p=0.1),
    }.items():
        with pytest.raises(capcam.InputError, match=f"outside of any module: .*{said}"):
            on_hardware(run)


def test_falcon_is_on_the_hardware_layer_by_layer(tmp_path):
    model = falcon()
    with torch.no_grad():
        exact = model(input_ids=IDS).logits
    output, hw = on_hardware(lambda: model(input_ids=IDS).logits)
    assert list(hw.layers) == ["decoder.0", "decoder.1"]
    assert not torch.equal(output, exact)
    trace, own = captured(tmp_path, lambda: model(input_ids=IDS).logits)
    assert torch.equal(own, exact)
    assert (trace.layers, trace.causal) == ([0, 1], True)
    with torch.no_grad(), capcam.attention(match=r"h\.0\.") as hw:
        model(input_ids=IDS)
    assert hw.cycles == capcam.Machine().time(layer_of(trace, 0))["cycles"]["total"]


def layer_of(trace, layer):
    trace.keep_layers(str(layer))
    return trace


def padding(batch=2, length=10, last=6):
    mask = torch.zeros(batch, length, dtype=torch.bool)
    mask[-1, last:] = True  # torch's key_padding_mask is True where a key is none
    return mask


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_multihead_attention_is_captured_as_it_computes(need_weights, padded, tmp_path):
    torch.manual_seed(0)
    module, x = torch.nn.MultiheadAttention(32, 4, batch_first=True).eval(), torch.randn(2, 10, 32)
    mask = padding() if padded else None
    with torch.no_grad():
        expected = module(x, x, x, key_padding_mask=mask, need_weights=need_weights)
    trace, got = captured(tmp_path, lambda: module(x, x, x, key_padding_mask=mask, need_weights=need_weights))
    torch.testing.assert_close(got[0], expected[0], atol=1e-6, rtol=0)  # torch's fast path rounds otherwise
    assert (got[1] is None) == (not need_weights)
    exact = torch.from_numpy(capcam.exact_attention(trace)[0]).float()
    with torch.no_grad():
        again = module.out_proj(exact.transpose(1, 2).flatten(2))
    torch.testing.assert_close(again, expected[0], atol=2e-6, rtol=0)
    if padded:
        np.testing.assert_array_equal(trace.read(0, "mask"), (~mask).numpy())


def test_multihead_attention_answers_with_the_replay_of_its_trace(tmp_path):
    torch.manual_seed(0)
    module, x = torch.nn.MultiheadAttention(32, 4).eval(), torch.randn(10, 2, 32)  # sequence first
    causal = torch.nn.Transformer.generate_square_subsequent_mask(10)
    trace, _ = captured(tmp_path, lambda: module(x, x, x, attn_mask=causal, is_causal=True))
    assert trace.causal
    (output, weights), _ = on_hardware(lambda: module(x, x, x, attn_mask=causal, is_causal=True))
    replayed = torch.from_numpy(capcam.Machine().replay(trace).output)
    with torch.no_grad():
        expected = module.out_proj(replayed.permute(2, 0, 1, 3).flatten(2))
    torch.testing.assert_close(output, expected, atol=1e-6, rtol=0)
    assert weights is None  # the hardware has none to give


def test_a_transformer_encoder_is_seen_though_torch_has_a_fast_path(tmp_path):
    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, dropout=0.0)
    encoder, x = torch.nn.TransformerEncoder(layer, 2).eval(), torch.randn(2, 10, 32)
    with torch.no_grad():
        exact = encoder(x, src_key_padding_mask=padding())
    trace, own = captured(tmp_path, lambda: encoder(x, src_key_padding_mask=padding()))
    torch.testing.assert_close(own[~padding()], exact[~padding()], atol=1e-5, rtol=0)
    assert trace.layers == [0, 1]
    output, hw = on_hardware(lambda: encoder(x, src_key_padding_mask=padding()))
    assert hw.report["calls"] == 2
    assert not torch.allclose(output, exact, atol=1e-3)
    with torch.no_grad():
        assert torch.equal(encoder(x, src_key_padding_mask=padding()), exact)  # torch's own way again


def test_an_encoder_and_decoder_of_torch_have_their_parts(tmp_path):
    torch.manual_seed(0)
    model = torch.nn.Transformer(32, 4, 2, 2, 64, dropout=0.0, batch_first=True).eval()
    source, target = torch.randn(2, 10, 32), torch.randn(2, 7, 32)
    causal = torch.nn.Transformer.generate_square_subsequent_mask(7)
    _, hw = on_hardware(lambda: model(source, target, tgt_mask=causal, tgt_is_causal=True))
    assert sorted(hw.layers) == [f"{part}.{layer}" for part in ("cross", "decoder", "encoder") for layer in (0, 1)]


def test_a_pooling_head_beside_attention_of_the_interface_is_on_the_hardware_too():
    import transformers as tf

    config = tf.SiglipVisionConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, image_size=32, patch_size=8
    )
    torch.manual_seed(0)
    model = tf.SiglipVisionModel(config).eval()
    _, hw = on_hardware(lambda: model(pixel_values=torch.randn(1, 3, 32, 32)))
    assert hw.report["calls"] == 3


def test_had_distils_a_model_that_calls_torch():
    import copy

    from capcam import had

    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.0)
    teacher = torch.nn.TransformerEncoder(layer, 2).eval()
    x = torch.randn(8, 6, 16)
    student = had.distil(
        had.HuggingFace(teacher),
        had.HuggingFace(copy.deepcopy(teacher)),
        lambda step: x,
        had.Recipe(top_n=3, stages=had.four_stages((1, 1, 1, 1)), sigma_minibatches=1),
        forward=lambda model, batch: model(batch)[:, 0],
    )
    assert sorted(student.sigmas) == [0, 1]
    with torch.no_grad(), student.hardware(set=IDEAL) as hw:
        on_machine = student.model(x)
    with torch.no_grad(), student.attention() as model:
        in_torch = model(x)
    assert hw.report["calls"] == 2
    torch.testing.assert_close(on_machine, in_torch, atol=1e-4, rtol=0)
