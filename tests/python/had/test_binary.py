# SPDX-License-Identifier: Apache-2.0
import pytest

torch = pytest.importorskip("torch")

from capcam.had import bit, scaled_tanh, sign_ste  # noqa: E402


def test_zero_and_minus_zero_are_a_set_bit():
    assert bit(torch.tensor([0.0, -0.0, 1e-30, -1e-30])).tolist() == [1, 1, 1, -1]


def test_tanh_tends_to_the_bit_for_small_c():
    x = torch.tensor([-3.0, -0.5, 0.5, 3.0])
    assert torch.equal(scaled_tanh(x, 0.01), bit(x))


def test_tanh_tends_to_the_identity_for_large_c_or_to_its_cth_part_without_slope():
    x = torch.linspace(-3, 3, 13)
    torch.testing.assert_close(scaled_tanh(x, 1000.0), x, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(scaled_tanh(x, 1000.0, keep_slope=False), x / 1000, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("c", [1.0, 0.3, 0.05])
def test_both_forms_are_equal_from_c_1_down(c):
    x = torch.linspace(-3, 3, 13)
    assert torch.equal(scaled_tanh(x, c), scaled_tanh(x, c, keep_slope=False))


def test_tanh_is_odd_and_never_leaves_the_bits_behind_for_c_up_to_1():
    x = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    for c in (1.0, 0.2, 0.05):
        torch.testing.assert_close(scaled_tanh(-x, c), -scaled_tanh(x, c))
        assert scaled_tanh(x, c).abs().max() <= 1


def test_the_straight_through_gradient_is_one_within_the_clip_and_zero_outside():
    x = torch.tensor([-2.0, -1.5, -0.1, 0.0, 1.4, 1.6], requires_grad=True)
    y = sign_ste(x, 1.5)
    assert y.tolist() == [-1, -1, -1, 1, 1, 1]
    y.backward(torch.arange(1.0, 7.0))
    assert x.grad.tolist() == [0, 2, 3, 4, 5, 0]
