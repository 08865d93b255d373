# SPDX-License-Identifier: Apache-2.0
"""The attention interface of transformers: every attention of every model, as a call that can be seen or answered."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn.modules import module as torch_modules

from ._errors import InputError
from ._validity import Validity, boolean, explain, no_mask

# What attention functions are given and the hardware cannot do.
_UNSUPPORTED = {
    "softcap": "it caps the scores before the softmax (softcap)",
    "s_aux": "its softmax has a sink (s_aux)",
    "position_bias": "it adds a bias to the scores (position_bias)",
}


@dataclass(frozen=True, eq=False)
class AttentionCall:
    """One attention layer at work."""

    path: str  # of its module in the model: "encoder.layer.3.attention.self"
    part: str  # "encoder", "decoder" or "cross"
    layer: int
    call: int  # of the model, counted from 0
    q: torch.Tensor  # [batch, heads, queries, D], after whatever encodes positions
    k: torch.Tensor  # [batch, kv_heads, keys, D]
    v: torch.Tensor  # [batch, kv_heads, keys, Dv]
    scale: float | None
    validity: Validity

    @property
    def key(self) -> str:
        """ "encoder.3" """
        return f"{self.part}.{self.layer}"


# Answers a call with the output [batch, queries, heads, Dv], or None to let the model's own attention do it.
Handler = Callable[[AttentionCall], "torch.Tensor | None"]


@dataclass
class _Forward:
    """The call of a model that is going on: its modules by identity, and how many attentions of a part there were."""

    root: Any
    paths: dict[int, str]
    number: int
    seen: dict[str, int] = field(default_factory=dict)


class Interception:
    """While it lasts, attention that goes through the interface is handed to `handler` first.

    part, match: only those of a part, or whose module's path the regular expression finds.
    """

    def __init__(self, handler: Handler, *, part: str | None, match: str | None) -> None:
        if part not in (None, "encoder", "decoder", "cross"):
            raise InputError(f'part: expected "encoder", "decoder" or "cross", got {part!r}')
        self._handler, self._part = handler, part
        self._match = re.compile(match) if match is not None else None
        self._forward: _Forward | None = None
        self._forwards = 0
        self._last_mask: tuple[Any, Any, Validity] | None = None

    @contextmanager
    def active(self) -> Iterator[None]:
        library = sys.modules.get("transformers.modeling_utils")
        if library is None:  # no model of transformers can be at work
            yield
            return
        interface = library.AttentionInterface
        original = interface.get_interface

        def get_interface(interface_self: Any, implementation: str, default: Any) -> Any:
            function = original(interface_self, implementation, default)
            name = implementation or "eager"
            return lambda module, *args, **kwargs: self._attend(name, function, module, *args, **kwargs)

        with ExitStack() as stack:
            begin = torch_modules.register_module_forward_pre_hook(self._begin)
            stack.callback(begin.remove)
            end = torch_modules.register_module_forward_hook(self._end, always_call=True)
            stack.callback(end.remove)
            stack.callback(setattr, interface, "get_interface", original)
            interface.get_interface = get_interface
            yield

    def _begin(self, module: Any, _: Any) -> None:
        if self._forward is None:
            paths = {id(inner): path for path, inner in module.named_modules()}
            self._forward = _Forward(module, paths, self._forwards)

    def _end(self, module: Any, *_: Any) -> None:
        if self._forward is not None and self._forward.root is module:
            self._forwards += bool(self._forward.seen)  # modules without attention are no calls
            self._forward = None
            self._last_mask = None

    def _attend(
        self,
        implementation: str,
        function: Any,
        module: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        call = self._describe(implementation, module, query, key, value, attention_mask, kwargs)
        output = self._handler(call) if call is not None else None
        if output is not None:
            return output, None
        return function(module, query, key, value, attention_mask, *args, **kwargs)

    def _describe(
        self,
        implementation: str,
        module: Any,
        q: torch.Tensor,
        k: torch.Tensor,
        v: torch.Tensor,
        mask: Any,
        kwargs: Any,
    ) -> AttentionCall | None:
        forward = self._forward
        path = forward.paths.get(id(module), type(module).__name__) if forward else type(module).__name__
        part = _part(path, module)
        order = forward.seen.get(part, 0) if forward else 0
        if forward:
            forward.seen[part] = order + 1
        if (self._part and part != self._part) or (self._match and not self._match.search(path)):
            return None
        try:
            for name, why in _UNSUPPORTED.items():
                if kwargs.get(name) is not None:
                    raise InputError(f"the hardware cannot compute this attention: {why}")
            if kwargs.get("dropout"):
                raise InputError(f"the model is training (dropout {kwargs['dropout']}): call model.eval() first")
            if implementation.removeprefix("paged|") not in ("eager", "sdpa") or implementation.startswith("paged|"):
                raise InputError(
                    f'attention "{implementation}": load the model with attn_implementation="sdpa" or "eager"'
                )
            causal = kwargs.get("is_causal")
            causal = bool(getattr(module, "is_causal", True) if causal is None else causal)
            validity = self._validity(implementation, mask, causal, q.shape[0], q.shape[2], k.shape[2])
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        layer = _layer(path, module, order)
        number = forward.number if forward else 0
        return AttentionCall(path, part, layer, number, q, k, v, kwargs.get("scaling"), validity)

    def _validity(self, implementation: str, mask: Any, causal: bool, batch: int, queries: int, keys: int) -> Validity:
        if mask is None:
            # Without a mask `eager` attends to all keys; `sdpa` is causal by itself if there is more than one query.
            return no_mask(causal=causal and (implementation == "sdpa" or queries == 1), queries=queries, keys=keys)
        settings = (causal, batch, queries, keys)
        if self._last_mask is not None and self._last_mask[0] is mask and self._last_mask[1] == settings:
            return self._last_mask[2]  # the layers of a model share one
        validity = explain(boolean(mask, batch, queries, keys), causal=causal)
        self._last_mask = (mask, settings, validity)
        return validity


def _part(path: str, module: Any) -> str:
    place = path.rsplit(".", 2)[-2:]
    name = " ".join([*place, type(module).__name__]).lower()
    if getattr(module, "is_cross_attention", False) or "cross" in name or "encoder_attn" in name or "encdec" in name:
        return "cross"
    words = path.split(".")
    for word in ("decoder", "encoder"):
        if word in words:
            return word
    return "decoder" if getattr(module, "is_causal", False) else "encoder"


def _layer(path: str, module: Any, order: int) -> int:
    """The only number in the path, else what the module says of itself, else its turn among those of its part."""
    numbers = [int(word) for word in path.split(".") if word.isdigit()]
    if len(numbers) == 1:
        return numbers[0]
    stated = getattr(module, "layer_idx", None)
    return stated if isinstance(stated, int) and not numbers else order
