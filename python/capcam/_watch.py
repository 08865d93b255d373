# SPDX-License-Identifier: Apache-2.0
"""Makes blocks that see the attention of whatever model runs in them, and say at the end what went past."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from ._calls import PARTS, AttentionCall, layer_of, part_of, paths_in, whole_model
from ._errors import InputError

# Gives the output [batch, heads, queries, Dv], or None to let the model's own attention go on.
See = Callable[[AttentionCall], "torch.Tensor | None"]
# (path, part, layer, call) -> the call in full
Describe = Callable[[str, str, int, int], AttentionCall]

SHOWN = 8  # paths in a message


@dataclass
class Frame:
    """Has a module at work, and what its attention has been seen to do."""

    module: Any
    path: str
    claimed: bool = False  # attention in it was seen, by whoever it is meant for
    past: bool = False  # attention in it was not seen
    multiplied: bool = False
    softmaxed: set[tuple[int, ...]] = field(default_factory=set)  # the last two dimensions


@dataclass
class _Forward:
    """Has a call of a model: its modules by identity, and how many attentions of a part there were."""

    paths: dict[int, str]
    number: int
    seen: dict[str, int] = field(default_factory=dict)


class _Local(threading.local):
    """Has what each thread is at."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.forward: _Forward | None = None
        self.outside = Frame(None, "")  # code in no module
        self.order: dict[str, int] = {}  # of the attentions outside


class Watch:
    """Watches attention of a part, or of modules whose path in the model the regular expression `match` finds.

    name: the block's, for messages. answers: true if it gives outputs, so that no other block may.
    """

    def __init__(self, see: See, *, part: str | None, match: str | None, name: str, answers: bool) -> None:
        if part not in (None, *PARTS):
            raise InputError(f'part: expected "encoder", "decoder" or "cross", got {part!r}')
        try:
            self._match = re.compile(match) if match is not None else None
        except (re.error, TypeError) as error:
            raise InputError(f"match: expected a regular expression, got {match!r}: {error}") from None
        self.see, self.name, self.answers = see, name, answers
        self.active = False
        self.elsewhere = False  # a module has run in another thread or context
        self._ran = False  # a module has run here, or code that multiplies
        self._part = part
        self._local = _Local()
        self._forwards = 0
        self.taken = 0  # attentions that were chosen
        self._left: dict[str, None] = {}  # paths of attention that was not chosen
        self._past: dict[str, str] = {}  # paths of attention that was not seen, and the kinds of their modules

    # What runs.

    def begin(self, module: Any) -> None:
        local, self._ran = self._local, True
        if local.forward is None:
            local.forward = _Forward(paths_in(whole_model(module)), self._forwards)
        local.frames.append(Frame(module, local.forward.paths.get(id(module), type(module).__name__)))

    def end(self, module: Any) -> None:
        local = self._local
        if all(frame.module is not module for frame in local.frames):
            return  # it began before the block did
        frame = local.frames.pop()
        while frame.module is not module:  # what an exception has left
            frame = local.frames.pop()
        if not (frame.claimed or frame.past) and _is_attention(frame) and (frame.softmaxed or frame.multiplied):
            self._went_past(frame)
        if local.frames:
            outer = local.frames[-1]
            outer.claimed |= frame.claimed
            outer.past |= frame.past
            outer.softmaxed |= frame.softmaxed
            outer.multiplied |= frame.multiplied
            return
        if local.forward is not None:
            self._forwards += bool(local.forward.seen)  # modules without attention are no calls
            local.forward = None

    @property
    def idle(self) -> bool:
        """Returns true if no module is at work in this thread."""
        return not self._local.frames

    @property
    def frame(self) -> Frame:
        """Returns the frame of the module at work."""
        return self._local.frames[-1] if self._local.frames else self._local.outside

    def chosen(self, module: Any, describe: Describe) -> AttentionCall | None:
        """Returns the attention that the module at work begins, or None if it is not for this block."""
        local, frame = self._local, self.frame
        frame.claimed = True
        path = local.forward.paths.get(id(module), frame.path) if local.forward else frame.path
        path = path or (type(module).__name__ if module is not None else "")
        part = part_of(path, module, local.frames[-2].module if len(local.frames) > 1 else None)
        seen = local.forward.seen if local.forward else local.order
        order = seen.get(part, 0)
        seen[part] = order + 1
        if not self._chooses(part, path):
            self._left[path] = None
            return None
        self.taken += 1
        number = local.forward.number if local.forward else 0
        try:
            return describe(path, part, layer_of(path, module, order), number)
        except InputError as error:
            raise InputError(f"{path or 'attention outside of any module'}: {error}") from None

    def claim(self) -> None:
        """Takes note that code of one's own has handed its attention over."""
        self.frame.claimed = True
        self.taken += 1

    def softmax(self, shape: torch.Size) -> None:
        if len(shape) >= 2:
            self.frame.softmaxed.add(tuple(shape[-2:]))

    def product(self, shapes: list[torch.Size]) -> None:
        """Looks at a product of tensors: one of a softmax's shape with another is attention by hand."""
        frame, self._ran = self.frame, True
        frame.multiplied = True
        if not frame.past and any(tuple(shape[-2:]) in frame.softmaxed for shape in shapes):
            self._went_past(frame)

    def _went_past(self, frame: Frame) -> None:
        frame.past = True
        named = frame
        if not _is_attention(frame):  # a part of one, perhaps
            named = next((outer for outer in reversed(self._local.frames) if _is_attention(outer)), frame)
        if self._chooses(part_of(named.path, named.module), named.path):
            kind = type(named.module).__name__ if named.module is not None else "code outside of any module"
            self._past.setdefault(named.path, kind)

    def _chooses(self, part: str, path: str) -> bool:
        return not (self._part and part != self._part) and not (self._match and not self._match.search(path))

    # What is said at the end.

    def check(self, done: str) -> None:
        """Raises InputError if nothing, or only part of the attention that was chosen, was seen.

        done: what the block does with attention, "computed by the hardware".
        """
        past = [f"{path} ({kind})" if path else kind for path, kind in self._past.items()]
        if self.answers and not (self.taken or self._ran or self.elsewhere):
            return  # nothing ran, so nothing was computed in another way either
        if self.taken == 0:
            raise InputError(f"{self.name}: no attention was {done}: {self._why_nothing(past)}")
        if past:
            raise InputError(
                f"{self.name}: part of the model's attention went past and was not {done}: {_some(past)}: "
                "it calls neither the attention interface of transformers nor scaled_dot_product_attention. "
                "To leave it to the model on purpose choose the rest by match= or part="
            )

    def _why_nothing(self, past: list[str]) -> str:
        chosen_by = [f"{name}={value!r}" for name, value in (("part", self._part), ("match", self._pattern)) if value]
        if self._left:
            found = _some([path or "code outside of any module" for path in self._left])
            return f"{' and '.join(chosen_by)} chose none of the modules that attended: {found}"
        if past:
            return (
                f"these modules went past: {_some(past)}: they call neither the attention interface of transformers "
                "nor scaled_dot_product_attention"
            )
        if not self._ran:
            there = ": a model ran in another thread, which has a context of its own" if self.elsewhere else ""
            return f"no model ran in the block{there}"
        return "no module that ran in the block attends"

    @property
    def _pattern(self) -> str | None:
        return self._match.pattern if self._match else None


def _is_attention(frame: Frame) -> bool:
    name = type(frame.module).__name__.lower()
    return "attention" in name and not name.endswith(("output", "mask", "embedding", "embeddings"))


def _some(paths: list[str]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more
