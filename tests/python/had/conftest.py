# SPDX-License-Identifier: Apache-2.0
"""A tiny transformer in plain torch, and a distillation problem that takes seconds."""

import pytest

torch = pytest.importorskip("torch")

from capcam.had import PlainTorch, plain_attend  # noqa: E402

WIDTH, HEADS, TOKENS, CLASSES = 16, 2, 12, 6


class TinyAttention(torch.nn.Module):
    attend = staticmethod(plain_attend)

    def __init__(self):
        super().__init__()
        self.qkv = torch.nn.Linear(WIDTH, 3 * WIDTH, bias=False)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, HEADS, WIDTH // HEADS)).permute(2, 0, 3, 1, 4)
        return self.attend(q, k, v).transpose(1, 2).flatten(2)


class Tiny(torch.nn.Module):
    """[batch, tokens, WIDTH] -> logits [batch, CLASSES]. Its random weights attend sharply: binarising hurts."""

    def __init__(self, layers=2, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.layers = torch.nn.ModuleList(TinyAttention() for _ in range(layers))
        self.head = torch.nn.Linear(WIDTH, CLASSES)
        with torch.no_grad():
            self.head.weight.mul_(4)
            for layer in self.layers:
                layer.qkv.weight.mul_(3)

    def forward(self, x):
        for layer in self.layers:
            x = torch.nn.functional.layer_norm(x + layer(x), (WIDTH,))
        return self.head(x[:, 0])

    def adapter(self):
        return PlainTorch(self, list(self.layers))


def inputs(count, seed):
    return torch.randn(count, TOKENS, WIDTH, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(autouse=True)
def one_thread():
    """Small tensors: more threads cost more than they give."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny():
    return Tiny


@pytest.fixture
def tiny_inputs():
    return inputs
