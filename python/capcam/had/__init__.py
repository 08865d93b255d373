# SPDX-License-Identifier: Apache-2.0
"""Hamming Attention Distillation (HAD): a model whose queries and keys are one bit per dimension.

Needs torch (`pip install capcam[torch]`). See docs/had.md.
"""

from .adapter import Adapter, Attend, AttentionCall
from .attention import exact_attention, had_attention
from .batches import Shuffled
from .binary import bit, scaled_tanh, sign_ste
from .distil import distil
from .estimate import estimate_sigmas
from .huggingface import HuggingFace
from .loss_log import read_losses
from .losses import embedding_kl, output_kl
from .plain_torch import PlainTorch, plain_attend
from .prepare import Preparation, prepare
from .recipe import Recipe, Stage, four_stages
from .rules import Rules
from .sigma import Sigma, Sigmas
from .student import Student, load_student

__all__ = [
    "Adapter",
    "Attend",
    "AttentionCall",
    "HuggingFace",
    "PlainTorch",
    "Preparation",
    "Recipe",
    "Rules",
    "Shuffled",
    "Sigma",
    "Sigmas",
    "Stage",
    "Student",
    "bit",
    "distil",
    "embedding_kl",
    "estimate_sigmas",
    "exact_attention",
    "four_stages",
    "had_attention",
    "load_student",
    "output_kl",
    "plain_attend",
    "prepare",
    "read_losses",
    "scaled_tanh",
    "sign_ste",
]
