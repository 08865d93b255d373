# SPDX-License-Identifier: Apache-2.0
"""What torch takes for the machine is what the machine does."""

import pytest

torch = pytest.importorskip("torch")

import capcam  # noqa: E402
from capcam.had import AttentionCall, Rules, Sigma, bit, had_attention, sign_ste  # noqa: E402
from capcam.had.in_loop import InLoop  # noqa: E402
from capcam.had.rules import keys_of_tiles, score_of_matches  # noqa: E402


def draw(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def some_call(kv_heads=4, queries=45, keys=45, dim=16, valid=None, seed=1):
    q, k, v = draw(2, 4, queries, dim, seed=seed), draw(2, kv_heads, keys, dim, seed=seed + 1), None
    v = draw(2, kv_heads, keys, 5, seed=seed + 2)
    return AttentionCall(0, q, k, v, 0.3, valid)


def on_machine(call, machine, sigma, causal=False, mask=None, offset=0):
    result = capcam.simulate(
        call.q,
        call.k,
        call.v,
        machine,
        causal=causal,
        mask=mask,
        query_offset=offset,
        scale=call.scale,
        sigma_q=sigma.q,
        sigma_k=sigma.k,
    )
    return torch.from_numpy(result.output)


MACHINES = {
    "published": {},
    "interleaved": {"array.interleave": 64},
    "blocks of two tiles": {"array.rows": 4, "array.interleave": 2, "top_n.tile_k": 1, "top_n.n": 5},
    "rows that do not divide": {"array.rows": 7, "array.interleave": 3, "top_n.tile_k": 3, "top_n.n": 6},
    "few bits": {"sensing.bits": 3, "top_n.n": 6, "array.interleave": 4},
    "segments": {"array.columns": 6, "sensing.bits": 4, "top_n.n": 6, "array.interleave": 4},
    "full precision": {"softmax.format": "fp32", "value.format": "fp32", "array.interleave": 64},
    "one selection": {"top_n.tile_k": 0, "top_n.n": 9},
    "ideal sensing": {"sensing.kind": "ideal", "array.rows": 8, "array.interleave": 2},
}


@pytest.mark.parametrize("kv_heads", [4, 2], ids=["heads", "grouped heads"])
@pytest.mark.parametrize("seen", ["all", "padding", "causal", "decode"])
@pytest.mark.parametrize("settings", MACHINES.values(), ids=MACHINES)
def test_torch_and_the_machine_agree(settings, seen, kv_heads):
    queries, offset = (6, 39) if seen == "decode" else (45, 0)
    causal, mask = seen in ("causal", "decode"), None
    valid = torch.ones(2, 1, queries, 45, dtype=torch.bool)
    if causal:
        valid = valid.tril(offset)
    if seen == "padding":
        mask = torch.arange(45)[None] < torch.tensor([[45], [31]])
        valid = valid & mask[:, None, None]
    call, sigma = some_call(kv_heads, queries, valid=valid), Sigma(1.3, 0.7)
    machine = capcam.Machine("camformer", set=settings)
    got = had_attention(call, sigma, Rules.of(machine.config), bit).output
    torch.testing.assert_close(got, on_machine(call, machine, sigma, causal, mask, offset), rtol=1e-5, atol=1e-5)


def test_the_placement_is_that_of_the_timing_rules():
    assert keys_of_tiles(20, 16, 1).tolist() == [list(range(16)), [16, 17, 18, 19] + [-1] * 12]
    pair = keys_of_tiles(20, 16, 2)
    assert [row[:10] for row in pair.tolist()] == [list(range(0, 20, 2)), list(range(1, 20, 2))]
    # Blocks of 2 * 4 keys, the last of 3 keys in one tile.
    assert keys_of_tiles(11, 4, 2).tolist() == [[0, 2, 4, 6], [1, 3, 5, 7], [8, 9, 10, -1]]
    for keys, rows, interleave in ((45, 16, 64), (100, 7, 3), (1, 16, 4)):
        placed = keys_of_tiles(keys, rows, interleave).flatten()
        assert sorted(placed[placed >= 0].tolist()) == list(range(keys))


def test_the_last_two_counts_of_matches_share_the_highest_code():
    scores = score_of_matches(64, 6).tolist()
    assert scores[:64] == [2 * m - 64 for m in range(64)] and scores[64] == scores[63]
    assert score_of_matches(64, 2).tolist()[7:9] == [-64, -32]  # halves go up


def test_the_gradient_goes_to_the_kept_keys_as_if_nothing_were_rounded():
    call, sigma = some_call(), Sigma(1.0, 1.0)
    rules = Rules(n=6, tile_k=1, rows=4, interleave=3, bits=3, softmax_bf16=True, value_bf16=True)
    plain = Rules(n=6, tile_k=1, rows=4, interleave=3)
    gradients = []
    for one in (rules, plain):
        q, k, v = (x.clone().requires_grad_() for x in (call.q, call.k, call.v))
        attended = had_attention(AttentionCall(0, q, k, v, 0.3), sigma, one, lambda x: sign_ste(x, 1.0))
        attended.output.square().sum().backward()
        gradients.append([x.grad for x in (q, k, v)])
        assert all(x.grad.isfinite().all() and x.grad.abs().sum() > 0 for x in (q, k, v))
    cosines = [torch.cosine_similarity(a.flatten(), b.flatten(), dim=0) for a, b in zip(*gradients, strict=True)]
    assert all(cosine > 0.5 for cosine in cosines)


def test_curves_are_selected_by_tile_but_not_read_by_a_converter():
    call, sigma = some_call(keys=20, queries=3), Sigma(1.0, 1.0)
    rules = Rules(n=20, tile_k=1, rows=10, interleave=2, bits=1, softmax_bf16=True)
    attended = had_attention(call, sigma, rules, torch.tanh, bits=False)
    scores = torch.tanh(call.q) @ torch.tanh(call.k).transpose(-1, -2)
    best = torch.stack([scores[..., 0::2].argmax(-1) * 2, scores[..., 1::2].argmax(-1) * 2 + 1], dim=-1)
    weights = (scores.gather(-1, best) * 0.3).softmax(-1)
    rows = torch.arange(2)[:, None, None, None], torch.arange(4)[:, None, None], best
    expected = (weights[..., None] * call.v[rows]).sum(-2)
    torch.testing.assert_close(attended.output, expected)


@pytest.mark.parametrize("causal", [False, True], ids=["all", "causal"])
def test_a_measured_map_has_the_errors_that_the_machine_draws(causal):
    valid = torch.ones(2, 1, 45, 45, dtype=torch.bool).tril() if causal else None
    call, sigma, seed = some_call(kv_heads=2, valid=valid), Sigma(1.3, 0.7), 5
    loop = InLoop("pvt", set={"array.interleave": 64, "sensing.comparator_noise_mv": 15.0}, top_n=6)
    rules, measure = loop.rules(0), loop.measure(0, sigma, seed)
    got = had_attention(call, sigma, rules, bit, measure=measure).output
    expected = on_machine(call, loop.machine.changed(seed=seed), sigma, causal)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)
    nominal = had_attention(call, sigma, rules, bit).output
    other = had_attention(call, sigma, rules, bit, measure=loop.measure(0, sigma, seed + 1)).output
    assert not torch.allclose(got, nominal, atol=1e-3) and not torch.allclose(got, other, atol=1e-3)


def test_a_layer_has_the_most_special_of_its_settings():
    own = {"decoder": {"top_n.tile_k": 0}, 1: {"top_n": {"n": 5}}, "decoder.1": {"top_n.n": 7}}
    loop = InLoop("camformer", top_n=9, layers=own)
    assert [(loop.rules(name).tile_k, loop.rules(name).n) for name in ("encoder.0", "decoder.0", "decoder.1")] == [
        (2, 9),
        (0, 9),
        (0, 7),
    ]
    assert (loop.rules("encoder.1").n, InLoop(layers=own).rules("encoder.1").n, InLoop().rules(3).n) == (5, 5, 30)
    with pytest.raises(capcam.InputError, match="'decodr'"):
        InLoop("camformer", layers={"decodr": {"top_n.n": 7}})
