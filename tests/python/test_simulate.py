# SPDX-License-Identifier: Apache-2.0
"""The engine in process: the numbers of the program, arrays where they lie, errors as exceptions."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import threading
import time
import weakref

import numpy as np
import pytest
import torch

import capcam

# What a report says of where it was made, not of what was simulated.
NOISY = {"sensing.matching_coefficient": 0.0085, "sensing.thermal_noise": True, "sensing.comparator_noise_mv": 4.7}


def arrays(batch=1, heads=2, kv_heads=1, queries=5, keys=40, dim=16, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(
        rng.standard_normal((batch, *shape)).astype(np.float32)
        for shape in ((heads, queries, dim), (kv_heads, keys, dim), (kv_heads, keys, dim))
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        NOISY,
        {"array.rows": 32, "top_n.tile_k": 0, "sensing.kind": "ideal"},
        NOISY | {"array.interleave": 5, "top_n.n": 16},
    ],
)
def test_the_engine_in_process_gives_the_numbers_of_the_program(settings, shipped_trace, program):
    layers = "0,3-4"
    run = capcam.run(
        "camformer", shipped_trace, set=settings, engine="fast", seed=5, layers=layers, accuracy=0.1, save_output=True
    )
    trace = capcam.open_trace(shipped_trace)
    trace.keep_layers(layers)
    result = capcam.Machine("camformer", set=settings, seed=5).replay(trace, accuracy=0.1)
    assert result.report == run.report
    assert list(result.outputs) == [0, 3, 4] == list(run.outputs)
    for layer, output in result.outputs.items():
        np.testing.assert_array_equal(output, run.outputs[layer])


def test_arrays_in_memory_give_the_numbers_of_the_file(shipped_trace):
    file = capcam.open_trace(shipped_trace)
    copy = capcam.make_trace(
        {layer: [file.read(layer, role).astype(np.float16) for role in "qkv"] for layer in file.layers},
        model=file.model,
    )
    machine = capcam.Machine(set=NOISY)
    first, second = machine.replay(file), machine.replay(copy)
    for layer in file.layers:
        np.testing.assert_array_equal(first.outputs[layer], second.outputs[layer])
    assert second.report["trace"].pop("path") == "the trace in memory"
    assert second.report["trace"].pop("sha256") is None
    for key in ("path", "sha256"):
        del first.report["trace"][key]
    assert first.report == second.report


def test_time_alone_gives_the_same_cycles_and_energy(shipped_trace):
    trace = capcam.open_trace(shipped_trace)
    machine = capcam.Machine()
    timed, replayed = machine.time(trace), machine.replay(trace).report
    assert timed["cycles"] == replayed["cycles"]
    assert timed["energy_pj"] == replayed["energy_pj"]


def test_threads_change_nothing(shipped_trace):
    trace = capcam.open_trace(shipped_trace)
    machine = capcam.Machine(set=NOISY)
    one, three = machine.replay(trace, threads=1, accuracy=0.05), machine.replay(trace, threads=3, accuracy=0.05)
    assert one.report == three.report
    np.testing.assert_array_equal(one.outputs[2], three.outputs[2])


def test_every_format_gives_the_result_of_its_numbers():
    q, k, v = (torch.from_numpy(array) for array in arrays())
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        short = [tensor.to(dtype) for tensor in (q, k, v)]
        widened = [tensor.float() for tensor in short]
        np.testing.assert_array_equal(capcam.simulate(*short).output, capcam.simulate(*widened).output)


def test_torch_and_numpy_give_the_same():
    q, k, v = arrays()
    tensors = [torch.from_numpy(array).requires_grad_() for array in (q, k, v)]
    np.testing.assert_array_equal(capcam.simulate(q, k, v).output, capcam.simulate(*tensors).output)


def test_arrays_that_are_not_row_major_are_taken_by_their_values():
    q, k, v = arrays()
    turned = [np.ascontiguousarray(array.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3) for array in (q, k, v)]
    assert not turned[0].flags.c_contiguous
    np.testing.assert_array_equal(capcam.simulate(q, k, v).output, capcam.simulate(*turned).output)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_row_major_arrays_are_used_where_they_lie(kind):
    q, k, v = arrays()
    if kind == "torch":
        q, k, v = (torch.from_numpy(array) for array in (q, k, v))
    trace = capcam.make_trace([(q, k, v)])
    q[0, 1, 2, 3] = 123.0
    assert trace.read(0, "q")[0, 1, 2, 3] == 123.0


def test_a_trace_keeps_its_arrays_alive_and_lets_them_go():
    q, k, v = arrays()
    gone = weakref.ref(q)
    expected = q.copy()
    trace = capcam.make_trace([(q, k, v)])
    del q
    gc.collect()
    np.testing.assert_array_equal(trace.read(0, "q"), expected)
    del trace
    gc.collect()
    assert gone() is None


def test_the_output_is_attention_when_the_hardware_is_perfect_and_keeps_all_keys():
    """Binary queries and keys are their own signs: with ideal sensing, all keys kept and fp32, the machine is exact."""
    rng = np.random.default_rng(1)
    q, k = (np.where(rng.random((2, 3, n, 32)) < 0.5, -1.0, 1.0).astype(np.float32) for n in (6, 20))
    v = rng.standard_normal((2, 3, 20, 8)).astype(np.float32)
    result = capcam.simulate(
        q, k, v, set={"sensing.kind": "ideal", "top_n": {"n": 20, "tile_k": 0, "register_entries": 40},
                      "softmax.format": "fp32", "value.format": "fp32"},
        sigma_q=1.0, sigma_k=1.0,
    )  # fmt: skip
    scores = q.astype(np.float64) @ k.transpose(0, 1, 3, 2) / np.sqrt(32)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    np.testing.assert_allclose(result.output, weights / weights.sum(-1, keepdims=True) @ v, atol=1e-6)


@pytest.mark.parametrize("call", ["simulate", "attention"])
def test_interleaved_keys_are_consecutive_keys_in_another_order(call):
    """48 keys over three tiles of 16 rows: tile t has t, t + 3, ... Of each tile the best key is kept, so all are."""

    def output(keys, values, interleave):
        settings = {"top_n": {"n": 3, "tile_k": 1}, "array.interleave": interleave}
        if call == "simulate":
            return capcam.simulate(q, keys, values, set=settings).output
        return capcam.attention(set=settings)(q, keys, values)

    q, k, v = arrays(keys=48)
    order = np.arange(48).reshape(16, 3).T.reshape(-1)
    interleaved = output(k, v, 3)
    np.testing.assert_allclose(interleaved, output(k[:, :, order], v[:, :, order], 1), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(interleaved, output(k, v, 64))
    assert (interleaved != output(k, v, 1)).any()


def test_masks_causality_windows_and_offsets_reach_the_engine():
    q, k, v = arrays(queries=4, keys=30)
    mask = np.ones((1, 30), np.int64)
    mask[0, 3] = 0
    trace = capcam.make_trace([(q, k, v, mask)], causal=True, query_offset=10, window=6, scale=0.3)
    exact = capcam.exact_attention(trace)[0]
    scores = 0.3 * q.astype(np.float64) @ np.repeat(k, 2, 1).transpose(0, 1, 3, 2)
    distance = np.arange(4)[:, None] + 10 - np.arange(30)[None, :]
    valid = (distance >= 0) & (distance < 6) & (np.arange(30) != 3)
    weights = np.where(valid, np.exp(scores), 0.0)
    expected = weights / weights.sum(-1, keepdims=True) @ np.repeat(v, 2, 1)
    errors = np.linalg.norm(exact - expected, axis=-1) / np.linalg.norm(expected, axis=-1)
    assert errors.max() < 5e-7  # docs/speed.md
    # Fewer than n keys are valid, so the machine keeps the same ones.
    settings = {"mask": mask, "causal": True, "query_offset": 10, "window": 6, "scale": 0.3, "accuracy": 1.0}
    report = capcam.simulate(q, k, v, set={"top_n.tile_k": 0}, **settings).report
    assert report["accuracy"]["exact"]["selection_recall"] == 1.0


def test_a_query_without_a_valid_key_is_zero_and_counted():
    q, k, v = arrays(batch=2)
    mask = np.ones((2, 40), bool)
    mask[1] = False
    result = capcam.simulate(q, k, v, mask=mask)
    assert not result.output[1].any()
    assert result.output[0].any()
    assert result.report["accuracy"]["empty_queries"] == 2 * 5


def test_the_ideal_reference_is_the_machine_without_errors_and_tiles():
    q, k, v = arrays(keys=60)
    settings = {"sensing.kind": "ideal", "top_n.tile_k": 0, "softmax.format": "fp32", "value.format": "fp32"}
    output = capcam.simulate(q, k, v, set=settings).output
    np.testing.assert_array_equal(capcam.ideal_attention(capcam.make_trace([(q, k, v)]))[0].astype(np.float32), output)


def test_noise_is_drawn_anew_in_every_call_of_a_model_and_the_same_for_the_same_call():
    layer = arrays(queries=20)
    machine = capcam.Machine(set=NOISY)
    outputs = [machine.replay(capcam.make_trace([layer], call=call)).outputs[0] for call in (0, 1, 0)]
    assert (outputs[0] != outputs[1]).any()
    np.testing.assert_array_equal(outputs[0], outputs[2])
    # What is fixed in an array, or not there at all, does not change with the call.
    quiet = capcam.Machine(set={"sensing.matching_coefficient": 0.05})
    outputs = [quiet.replay(capcam.make_trace([layer], call=call)).outputs[0] for call in (0, 1)]
    np.testing.assert_array_equal(*outputs)


def test_a_configuration_of_a_report_is_one_to_run_again():
    q, k, v = arrays()
    first = capcam.simulate(q, k, v, set={"array.rows": 32, "memory.bandwidth_gb_s": 12.8})
    second = capcam.simulate(q, k, v, first.report["config"])
    assert first.report == second.report


def test_a_wrong_configuration_is_refused_with_the_text_of_the_command_line(program):
    wrong = ["array.rows=0", "array.column=3", 'sensing.kind="flesh"']
    with pytest.raises(capcam.InputError) as refused:
        capcam.Machine(set={"array.rows": 0, "array": {"column": 3}, "sensing.kind": "flesh"})
    sets = [text for one in wrong for text in ("--set", one)]
    printed = subprocess.run([program, "check", "camformer", *sets], capture_output=True, text=True, check=False)
    assert printed.returncode == 2
    own = capcam.resource("configs/camformer.toml").parent
    # The two may be configured by different copies of the same file.
    text = [line.split("camformer.toml")[-1] for line in printed.stderr.removeprefix("error: ").strip().split("\n")]
    assert [line.split("camformer.toml")[-1] for line in str(refused.value).split("\n")] == text
    assert len(refused.value.problems) == 3
    assert own.is_dir()
    assert isinstance(refused.value, ValueError)


def test_wrong_arrays_are_refused_all_at_once():
    q, k, v = arrays()
    with pytest.raises(capcam.InputError) as refused:
        capcam.make_trace({0: (q, k[:, :, :7], v), 2: (q, k.astype(np.float16), v[0])}, sigma_q={1: 0.5})
    text = str(refused.value)
    assert text.startswith("the trace in memory is not a capcam trace\n")
    for part in ("layers.0.v", "layers.2.v", "sigma_q.1"):
        assert part in text


def test_doubles_are_refused_by_name():
    q, k, v = arrays()
    with pytest.raises(capcam.InputError, match=r"layers\.0\.k: expected float32, float16 or bfloat16"):
        capcam.simulate(q, k.astype(np.float64), v)


def test_numbers_that_are_not_finite_are_refused_with_their_place():
    q, k, v = arrays()
    k[0, 0, 3, 2] = np.nan
    with pytest.raises(capcam.InputError, match=r"layers\.0\.k\[0, 0, 3, 2\]"):
        capcam.simulate(q, k, v)


def test_a_mask_of_other_numbers_is_refused():
    q, k, v = arrays()
    with pytest.raises(capcam.InputError, match=r"layers\.0\.mask: expected 1"):
        capcam.simulate(q, k, v, mask=np.full((1, 40), 2))


def long_trace():
    q, k, v = arrays(heads=16, kv_heads=16, queries=4096, keys=8192, dim=64)
    return capcam.make_trace([(q, k, v)])


def test_python_goes_on_while_the_engine_works():
    trace, machine = long_trace(), capcam.Machine()
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.01):
            ticks.append(time.monotonic())

    ticker = threading.Thread(target=tick)
    ticker.start()
    start = time.monotonic()
    machine.replay(trace, threads=1)
    took = time.monotonic() - start
    done.set()
    ticker.join()
    assert took > 0.2, "too quick to tell"
    assert len(ticks) > took / 0.01 / 20  # a locked interpreter would have given one or two


def test_ctrl_c_ends_a_replay_at_once(ctrl_c):
    trace, machine = long_trace(), capcam.Machine()
    start = time.monotonic()
    machine.replay(trace)
    whole = time.monotonic() - start
    timer = threading.Timer(min(0.1, whole / 4), os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        machine.replay(trace)
    assert time.monotonic() - start < max(0.75 * whole, 1.0)
    timer.join()


def test_a_handler_of_signals_that_raises_ends_a_replay_with_its_own_exception():
    class Enough(Exception):  # noqa: N818
        pass

    def handler(*_):
        raise Enough

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Enough):
            for _ in range(100):
                capcam.Machine().replay(long_trace())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_saved_trace_reads_back_as_it_was(tmp_path):
    q, k, v = (torch.from_numpy(array).to(torch.bfloat16) for array in arrays(batch=2))
    mask = torch.ones(2, 40, dtype=torch.bool)
    mask[1, 30:] = False
    saved = capcam.save_trace(
        tmp_path / "trace.safetensors", {4: (q, k, v, mask)}, causal=True, scale=0.1, sigma_q=0.75, model="m", note="n"
    )
    np.testing.assert_array_equal(saved.read(4, "q"), q.float().numpy())
    np.testing.assert_array_equal(saved.read(4, "mask"), mask.numpy())
    assert (saved.layers, saved.causal, saved.scale, saved.model) == ([4], True, 0.1, "m")
    assert saved.metadata["note"] == "n"
    assert saved.metadata["sigma_q.4"] == "0.75"
    from safetensors import safe_open

    with safe_open(tmp_path / "trace.safetensors", framework="pt") as file:
        assert torch.equal(file.get_tensor("layers.4.k"), k)


def test_nothing_is_written_where_a_trace_is_wrong(tmp_path):
    q, k, v = arrays()
    with pytest.raises(capcam.InputError, match=r"bad\.safetensors is not a capcam trace"):
        capcam.save_trace(tmp_path / "bad.safetensors", [(q, k, v[:, :, :3])])
    assert list(tmp_path.iterdir()) == []
