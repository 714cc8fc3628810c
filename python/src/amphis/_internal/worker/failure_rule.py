"""Messages of libraries, and what they mean.

Groups of a pattern name what is read: `shapes` (a text with all shapes), `length…` (single
numbers), `operation`, `expected` and `got` or `dtypes` (of elements), `device…`. Each pattern is
proven against its library in the tests.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from amphis._internal._generated.error_codes import ErrorCode

BROADCAST = ErrorCode.BROADCAST_FAILED
SHAPE = ErrorCode.SHAPE_MISMATCH
DTYPE = ErrorCode.DTYPE_MISMATCH
DEVICE = ErrorCode.TENSOR_DEVICE_MISMATCH

EQUAL_OR_ONE = (
    "Make their dimensions equal or 1, counted from the last, with reshape() or [:, None]"
)

_SHAPES = re.compile(
    r"(?:\(|\[|torch\.Size\(\[)(?:\d+(?:, ?|(?=[)\]])))+[)\]]|\b\d+(?:x\d+)+\b|\(\)"
)
_LENGTH = re.compile(r"\d{1,19}")
# einsum tells what it made of a shape too.
_REMAPPED = re.compile(r"->\([^)]{0,200}\)")


class Rule(NamedTuple):
    """A message, and what it means.

    Attributes:
        code: of the error
        pattern: finds the message, and what can be read of it
        operation: when the message does not name it
        advice: what to do; groups of the pattern can be named
        has_lengths: whether the shapes are given as single numbers
    """

    code: ErrorCode
    pattern: re.Pattern[str]
    operation: str
    advice: str
    has_lengths: bool


def rule(code: ErrorCode, pattern: str, *, operation: str = "", advice: str = "") -> Rule:
    """Make a rule of the text of a pattern."""
    compiled = re.compile(pattern, re.DOTALL)
    has_lengths = any(name.startswith("length") for name in compiled.groupindex)
    return Rule(code, compiled, operation, advice, has_lengths)


def shapes_in(text: str) -> list[list[int]]:
    """All shapes in a text: `(2,3)`, `[2, 3]`, `2x3`."""
    found = _SHAPES.finditer(_REMAPPED.sub("", text))
    return [[int(length) for length in _LENGTH.findall(match[0])] for match in found]
