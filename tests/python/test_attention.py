# SPDX-License-Identifier: Apache-2.0
"""The simulated hardware as a model's attention."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from families import FAMILIES, whisper, whisper_inputs
from own_attention import own_attention
from small_models import IDS, llama

import capcam

NOISY = {"sensing.matching_coefficient": 0.0085, "sensing.thermal_noise": True, "sensing.comparator_noise_mv": 7.8}


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("name", FAMILIES)
def test_a_model_on_the_hardware_is_the_replay_of_what_it_was_given(name, implementation, tmp_path):
    """The first layer sees the same Q, K and V either way, so its output is that of its captured trace, bit for bit."""
    family = FAMILIES[name]
    model, inputs = family.make(implementation), family.inputs()
    match = rf"\.{family.layers[0]}\."
    with torch.no_grad(), capcam.capture(tmp_path / "trace.safetensors", match=match):
        model(**inputs)
    trace = capcam.open_trace(tmp_path / "trace.safetensors")
    expected = capcam.Machine(set=NOISY, seed=3).replay(trace)
    with torch.no_grad(), capcam.attention(set=NOISY, seed=3, match=match) as hw, own_attention() as seen:
        model(**inputs)
    np.testing.assert_array_equal(seen[family.layers[0]][1].numpy(), expected.output)
    assert hw.cycles == expected.cycles
    assert hw.energy_pj == expected.energy_pj
    assert list(hw.layers) == [f"{family.part}.{family.layers[0]}"]


def test_cycles_and_energy_of_all_layers_and_calls_add_up():
    family = FAMILIES["bert"]
    model, inputs = family.make("sdpa"), family.inputs()
    with torch.no_grad(), capcam.attention() as hw:
        model(**inputs)
        once = hw.report
        model(**inputs)
    twice, layers = hw.report, hw.layers
    assert (once["calls"], twice["calls"]) == (2, 4)
    assert twice["head_queries"] == 2 * 2 * 4 * 13 * 2  # layers, batch, heads, queries, calls
    assert twice["cycles"]["total"] == hw.cycles == sum(layer["cycles"]["total"] for layer in layers.values())
    assert hw.cycles == 2 * once["cycles"]["total"]
    assert hw.energy_pj == pytest.approx(2 * once["energy_pj"]["total"], rel=1e-12)
    for totals in (once, twice, *layers.values()):
        energy = totals["energy_pj"]
        assert energy["total"] == pytest.approx(energy["on_chip"] + energy["dram"], rel=1e-12)
        parts = sum(energy["components"].values()) + energy["leakage"]
        assert energy["total"] == pytest.approx(parts, rel=1e-12)
        assert energy["per_head_query"] == pytest.approx(energy["total"] / totals["head_queries"])
        for stage in totals["cycles"]["stages"].values():  # every cycle is exactly one of these
            assert stage["busy"] + stage["starved"] + stage["blocked"] == totals["cycles"]["total"] * stage["units"]
        assert totals["counts"]["query_buffer.write"] == totals["head_queries"]


def test_the_model_is_left_as_it_was():
    family = FAMILIES["gpt2"]
    model, inputs = family.make("sdpa"), family.inputs()
    with torch.no_grad():
        before = model(**inputs).last_hidden_state
        with capcam.attention() as hw:
            on_hardware = model(**inputs).last_hidden_state
        calls = hw.report["calls"]
        after = model(**inputs).last_hidden_state
    assert torch.equal(before, after)
    assert not torch.equal(before, on_hardware)
    assert hw.report["calls"] == calls == 2


def test_the_model_is_left_as_it_was_when_the_block_fails():
    family = FAMILIES["gpt2"]
    model, inputs = family.make("sdpa"), family.inputs()
    inputs["attention_mask"] = torch.rand(2, 1, 12, 12) > 0.5
    with pytest.raises(capcam.InputError, match=r"h\.0\.attn"), torch.no_grad(), capcam.attention():
        model(**inputs)
    with torch.no_grad(), own_attention() as seen:
        model(**FAMILIES["gpt2"].inputs())
    assert len(seen) == 2


def test_a_part_of_an_encoder_decoder_may_stay_with_the_model():
    with torch.no_grad(), capcam.attention(part="encoder") as hw:
        whisper("sdpa")(**whisper_inputs())
    assert list(hw.layers) == ["encoder.0", "encoder.1"]
    with torch.no_grad(), capcam.attention() as hw:
        whisper("sdpa")(**whisper_inputs())
    assert sorted(hw.layers) == [f"{part}.{layer}" for part in ("cross", "decoder", "encoder") for layer in (0, 1)]


def test_generation_with_a_cache_runs_on_the_hardware():
    import transformers

    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=64,
    )
    model = transformers.LlamaForCausalLM(config).eval()
    with torch.no_grad(), capcam.attention() as hw:
        model.generate(torch.arange(3, 10)[None], max_new_tokens=4, min_new_tokens=4, do_sample=False, pad_token_id=0)
    assert hw.report["calls"] == 2 * 4  # two layers; the prompt, then three tokens: the fourth is only read off
    assert hw.report["head_queries"] == 2 * 4 * (7 + 3)


@pytest.mark.parametrize("layer", [0, 3])
def test_other_code_calls_it(layer):
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal((1, heads, 30, 16)).astype(np.float32) for heads in (4, 2, 2))
    hw = capcam.attention(set=NOISY, seed=2)
    output = hw(q, k, v, layer=layer, causal=True)
    expected = capcam.Machine(set=NOISY, seed=2).replay(capcam.make_trace({layer: (q, k, v)}, causal=True))
    np.testing.assert_array_equal(output, expected.output)
    tensors = [torch.from_numpy(array).double() for array in (q, k, v)]
    again = capcam.attention(set=NOISY, seed=2)(*tensors, layer=layer, causal=True)
    assert again.dtype == torch.float64
    np.testing.assert_array_equal(again.numpy(), output.astype(np.float64))
    assert hw.layers[layer]["cycles"]["total"] == expected.cycles


def test_noise_is_new_in_every_call_and_follows_from_the_seed():
    rng = np.random.default_rng(0)
    layer = [rng.standard_normal((1, 4, 30, 16)).astype(np.float32) for _ in range(3)]
    first, same, other = (capcam.attention(set=NOISY, seed=seed) for seed in (1, 1, 2))
    one, two = first(*layer), first(*layer)
    assert (one != two).any()
    np.testing.assert_array_equal(one, same(*layer))
    np.testing.assert_array_equal(two, same(*layer))
    assert (one != other(*layer)).any()


def test_sigmas_are_those_given_by_layer():
    rng = np.random.default_rng(0)
    layer = [rng.standard_normal((1, 4, 30, 16)).astype(np.float32) for _ in range(3)]
    hw = capcam.attention(sigma_q={1: 0.5}, sigma_k=2.0)
    with_sigmas = capcam.simulate(*layer, sigma_q=0.5, sigma_k=2.0).output
    of_its_own = capcam.simulate(*layer, sigma_k=2.0).output
    np.testing.assert_array_equal(hw(*layer, layer=1), with_sigmas)
    np.testing.assert_array_equal(hw(*layer, layer=2), of_its_own)
    assert (with_sigmas != of_its_own).any()


def test_a_wrong_part_is_refused():
    with pytest.raises(capcam.InputError, match="part: expected"), capcam.attention(part="encoders"):
        pass


def test_sentences_keep_their_neighbours_on_the_hardware_with_all_keys(minilm):
    """Full precision and one-bit attention of a model that is not distilled differ, but not beyond recognition."""
    model, tokenizer = minilm
    inputs = tokenizer(["The weather is lovely today.", "It's so sunny outside!"], return_tensors="pt", padding=True)
    with torch.no_grad():
        full = model(**inputs).last_hidden_state[0].mean(0)
        with capcam.attention() as hw:
            ours = model(**inputs).last_hidden_state[0].mean(0)
    assert hw.report["calls"] == 6
    assert 0.2 < torch.cosine_similarity(full, ours, dim=0) < 0.999


def test_a_part_or_a_layer_has_settings_of_its_own():
    model = llama()

    def run(**options):
        with torch.no_grad(), capcam.attention("camformer", sigma_q=1.0, sigma_k=1.0, **options) as hw:
            return model(IDS).logits, hw

    fewer = {"top_n": {"n": 2}, "top_n.tile_k": 0}
    everywhere, one = run(set=fewer)
    by_part, other = run(layers={"decoder": fewer, "encoder": {"top_n.n": 1}})
    assert torch.equal(everywhere, by_part) and one.cycles == other.cycles
    plain, _ = run()
    mixed, hw = run(layers={"decoder": fewer, "decoder.0": {"top_n.n": 5}})
    assert not torch.equal(mixed, plain) and not torch.equal(mixed, everywhere)
    assert hw.layers["decoder.1"]["cycles"] == one.layers["decoder.1"]["cycles"]
    assert hw.layers["decoder.0"]["cycles"] != one.layers["decoder.0"]["cycles"]
    with pytest.raises(capcam.InputError, match=r"layers: expected a layer's number, a part .* got 'decodr', 1\.5"):
        capcam.attention("camformer", layers={"decodr": fewer, 1.5: fewer})
    with pytest.raises(capcam.InputError, match=r"top_n\.nn: unknown key"):
        run(layers={1: {"top_n.nn": 2}})


def test_a_changed_machine_keeps_the_rest():
    machine = capcam.Machine("pvt", set={"array.rows": 8}, seed=5)
    changed = machine.changed({"top_n.n": 7}, {"top_n": {"n": 9}})
    assert changed.config["top_n"]["n"] == 9 and changed.seed == 5
    assert changed.config | {"top_n": machine.config["top_n"]} == machine.config
    assert machine.changed(seed=6).seed == 6 and machine.changed(seed=6).config == machine.config
