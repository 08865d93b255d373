# SPDX-License-Identifier: Apache-2.0
"""What is no token changes nothing: padding, unwritten slots of a cache."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers as tf
from small_models import BERT, IDEAL, llama, randomised

import capcam

IDS = torch.randint(3, 64, (1, 20), generator=torch.Generator().manual_seed(5))


@pytest.fixture(scope="module")
def model():
    return llama()


def run(model, inputs, **options):
    with torch.no_grad(), capcam.attention(set=IDEAL, **options):
        return model(**inputs).logits


def padded(count, side):
    mask = torch.ones(1, 20 + count, dtype=torch.long)
    pads = torch.zeros(1, count, dtype=torch.long)
    if side == "left":
        mask[:, :count] = 0
        ids = torch.cat([pads, IDS], 1)
    else:
        mask[:, 20:] = 0
        ids = torch.cat([IDS, pads], 1)
    return {"input_ids": ids, "attention_mask": mask, "position_ids": (mask.cumsum(1) - 1).clamp(min=0)}


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("count", [1, 20, 100])
def test_pad_tokens_change_nothing_of_a_decoder(model, side, count):
    alone = run(model, {"input_ids": IDS})
    logits = run(model, padded(count, side))
    logits = logits[:, count:] if side == "left" else logits[:, :20]
    # Rounding of the model's own products, which have other sizes: far from the half that sigmas once made.
    torch.testing.assert_close(logits, alone, atol=1e-3, rtol=1e-3)


def test_pad_tokens_change_nothing_of_an_encoder():
    model = randomised(tf.BertForMaskedLM(tf.BertConfig(**BERT)))
    alone = run(model, {"input_ids": IDS})
    inputs = padded(30, "right")
    del inputs["position_ids"]
    torch.testing.assert_close(run(model, inputs)[:, :20], alone, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("slots", [20, 64, 256])
def test_unwritten_slots_of_a_static_cache_change_nothing(model, slots):
    alone = run(model, {"input_ids": IDS})
    cache = tf.StaticCache(config=model.config, max_cache_len=slots)
    static = run(model, {"input_ids": IDS, "past_key_values": cache, "use_cache": True})
    torch.testing.assert_close(static, alone, atol=1e-3, rtol=1e-3)


def test_a_static_and_a_dynamic_cache_generate_the_same_on_the_hardware(model):
    def generated(cache):
        with torch.no_grad(), capcam.attention(set=IDEAL):
            settings = {"max_new_tokens": 12, "do_sample": False, "pad_token_id": 0}
            return model.generate(input_ids=IDS, cache_implementation=cache, **settings)

    assert torch.equal(generated("static"), generated("dynamic"))


def test_a_captured_trace_says_the_sigma_that_padding_would_have_changed(model, tmp_path):
    """A trace cannot say which queries are padding; the capture knows."""
    with torch.no_grad(), capcam.capture(tmp_path / "padded.safetensors", match="layers.0"):
        model(**padded(9, "right"))
    with torch.no_grad(), capcam.capture(tmp_path / "alone.safetensors", match="layers.0"):
        model(input_ids=IDS)
    trace, alone = (capcam.open_trace(tmp_path / f"{name}.safetensors") for name in ("padded", "alone"))
    q = alone.read(0, "q").astype(np.float64)
    assert float(trace.metadata["sigma_q.0"]) == pytest.approx(q.std(), rel=1e-6)
    assert "sigma_q.0" not in alone.metadata
    ours, theirs = (capcam.Machine(set=IDEAL).replay(t).output for t in (trace, alone))
    np.testing.assert_allclose(ours[:, :, :20], theirs, atol=1e-4)


def test_masked_keys_and_queries_that_see_none_do_not_count():
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal((1, 2, n, 16)).astype(np.float32) for n in (5, 12, 12))
    far = [np.concatenate([x, np.full((1, 2, 20, 16), 50, np.float32)], 2) for x in (k, v)]
    mask = np.arange(32)[None] < 12
    expected = capcam.simulate(q, k, v, set=IDEAL, causal=True, query_offset=7)
    got = capcam.simulate(q, *far, set=IDEAL, causal=True, query_offset=7, mask=mask)
    np.testing.assert_array_equal(got.output, expected.output)
    # Queries at positions 0 to 2 see keys that are masked alone.
    late = np.concatenate([np.full((1, 2, 3, 16), -40, np.float32), q], 2)
    keys = [np.concatenate([np.full((1, 2, 3, 16), 9, np.float32), x], 2) for x in (k, v)]
    got = capcam.simulate(late, *keys, set=IDEAL, causal=True, mask=np.arange(15)[None] >= 3)
    expected = capcam.simulate(q, k, v, set=IDEAL, causal=True)
    np.testing.assert_array_equal(got.output[:, :, 3:], expected.output)
    assert not got.output[:, :, :3].any()


def test_a_batch_that_shares_measured_sigmas_is_warned_of_and_given_ones_are_not(model):
    both = {"input_ids": torch.cat([IDS, IDS.flip(1)])}
    with pytest.warns(UserWarning, match=r"over the 2 sequences of a batch together.*capcam\.estimate_sigmas"):
        run(model, both)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = run(model, {"input_ids": IDS}, sigma_q=1.3, sigma_k=1.4)
        together = run(model, both, sigma_q=1.3, sigma_k=1.4)
        run(model, {"input_ids": IDS})
    torch.testing.assert_close(together[:1], alone, atol=1e-3, rtol=1e-3)


def test_sigmas_are_estimated_over_data_as_the_machine_measures_them(model, tmp_path):
    data = [{"input_ids": IDS[:, :n], "labels": None} for n in (8, 20)]
    sigmas = capcam.estimate_sigmas(model, data)
    assert sorted(sigmas.q) == sorted(sigmas.k) == ["decoder.0", "decoder.1"]
    measured = []
    for n in (8, 20):
        with torch.no_grad(), capcam.capture(tmp_path / "t.safetensors"):
            model(input_ids=IDS[:, :n])
        trace = capcam.open_trace(tmp_path / "t.safetensors")
        measured.append([trace.read(1, role).astype(np.float64).std() for role in "qk"])
    mean = np.mean(measured, axis=0)
    assert (sigmas.q["decoder.1"], sigmas.k["decoder.1"]) == pytest.approx(tuple(mean), rel=1e-5)
    first = capcam.estimate_sigmas(model, data, batches=1)
    assert first.q["decoder.1"] == pytest.approx(measured[0][0], rel=1e-5)
    of_pads = capcam.estimate_sigmas(model, [padded(50, "right")])
    of_none = capcam.estimate_sigmas(model, [{"input_ids": IDS}])
    assert of_pads.q == pytest.approx(of_none.q, rel=1e-4)
    assert of_pads.k == pytest.approx(of_none.k, rel=1e-4)
    with pytest.raises(capcam.InputError, match="data: expected at least one batch"):
        capcam.estimate_sigmas(model, [])
