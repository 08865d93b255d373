# SPDX-License-Identifier: Apache-2.0
"""Reads the `where` of a sweep file: an expression over configuration keys, by the grammar of `capcam sweep`.

    or | and | not | == != < <= > >= | + - | * / % | unary - | ( ) | 1, 2.5, true, 'sar', "sar", array.rows

It is data: Python's parser reads it, but only these forms are understood, and nothing is ever executed.
"""

from __future__ import annotations

import ast
import keyword
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import InputError

Value = bool | float | str
LONGEST = 4096  # characters
TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"""|(?P<text>'[^']*'|"[^"]*")"""
    r"|(?P<symbol>==|!=|<=|>=|[-<>+*/%()])"
)

ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else math.copysign(math.inf, a) if a else math.nan,
    ast.Mod: lambda a, b: math.fmod(a, b) if b else math.nan,
}
ORDER: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Where:
    """An expression. Making one raises InputError if the text is no such expression."""

    def __init__(self, text: str) -> None:
        in_python = _in_python(text).strip()
        try:
            self._root = ast.parse(in_python, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = error.msg if isinstance(error, SyntaxError) else "cannot be read"
            raise InputError(f"where: {reason}: {text}") from None
        self.keys = list(dict.fromkeys(self._check(self._root)))

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Returns true if the expression holds for these keys.

        Raises InputError if a key is missing or a value is of the wrong kind.
        """
        for key in self.keys:
            _plain(key, values)
        value = self._evaluate(self._root, values)
        if not isinstance(value, bool):
            raise InputError(f"where: expected a condition, true or false, got {_kind(value)}")
        return value

    def _check(self, node: ast.expr) -> list[str]:
        """Returns the keys below a node; refuses what the grammar does not have."""
        match node:
            case ast.BoolOp(values=parts):
                return [key for part in parts for key in self._check(part)]
            case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=part):
                return self._check(part)
            case ast.BinOp(op=operation, left=left, right=right) if type(operation) in ARITHMETIC:
                return self._check(left) + self._check(right)
            case ast.Compare(left=left, ops=[operation], comparators=[right]) if type(operation) in ORDER or isinstance(
                operation, ast.Eq | ast.NotEq
            ):
                return self._check(left) + self._check(right)
            case ast.Compare(ops=[_, _, *_]):
                raise InputError(f"where, column {node.col_offset + 1}: comparisons do not chain; join them with and")
            case ast.Constant(value=bool() | int() | float() | str()):
                return []
            case ast.Name(id="true" | "false"):
                return []
            case ast.Name() | ast.Attribute():
                return [self._key(node)]
        raise InputError(f"where, column {node.col_offset + 1}: '{ast.unparse(node)}' is nothing a condition may have")

    def _key(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=section, attr=name):
                return f"{self._key(section)}.{name}"
        raise InputError(f"where, column {node.col_offset + 1}: expected a key such as array.rows")

    def _evaluate(self, node: ast.expr, values: Mapping[str, Any]) -> Value:
        match node:
            case ast.BoolOp(op=operation, values=parts):
                is_or = isinstance(operation, ast.Or)
                for part in parts:
                    if self._truth(part, values) == is_or:
                        return is_or
                return not is_or
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return not self._truth(part, values)
            case ast.UnaryOp(operand=part):
                return -self._number(part, values)
            case ast.BinOp(op=operation, left=left, right=right):
                return ARITHMETIC[type(operation)](self._number(left, values), self._number(right, values))
            case ast.Compare(left=left, ops=[operation], comparators=[right]) if type(operation) in ORDER:
                return ORDER[type(operation)](self._number(left, values), self._number(right, values))
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                one, other = self._evaluate(left, values), self._evaluate(right, values)
                if _kind(one) != _kind(other):
                    raise InputError(f"where, column {node.col_offset + 1}: compares {_kind(one)} with {_kind(other)}")
                return (one == other) == isinstance(operation, ast.Eq)
            case ast.Constant(value=bool() | str() as value):
                return value
            case ast.Constant(value=int() | float() as value):
                return float(value)
            case ast.Name(id="true" | "false" as name):
                return name == "true"
        return _plain(self._key(node), values)

    def _truth(self, node: ast.expr, values: Mapping[str, Any]) -> bool:
        value = self._evaluate(node, values)
        if isinstance(value, bool):
            return value
        raise InputError(f"where, column {node.col_offset + 1}: needs true or false, got {_kind(value)}")

    def _number(self, node: ast.expr, values: Mapping[str, Any]) -> float:
        value = self._evaluate(node, values)
        if isinstance(value, float):
            return value
        raise InputError(f"where, column {node.col_offset + 1}: needs a number, got {_kind(value)}")


def _in_python(text: str) -> str:
    """Rewrites the text, with its words where they are, in forms that Python reads as `capcam sweep` does.

    Raises InputError.
    """
    if len(text) > LONGEST:
        raise InputError(f"where: longer than {LONGEST} characters")
    result, position = "", 0
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise InputError(f"where, column {position + 1}: {text[position]!r} is nothing a condition may have")
        token, kind = found[0], found.lastgroup
        position = found.end()
        if kind == "space":
            token = " " * len(token)
        elif kind == "number":
            if re.match(r"[A-Za-z_0-9.]", text[position : position + 1]):
                raise InputError(f"where, column {position + 1}: expected an operator or the end")
            if not math.isfinite(float(token)):
                raise InputError(f"where, column {found.start() + 1}: expected a number, got {token}")
            plain = token.lstrip("0") if token.strip("0.") else token
            token = (plain if plain[:1].isdigit() else "0" + plain).rjust(len(token))
        elif kind == "text" and ("\\" in token or "\n" in token):  # as they stand: no escapes
            token = repr(token[1:-1])
        elif kind == "word" and (keyword.iskeyword(token) and token not in ("and", "or", "not")):
            raise InputError(f"where: there is no key {token}")
        result += token
    return result


def _plain(key: str, values: Mapping[str, Any]) -> Value:
    if key not in values:
        raise InputError(f"where: there is no key {key}")
    value = values[key]
    if value in ("inf", "-inf"):  # as a report writes it
        return float(value)
    return value if isinstance(value, bool | str) else float(value)


def _kind(value: Value) -> str:
    return "true or false" if isinstance(value, bool) else "a text" if isinstance(value, str) else "a number"
