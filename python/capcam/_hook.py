# SPDX-License-Identifier: Apache-2.0
"""Shows attention to blocks: there is one hook for the process, which asks its context for the blocks in it.

A block is seen only where it was entered: other threads and tasks have contexts of their own, and it does not matter in
which order blocks end. Attention is seen where it goes through the attention interface of transformers, where it calls
torch's scaled_dot_product_attention, and in torch's nn.MultiheadAttention.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch.nn import functional
from torch.nn.modules import module as torch_modules
from torch.overrides import TorchFunctionMode

from . import _interface, _sdpa
from ._errors import InputError
from ._watch import Describe, Watch

_watches: ContextVar[tuple[Watch, ...]] = ContextVar("capcam_watches", default=())
# The model's own attention is at work, and what it calls is no other attention.
_inside: ContextVar[bool] = ContextVar("capcam_inside", default=False)

_stack: Any = torch.overrides
_lock = threading.Lock()
_blocks = 0  # the process has one
_everywhere: set[Watch] = set()  # all its threads share it
_undo: list[Callable[[], Any]] = []  # what the last block to end takes back


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Lets the watch see the attention of this context while the block lasts."""
    begin(watch)
    try:
        yield
    finally:
        end(watch)


def begin(watch: Watch) -> None:
    global _blocks
    if watch.active:
        raise InputError(f"{watch.name}: this block is entered already: make another")
    with _lock:
        _blocks += 1
        if _blocks == 1:
            _undo.append(torch_modules.register_module_forward_pre_hook(_module_begins).remove)
            _undo.append(torch_modules.register_module_forward_hook(_module_ends, always_call=True).remove)
        _everywhere.add(watch)
    watch.active = True
    _watches.set((*active(), watch))
    _eyes.open(watch)
    _prepare()


def end(watch: Watch) -> None:
    global _blocks
    if not watch.active:
        return
    watch.active = False
    _watches.set(active())
    _eyes.close(watch)
    with _lock:
        _blocks -= 1
        _everywhere.discard(watch)
        while _blocks == 0 and _undo:
            _undo.pop()()


def active() -> tuple[Watch, ...]:
    """Returns the blocks of this context, the innermost last."""
    return tuple(watch for watch in _watches.get() if watch.active)


def _prepare() -> None:
    """Does what may have become possible since the block began, because libraries are imported late."""
    _see_transformers()
    _run_compiled_models_eagerly()


def _module_begins(module: Any, _: Any) -> None:
    watches = active()
    if not watches:
        for watch in list(_everywhere):
            watch.elsewhere = True
        return
    if watches[-1].idle:
        _prepare()
        _eyes.open("module")  # another thread, that was given the context
    for watch in watches:
        watch.begin(module)


def _module_ends(module: Any, *_: Any) -> None:
    watches = active()
    for watch in watches:
        watch.end(module)
    if not watches or watches[-1].idle:
        _eyes.close("module")


def _run_compiled_models_eagerly() -> None:
    """Compiled code would go past; while a block lasts it runs as it was written."""
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        return
    with _lock:
        if _blocks and not any(getattr(undo, "stance", False) for undo in _undo):
            stance = torch.compiler.set_stance("force_eager")

            def undo() -> None:
                stance.__exit__(None, None, None)

            undo.stance = True  # type: ignore[attr-defined]
            _undo.append(undo)


def _see_transformers() -> None:
    """Puts the hook into the attention interface, once for good; it hands back what it finds outside of blocks."""
    interface = getattr(sys.modules.get("transformers.modeling_utils"), "AttentionInterface", None)
    if interface is None:
        return
    with _lock:
        original = interface.get_interface
        if getattr(original, "is_of_capcam", False) or _is_reached(interface):
            return

        @functools.wraps(original)
        def get_interface(self: Any, implementation: str, default: Any) -> Any:
            if default is _PROBE:
                raise _Reached
            function = original(self, implementation, default)
            if _blocks == 0 or _inside.get() or not active():
                return function
            return functools.partial(_attend_through_interface, implementation or "eager", function)

        get_interface.is_of_capcam = True  # type: ignore[attr-defined]
        interface.get_interface = get_interface


