# SPDX-License-Identifier: Apache-2.0
import pytest

torch = pytest.importorskip("torch")

from capcam.had import AttentionCall, Sigma, estimate_sigmas  # noqa: E402
from capcam.had.sigma import from_metadata, to_metadata  # noqa: E402


class Spy:
    """An adapter of no model: hands over the calls it was given, one a batch."""

    model = None

    def __init__(self, calls):
        self.calls = calls

    def using(self, attend):
        from contextlib import contextmanager

        @contextmanager
        def context():
            self.attend = attend
            yield

        return context()

    def forward(self, _, batch):
        self.attend(batch)


def estimate(calls):
    spy = Spy(calls)
    return estimate_sigmas(spy, lambda step: calls[step], spy.forward, len(calls))


def test_sigma_is_the_mean_of_the_deviations_of_the_minibatches():
    q, k = torch.tensor([-1.0, 1.0]).repeat(8).view(1, 1, 8, 2), torch.tensor([-2.0, 2.0]).repeat(8).view(1, 1, 8, 2)
    calls = [AttentionCall(0, scale * q, k, k, 1.0) for scale in (1.0, 2.0, 6.0)]
    assert estimate(calls) == {0: Sigma(3.0, 2.0)}  # not the deviation of all together, sqrt(41 / 3)


def test_padding_does_not_count():
    q = torch.full((1, 1, 4, 2), 100.0)
    q[0, 0, :2] = torch.tensor([[-1.0, 1.0], [1.0, -1.0]])
    valid = torch.tensor([True, True, False, False])[None, None, None, :]
    assert estimate([AttentionCall(5, q, q, q, 1.0, valid)]) == {5: Sigma(1.0, 1.0)}


def test_metadata_keeps_every_digit():
    sigmas = {0: Sigma(0.1 + 0.2, 1 / 3), 11: Sigma(1e-7, 12345.678)}
    assert from_metadata(to_metadata(sigmas)) == sigmas
    assert set(to_metadata(sigmas)) == {"sigma_q.0", "sigma_k.0", "sigma_q.11", "sigma_k.11"}
