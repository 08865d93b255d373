# SPDX-License-Identifier: Apache-2.0
import math

import pytest

torch = pytest.importorskip("torch")

from capcam.had import AttentionCall, Sigma, bit, exact_attention, had_attention  # noqa: E402
from capcam.had.rules import keep_top_n  # noqa: E402


def draw(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def some_call(kv_heads=4, valid=None, value_dim=5):
    q, k = draw(2, 4, 7, 16, seed=1), draw(2, kv_heads, 9, 16, seed=2)
    return AttentionCall(0, q, k, draw(2, kv_heads, 9, value_dim, seed=3), 0.25, valid)


PADDING = torch.arange(9)[None, None, None, :] < torch.tensor([9, 5])[:, None, None, None]
CAUSAL = torch.ones(7, 9, dtype=torch.bool).tril(2)[None, None]


def reference(call, sigma, n):
    """Match by match and key by key, in Python's own numbers: points 1 to 8 of the hardware's definition."""
    batch, heads, queries, dim = call.q.shape
    keys, group = call.k.shape[2], heads // call.k.shape[1]
    valid = torch.ones(1, 1, 1, 1, dtype=torch.bool) if call.valid is None else call.valid
    valid = valid.expand(batch, heads, queries, keys)
    output = torch.zeros(batch, heads, queries, call.v.shape[-1])
    for b in range(batch):
        for h in range(heads):
            k, v = call.k[b, h // group].tolist(), call.v[b, h // group].tolist()
            for i, q in enumerate(call.q[b, h].tolist()):
                signed = []
                for j in range(keys):
                    matches = sum((x >= 0) == (y >= 0) for x, y in zip(q, k[j], strict=True))
                    signed.append(2 * matches - dim)
                able = [j for j in range(keys) if valid[b, h, i, j]]
                kept = sorted(able, key=lambda j: (-signed[j], j))[:n]
                terms = {j: math.exp(sigma.q * sigma.k * call.scale * signed[j]) for j in kept}
                for j in kept:
                    weight = terms[j] / sum(terms.values())
                    output[b, h, i] += weight * torch.tensor(v[j])
    return output


@pytest.mark.parametrize("n", [1, 3, 9, 30])
@pytest.mark.parametrize("kv_heads", [4, 2])
@pytest.mark.parametrize("valid", [None, PADDING, CAUSAL, PADDING & CAUSAL], ids=["all", "padding", "causal", "both"])
def test_attention_of_bits_is_the_hardwares_definition(n, kv_heads, valid):
    call, sigma = some_call(kv_heads, valid), Sigma(1.3, 0.7)
    got = had_attention(call, sigma, n, bit).output
    torch.testing.assert_close(got, reference(call, sigma, n), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("valid", [None, PADDING, CAUSAL], ids=["all", "padding", "causal"])
def test_exact_attention_is_torchs(valid):
    call = some_call(2, valid)
    expected = torch.nn.functional.scaled_dot_product_attention(
        call.q, call.k, call.v, attn_mask=valid, scale=call.scale, enable_gqa=True
    )
    torch.testing.assert_close(exact_attention(call).output, expected)


def test_equal_scores_keep_the_lower_index():
    scores = torch.tensor([[3.0, 5.0, 3.0, 5.0, 3.0, 1.0]])
    assert keep_top_n(scores, None, 4).tolist() == [[True, True, True, True, False, False]]


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_selection_equals_a_sort_by_score_then_index(n):
    scores = torch.randint(-3, 4, (50, 20), generator=torch.Generator().manual_seed(n)).float()
    valid = torch.rand(50, 20, generator=torch.Generator().manual_seed(n)) < 0.6
    valid[0] = False
    kept = keep_top_n(scores, valid, n)
    for row, able, got in zip(scores.tolist(), valid.tolist(), kept.tolist(), strict=True):
        expected = sorted((j for j in range(20) if able[j]), key=lambda j: (-row[j], j))[:n]
        assert [j for j in range(20) if got[j]] == sorted(expected)


@pytest.mark.parametrize("n", [2, 30])
def test_a_query_without_a_valid_key_gives_zero_and_a_finite_gradient(n):
    valid = torch.ones(2, 1, 7, 9, dtype=torch.bool)
    valid[1, :, 3] = False
    call = some_call(valid=valid)
    call.q.requires_grad_()
    output = had_attention(call, Sigma(1, 1), n, torch.tanh).output
    assert torch.equal(output[1, :, 3], torch.zeros_like(output[1, :, 3]))
    output.square().sum().backward()
    assert call.q.grad.isfinite().all() and call.q.grad.abs().sum() > 0