class _Reached(Exception):  # noqa: N818  an answer
    pass


_PROBE = object()


def _is_reached(interface: Any) -> bool:
    """Returns true if the hook is there, below what others have put on top of it."""
    try:
        interface.get_interface(interface(), "eager", _PROBE)
    except _Reached:
        return True
    return False


def _attend_through_interface(
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
    describe = _interface.describe(implementation, module, (query, key, value), attention_mask, kwargs)
    output = _answer(module, describe)
    if output is not None:
        return output.transpose(1, 2).contiguous(), None
    with _own_attention():
        return function(module, query, key, value, attention_mask, *args, **kwargs)


def _answer(module: Any, describe: Describe) -> torch.Tensor | None:
    """Shows an attention to the blocks. Returns the output of the one that answers, if one does."""
    output, answered_by = None, None
    with _own_attention():  # what answers may be attention by hand
        for watch in reversed(active()):
            call = watch.chosen(module, describe)
            if call is None:
                continue
            if watch.answers and answered_by is not None:
                raise InputError(
                    f"{call.path}: two blocks would compute this attention, {answered_by.name} inside of {watch.name}: "
                    "choose by match= or part= what each is for"
                )
            given = watch.see(call)
            if watch.answers:
                output, answered_by = given, watch
    return output


@contextmanager
def _own_attention() -> Iterator[None]:
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def _scaled_dot_product_attention(*args: Any, **kwargs: Any) -> torch.Tensor:
    arguments = _sdpa.Arguments.of(*args, **kwargs)
    watches = active()
    output = _answer(watches[-1].frame.module, arguments.describe)
    if output is None:
        return functional.scaled_dot_product_attention(*args, **kwargs)
    return arguments.shaped(output)


# nn.MultiheadAttention in torch's own words, its product attention handed over.
_multi_head_attention = _sdpa.multi_head_attention_by(_scaled_dot_product_attention)


def _multi_head(*args: Any, **kwargs: Any) -> Any:
    output, _ = _multi_head_attention(*args, **{**kwargs, "need_weights": False})
    if any(watch.answers for watch in active()) or not kwargs.get("need_weights", True):
        return output, None  # the hardware has no weights to give
    with _own_attention():
        return functional.multi_head_attention_forward(*args, **kwargs)


class _Eyes(TorchFunctionMode):
    """Sees every function of torch that is called in a thread."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        watches = () if _inside.get() else active()
        if not watches:
            return func(*args, **kwargs)
        if func is functional.scaled_dot_product_attention:
            return _scaled_dot_product_attention(*args, **kwargs)
        if func is functional.multi_head_attention_forward:
            return _multi_head(*args, **kwargs)
        name = getattr(func, "__name__", "")
        if name == "softmax" and isinstance(args[0] if args else None, torch.Tensor):
            for watch in watches:
                watch.softmax(args[0].shape)
        elif name in _sdpa.PRODUCTS:
            shapes = _sdpa.shapes_in(args)
            for watch in watches:
                watch.product(shapes)
        return func(*args, **kwargs)


class _EyesOfThreads(threading.local):
    """Has one pair of eyes for each thread in which a block is at work."""

    def __init__(self) -> None:
        self._mode: _Eyes | None = None
        self._users: set[Any] = set()

    def open(self, user: Any) -> None:
        self._users.add(user)
        if self._mode is None or not self._is_on:
            self._mode = _Eyes()  # torch.device takes off whatever is on top when it ends out of order
            _stack._push_mode(self._mode)

    @property
    def _is_on(self) -> bool:
        return any(mode is self._mode for mode in _stack._get_current_function_mode_stack())

    def close(self, user: Any) -> None:
        """Takes them off wherever they stand on torch's stack: contexts need not end in order."""
        self._users.discard(user)
        if self._mode is None or self._users:
            return
        if not self._is_on:
            self._mode = None
            return
        above = []
        while _stack._len_torch_function_stack() > 0:
            top = _stack._pop_mode()
            if top is self._mode:
                break
            above.append(top)
        for mode in reversed(above):
            _stack._push_mode(mode)
        self._mode = None


_eyes = _EyesOfThreads()
