# SPDX-License-Identifier: Apache-2.0
"""Computes the two Kullback-Leibler losses of the distillation: of attention maps and of outputs.

Both are zero for equal models.
"""

from __future__ import annotations

import torch

from .adapter import AttentionCall


def kl_divergence(log_teacher: torch.Tensor, log_student: torch.Tensor) -> torch.Tensor:
    """Returns KL(teacher || student) in nats over the last dimension; a teacher's zero probability adds nothing."""
    teacher = log_teacher.exp()
    return torch.where(teacher > 0, teacher * (log_teacher - log_student), 0.0).sum(dim=-1)


def map_kl(call: AttentionCall, log_teacher: torch.Tensor, log_student: torch.Tensor) -> torch.Tensor:
    """Returns the mean KL of one layer's attention maps over batch, heads and those queries that are no padding.

    It is taken over all valid keys, before the top-N selection: a key that is not selected but ought to be must feel a
    gradient.
    """
    divergence = kl_divergence(log_teacher, log_student)  # [batch, heads, queries]
    exists = call.query_exists
    if exists is None:
        return divergence.mean()
    weight = exists[:, None, :].expand(divergence.shape).to(divergence.dtype)
    return (divergence * weight).sum() / weight.sum().clamp(min=1)


def output_kl(student: torch.Tensor, teacher: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
    """Returns the mean KL between the class (or token) probabilities of two tensors of logits [..., classes]."""
    return kl_divergence((teacher / temperature).log_softmax(-1), (student / temperature).log_softmax(-1)).mean()


def embedding_kl(student: torch.Tensor, teacher: torch.Tensor, weight: float = 10.0) -> torch.Tensor:
    """Returns the output loss of embeddings [batch, width]: weight * (1 - cosine), the mean over the batch.

    The KL divergence between two von Mises-Fisher distributions (the normal ones of directions) of equal concentration
    is proportional to it; `weight` stands for what the concentration makes of that.
    """
    return weight * (1 - torch.nn.functional.cosine_similarity(student, teacher, dim=-1)).mean()
