# SPDX-License-Identifier: Apache-2.0
"""Blocks see the attention of their own context, in whatever order they end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest
import torch
from small_models import IDS, llama

import capcam


@pytest.fixture(scope="module")
def model():
    return llama()


@pytest.fixture(scope="module")
def exact(model):
    with torch.no_grad():
        return model(input_ids=IDS).logits


def run(model, ids=IDS):
    with torch.no_grad():
        return model(input_ids=ids).logits


def test_blocks_may_end_in_another_order_than_they_began(model, exact):
    first, second = capcam.attention(match="layers.0"), capcam.attention(match="layers.1")
    first.__enter__()
    second.__enter__()
    both = run(model)
    first.__exit__(None, None, None)
    one = run(model)
    second.__exit__(None, None, None)
    assert (first.report["calls"], second.report["calls"]) == (1, 2)
    assert not torch.equal(both, one)
    assert not torch.equal(one, exact)
    assert torch.equal(run(model), exact)


def test_a_block_leaves_nothing_of_itself_in_torch(model):
    from torch.nn.modules import module as torch_modules

    first, second = capcam.attention(match="layers.0"), capcam.attention(match="layers.1")
    with first:
        second.__enter__()
        with torch.device("cpu"):
            run(model)
    run(model)
    second.__exit__(None, None, None)
    assert torch.overrides._len_torch_function_stack() == 0
    assert not torch_modules._global_forward_pre_hooks
    assert not torch_modules._global_forward_hooks


def test_a_block_that_torch_has_taken_off_its_stack_is_put_back(model):
    """A device's context that ends out of order takes off the topmost one, whatever that is."""
    device, block = torch.device("cpu"), capcam.attention()
    device.__enter__()
    with block:
        device.__exit__(None, None, None)
        model.config._attn_implementation = "sdpa"
        run(model)
        torch.nn.MultiheadAttention(8, 2).eval()(*[torch.randn(3, 1, 8)] * 3)
    assert block.report["calls"] == 3
    torch.overrides._pop_mode()  # the device's own, which it has left


def test_other_threads_are_left_alone(model, exact):
    stop, wrong, served = threading.Event(), [0], [0]

    def serve():
        while not stop.is_set():
            served[0] += 1
            wrong[0] += not torch.equal(run(model), exact)

    thread = threading.Thread(target=serve)
    thread.start()
    with capcam.attention() as hw:
        for _ in range(5):
            run(model)
    stop.set()
    thread.join()
    assert hw.report["calls"] == 10
    assert served[0] > 0
    assert wrong[0] == 0


def test_a_model_that_ran_in_another_thread_alone_is_said(model):
    with pytest.raises(capcam.InputError, match="a model ran in another thread, which has a context of its own"):
        with capcam.attention():
            thread = threading.Thread(target=run, args=(model,))
            thread.start()
            thread.join()


def test_a_block_in_which_nothing_ran_has_nothing_to_say(model, exact):
    first, second = capcam.attention(), capcam.attention()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert (first.report, second.report) == ({}, {})
    assert torch.equal(run(model), exact)


def test_threads_with_blocks_of_their_own_count_their_own_calls(exact):
    models, calls = [llama() for _ in range(4)], [0] * 4

    def work(i):
        with capcam.attention() as hw:
            for _ in range(i + 1):
                run(models[i])
        calls[i] = hw.report["calls"]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [2, 4, 6, 8]
    assert torch.equal(run(models[0]), exact)


def test_a_thread_that_is_given_the_context_is_in_the_block(model):
    async def ask():
        with capcam.attention() as hw:
            await asyncio.to_thread(run, model)
        return hw

    assert asyncio.run(ask()).report["calls"] == 2
    assert torch.overrides._len_torch_function_stack() == 0


