# SPDX-License-Identifier: Apache-2.0
"""Makes a small vision transformer that reads scikit-learn's digits, with one token for a pixel and its neighbours."""

from __future__ import annotations

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import TensorDataset

from capcam.had import PlainTorch, Shuffled, plain_attend

WIDTH, HEADS, HEAD_DIM, LAYERS, PIXELS, CLASSES = 32, 2, 32, 2, 64, 10


class Attention(nn.Module):
    attend = staticmethod(plain_attend)  # an adapter replaces it

    def __init__(self):
        super().__init__()
        self.query, self.key = nn.Linear(WIDTH, HEADS * HEAD_DIM), nn.Linear(WIDTH, HEADS * HEAD_DIM)
        self.value, self.out = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        q, k, v = (f(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for f in (self.query, self.key, self.value))
        return self.out(self.attend(q, k, v).transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.norm_1, self.norm_2 = Attention(), nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.mlp(self.norm_2(x))


class DigitsViT(nn.Module):
    """Turns images [batch, 64] in 0..1 into class logits [batch, 10].

    The class token sees the image through attention only.
    """

    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(1, WIDTH, kernel_size=3, padding=1)
        self.class_token = nn.Parameter(0.02 * torch.randn(1, 1, WIDTH))
        self.position = nn.Parameter(0.2 * torch.randn(1, PIXELS + 1, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, CLASSES)

    def forward(self, images):
        pixels = self.embed(images.view(-1, 1, 8, 8)).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(images), -1, -1), pixels], dim=1) + self.position
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x[:, 0]))

    def adapter(self) -> PlainTorch:
        return PlainTorch(self, [block.attention for block in self.blocks])


def load_data(seed: int) -> tuple[TensorDataset, torch.Tensor, torch.Tensor]:
    """Returns (training images and labels, test images, test labels): 1347 and 450, split by seed."""
    digits = load_digits()
    images, labels = torch.tensor(digits.data, dtype=torch.float32) / 16, torch.tensor(digits.target)
    parts = train_test_split(images, labels, test_size=0.25, random_state=seed, stratify=labels)
    return TensorDataset(parts[0], parts[2]), parts[1], parts[3]


def train_teacher(batches: Shuffled, steps: int, seed: int, learning_rate: float = 2e-3) -> DigitsViT:
    torch.manual_seed(seed)
    model = DigitsViT()
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    for step in range(steps):
        images, labels = batches(step)
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return model.eval()


@torch.no_grad()
def accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    return (model(images).argmax(-1) == labels).float().mean().item()
