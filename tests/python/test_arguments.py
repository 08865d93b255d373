# SPDX-License-Identifier: Apache-2.0
"""Arguments of another kind are refused, as the command line refuses them; none is rounded, cut or guessed."""

from __future__ import annotations

import numpy as np
import pytest

import capcam


def arrays(queries=4, keys=16):
    rng = np.random.default_rng(0)
    return [rng.standard_normal((1, h, n, 8)).astype(np.float32) for h, n in ((2, queries), (1, keys), (1, keys))]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"window": 2.5}, "window: expected an integer from 1 to 4294967295, got 2.5"),
        ({"window": True}, "window: expected an integer"),
        ({"window": 0}, "window: expected an integer from 1"),
        ({"window": "4"}, "window: expected an integer"),
        ({"query_offset": 1.7, "causal": True}, "query_offset: expected an integer from 0 to 4294967295, got 1.7"),
        ({"query_offset": -1}, "query_offset: expected an integer from 0"),
        ({"causal": "false"}, "causal: expected True or False, got 'false'"),
        ({"causal": 1}, "causal: expected True or False"),
        ({"scale": float("nan")}, "scale: expected a finite number above 0, got nan"),
        ({"scale": 0.0}, "scale: expected a finite number above 0"),
        ({"sigma_q": float("inf")}, "sigma_q: expected a finite number above 0"),
        ({"sigma_k": -1.0}, "sigma_k: expected a finite number above 0"),
        ({"seed": 1.9}, "seed: expected an integer from 0 to 18446744073709551615, got 1.9"),
        ({"seed": -1}, "seed: expected an integer from 0"),
        ({"seed": 2**64}, "seed: expected an integer from 0"),
        ({"threads": -1}, "threads: expected an integer from 0"),
        ({"accuracy": 2}, "accuracy: expected a share from 0 to 1, got 2"),
        ({"accuracy": float("nan")}, "accuracy: expected a share from 0 to 1, got nan"),
    ],
)
def test_a_number_of_another_kind_is_refused(wrong, said):
    with pytest.raises(capcam.InputError, match=said):
        capcam.simulate(*arrays(), **wrong)


def test_numbers_of_numpy_are_numbers():
    q, k, v = arrays()
    plain = capcam.simulate(q, k, v, window=3, causal=True, query_offset=5, seed=7, scale=0.5, threads=1)
    of_numpy = capcam.simulate(
        q, k, v, window=np.int64(3), causal=np.True_, query_offset=np.uint8(5), seed=np.int32(7),
        scale=np.float64(0.5), threads=np.int16(1),
    )  # fmt: skip
    assert plain.report == of_numpy.report


def test_other_libraries_names_and_misspelt_ones_are_no_metadata(tmp_path):
    q, k, v = arrays()
    for wrong, meant in {
        "is_causal": "causal",
        "scaling": "scale",
        "sliding_window": "window",
        "attention_mask": "mask",
        "query_offst": "query_offset",
        "sigma_Q": "sigma_q",
        "modle": "model",
    }.items():
        with pytest.raises(capcam.InputError, match=f"{wrong}: did you mean {meant}"):
            capcam.make_trace({0: (q, k, v)}, **{wrong: "1"})
    for wrong, meant in {"dtyp": "dtype", "parts": "part", "is_causal": "causal", "matches": "match"}.items():
        with pytest.raises(capcam.InputError, match=f"{wrong}: did you mean {meant}"):
            capcam.capture(tmp_path / "t.safetensors", **{wrong: "1"})
    with pytest.raises(capcam.InputError, match="causal: recorded from the model"):
        capcam.capture(tmp_path / "t.safetensors", causal="false")
    with pytest.raises(capcam.InputError, match="flash: metadata is text, got bool"):
        capcam.make_trace({0: (q, k, v)}, flash=True)
    trace = capcam.make_trace({0: (q, k, v)}, text="words", note="n", temperature=300, **{"workload.heads": "12"})
    assert (trace.metadata["text"], trace.metadata["note"], trace.metadata["temperature"]) == ("words", "n", "300")


@pytest.mark.parametrize(
    "mask", [np.zeros((1, 16), np.float32), np.full((1, 16), -np.inf), np.ones((1, 16), np.float16)]
)
def test_a_mask_that_is_added_to_scores_is_refused_with_both_ways_to_say_it(mask):
    with pytest.raises(capcam.InputError, match=r"layers\.0\.mask: .*give mask == 0, .*give mask != 0"):
        capcam.simulate(*arrays(), mask=mask)


def test_torchs_masks_are_refused_likewise():
    import torch

    for mask in (torch.zeros(1, 16), torch.zeros(1, 16, dtype=torch.bfloat16)):
        with pytest.raises(capcam.InputError, match="give mask == 0"):
            capcam.simulate(*arrays(), mask=mask)