def test_tasks_of_one_thread_have_blocks_of_their_own(model, exact):
    async def work(seed):
        with capcam.attention(seed=seed, set={"sensing.comparator_noise_mv": 31.2}) as hw:
            await asyncio.sleep(0)
            output = run(model)
            await asyncio.sleep(0)
        return hw.report["calls"], output

    async def both():
        return await asyncio.gather(work(1), work(2))

    (calls, one), (calls_too, other) = asyncio.run(both())
    assert calls == calls_too == 2
    assert not torch.equal(one, other)
    assert torch.equal(run(model), exact)


@pytest.mark.parametrize("capture_first", [True, False])
def test_capture_records_what_a_model_on_the_hardware_computes(model, tmp_path, capture_first):
    capture, hw = capcam.capture(tmp_path / "t.safetensors"), capcam.attention()
    outer, inner = (capture, hw) if capture_first else (hw, capture)
    with outer, inner:
        run(model)
    trace = capcam.open_trace(tmp_path / "t.safetensors")
    assert trace.layers == [0, 1]
    with capcam.capture(tmp_path / "exact.safetensors"):
        run(model)
    without = capcam.open_trace(tmp_path / "exact.safetensors")
    assert (trace.read(0, "q") == without.read(0, "q")).all()
    assert (trace.read(1, "q") != without.read(1, "q")).any()  # of what layer 0 gave on the hardware
    assert hw.report["calls"] == 2


def test_two_blocks_that_would_compute_the_same_attention_are_refused(model):
    with pytest.raises(capcam.InputError, match=r"model\.layers\.0\.self_attn: two blocks would compute"):
        with capcam.attention(), capcam.attention("pvt"):
            run(model)
    with capcam.attention(match="layers.0") as outer, capcam.attention("pvt", match="layers.1") as inner:
        run(model)
    assert list(outer.layers) == ["decoder.0"]
    assert list(inner.layers) == ["decoder.1"]


def test_a_block_is_entered_once_at_a_time(model):
    hw = capcam.attention()
    with pytest.raises(capcam.InputError, match="entered already"), hw, hw:
        pass
    with hw:
        run(model)
    with hw:
        run(model)
    assert hw.report["calls"] == 4


def test_a_failing_block_ends_with_its_own_error(model, exact):
    with pytest.raises(ZeroDivisionError), capcam.attention():
        raise ZeroDivisionError
    assert torch.equal(run(model), exact)


def test_no_gradient_flows_through_the_hardware_and_that_is_said(model):
    with capcam.attention():
        loss = model(input_ids=IDS, labels=IDS).loss
    with pytest.raises(capcam.InputError, match="no gradient flows through the simulated hardware"):
        loss.backward()


def test_a_model_that_is_made_within_the_block_is_on_the_hardware():
    """Where transformers has not been imported before, or its models have not."""
    script = """
import torch, transformers, capcam
with torch.no_grad(), capcam.attention() as hw:
    config = transformers.BertConfig(
        vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)
    model = transformers.BertModel(config).eval()
    model(input_ids=torch.arange(3, 40)[None])
print(hw.report["calls"], list(hw.layers))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "2 ['encoder.0', 'encoder.1']", done.stderr


@pytest.mark.parametrize("when", ["before", "within"])
def test_a_compiled_model_runs_uncompiled_on_the_hardware(when):
    model = llama()
    with capcam.attention():
        expected = run(model)
    torch._dynamo.reset()
    compiled = torch.compile(model, backend="eager")
    if when == "before":
        full = run(compiled)
    with capcam.attention() as hw:
        output = run(compiled)
    assert hw.report["calls"] == 2
    assert torch.equal(output, expected)
    if when == "before":
        assert torch.allclose(run(compiled), full)


def test_mixed_precision_is_on_the_hardware(model, tmp_path):
    path = tmp_path / "t.safetensors"
    with torch.autocast("cpu", dtype=torch.bfloat16), capcam.attention() as hw, capcam.capture(path):
        run(model)
    assert hw.report["calls"] == 2
    assert capcam.open_trace(path).layers == [0, 1]