def test_layers_are_taken_whole_and_by_their_number():
    q, k, v = arrays()
    mask = np.ones((1, 16), bool)
    for layers, said in (
        ({0: (q, k, v, mask, q)}, r"layer 0: expected \(q, k, v\) or \(q, k, v, mask\), got 5 of them"),
        ({0: (q, k)}, "layer 0: expected"),
        ({0: q}, "layer 0: expected"),
        ({0: {"q": q, "k": k, "value": v}}, "layer 0: expected q, k, v and mask, got value"),
        ({"0": (q, k, v)}, "a layer's number: expected an integer"),
        ({1.0: (q, k, v)}, "a layer's number: expected an integer"),
        ({0: (q, k, v), np.int64(1): (q, k, v), "1": (q, k, v)}, "a layer's number"),
        (7, "layers: expected one by number or a list"),
    ):
        with pytest.raises(capcam.InputError, match=said):
            capcam.make_trace(layers)


def test_arrays_of_another_kind_are_turned_or_refused():
    q, k, v = arrays()
    swapped = [x.astype(x.dtype.newbyteorder()) for x in (q, k, v)]
    np.testing.assert_array_equal(capcam.simulate(*swapped).output, capcam.simulate(q, k, v).output)
    hidden = np.ma.masked_array(k, np.arange(8)[None, None, None] > 5 + np.zeros(k.shape))
    with pytest.raises(capcam.InputError, match=r"layers\.0\.k: some of its elements are masked"):
        capcam.simulate(q, hidden, v)
    np.testing.assert_array_equal(capcam.simulate(q, np.ma.masked_array(k), v).output, capcam.simulate(q, k, v).output)
    with pytest.raises(capcam.InputError, match=r"layers\.0\.v: expected an array of numbers"):
        capcam.simulate(q, k, np.full(v.shape, "x"))


def test_windows_and_scales_may_be_by_layer():
    q, k, v = arrays(keys=30)
    trace = capcam.make_trace(
        {0: (q, k, v), 1: (q, k, v), 2: (q, k, v)}, causal=True, query_offset=26, window={0: 4, 1: None}, scale={2: 0.9}
    )
    assert trace.windows == {0: 4, 1: None, 2: None}
    assert trace.scales == {0: None, 1: None, 2: 0.9}
    assert (trace.window, trace.scale) == (None, None)
    machine = capcam.Machine()
    together = machine.replay(trace).outputs
    for layer, own in {0: {"window": 4}, 1: {}, 2: {"scale": 0.9}}.items():
        alone = machine.replay(capcam.make_trace({layer: (q, k, v)}, causal=True, query_offset=26, **own))
        np.testing.assert_array_equal(together[layer], alone.output)
        exact = capcam.exact_attention(capcam.make_trace({layer: (q, k, v)}, causal=True, query_offset=26, **own))
        np.testing.assert_array_equal(capcam.exact_attention(trace)[layer], exact[layer])
    with pytest.raises(capcam.InputError, match=r"window\.0: expected an integer from 1"):
        capcam.make_trace({0: (q, k, v)}, window={0: 2.5})


def test_both_engines_take_windows_and_scales_by_layer(program, tmp_path):
    rng = np.random.default_rng(1)
    layers = {layer: [rng.standard_normal((2, 2, n, 16)).astype(np.float32) for n in (6, 40, 40)] for layer in range(3)}
    mask = np.ones((2, 40), bool)
    mask[1, 30:] = False
    trace = capcam.save_trace(
        tmp_path / "t.safetensors",
        {layer: (*qkv, mask) for layer, qkv in layers.items()},
        causal=True, query_offset=34, window={0: 5, 2: 17}, scale={1: 0.4},
    )  # fmt: skip
    runs = [capcam.run("camformer", trace.path, engine=engine, save_output=True) for engine in ("systemc", "fast")]
    assert runs[0].report["cycles"] == runs[1].report["cycles"]
    assert runs[0].report["energy_pj"] == runs[1].report["energy_pj"]
    for layer in range(3):
        np.testing.assert_array_equal(runs[0].outputs[layer], runs[1].outputs[layer])
    import subprocess
    import sys
    from pathlib import Path

    kept = tmp_path / "kept"
    capcam.run("camformer", trace.path, out=kept, save_output=True)
    reference = Path(__file__).parents[1] / "reference" / "capcam_reference.py"
    done = subprocess.run(
        [sys.executable, reference, kept / "report.json", trace.path, kept / "outputs.safetensors"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_report_and_its_config_make_its_machine_again():
    machine = capcam.Machine("camformer", set={"array.rows": 32})
    assert machine.config["memory"]["bandwidth_gb_s"] == "inf"  # as JSON has to say it
    assert capcam.Machine(machine.config).config == machine.config
    report = capcam.simulate(*arrays(), machine).report
    assert capcam.Machine(report).config == machine.config
    with pytest.raises(capcam.InputError, match=r"array\.rows"):
        capcam.Machine({"array": {"rows": "many"}})


def test_options_of_the_program_are_checked_before_it_runs(shipped_trace):
    for wrong in ({"accuracy": 2.0}, {"seed": -1}, {"threads": 1.5}, {"save_output": "no"}):
        with pytest.raises(capcam.InputError, match=f"{next(iter(wrong))}: expected"):
            capcam.run("camformer", shipped_trace, **wrong)
    for wrong in ({"jobs": 0.5}, {"shard": (0, 2)}, {"shard": 3}, {"verify": float("nan")}):
        with pytest.raises(capcam.InputError, match="expected"):
            capcam.sweep("s.toml", "out", **wrong)
