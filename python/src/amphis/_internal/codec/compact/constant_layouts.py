"""Layouts of what the schema already says."""

from __future__ import annotations

from copy import deepcopy
from json import dumps
from typing import TYPE_CHECKING

from amphis._internal.codec.compact.layout import Layout
from amphis._internal.codec.kinds import describe_kind
from amphis._internal.codec.refusal import unsupported

if TYPE_CHECKING:
    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter


class Constant(Layout):
    """Nothing: the schema says what the value is."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def write(self, writer: CompactWriter, value: object) -> None:  # noqa: ARG002
        """Append nothing."""
        if not equals_constant(value, self._value):
            raise unsupported(constant_text(self._value), describe_kind(value))

    def read(self, reader: CompactReader) -> object:  # noqa: ARG002
        """Return a copy, which the caller may change."""
        return deepcopy(self._value)

    def fits(self, value: object) -> bool:
        """Tell whether it is the constant."""
        return equals_constant(value, self._value)

    def least(self, within: frozenset[int] = frozenset()) -> float:  # noqa: ARG002
        """Return 0."""
        return 0


class Choice(Layout):
    """One of several constants: its index as an enum variant."""

    __slots__ = ("_values",)

    def __init__(self, values: list[object]) -> None:
        self._values = values

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append its index."""
        for index, constant in enumerate(self._values):
            if equals_constant(value, constant):
                writer.variant(index)
                return
        expected = f"one of {', '.join(map(constant_text, self._values))}"
        raise unsupported(expected, describe_kind(value))

    def read(self, reader: CompactReader) -> object:
        """Read the index and return the constant."""
        index = reader.variant()
        if index >= len(self._values):
            raise reader.failed(f"there is no variant {index} among {len(self._values)}")
        return deepcopy(self._values[index])

    def fits(self, value: object) -> bool:
        """Tell whether it is one of the constants."""
        return any(equals_constant(value, constant) for constant in self._values)


def equals_constant(value: object, constant: object) -> bool:
    """Compare as JSON Schema does: numbers by value, but a bool is no number."""
    if isinstance(constant, dict):
        return (
            isinstance(value, dict)
            and value.keys() == constant.keys()
            and all(equals_constant(value[key], item) for key, item in constant.items())
        )
    if isinstance(constant, list):
        return (
            isinstance(value, (list, tuple))
            and len(value) == len(constant)
            and all(map(equals_constant, value, constant))
        )
    if isinstance(value, bool) or isinstance(constant, bool):
        return value is constant
    if isinstance(constant, (int, float)):
        return isinstance(value, (int, float)) and value == constant
    return type(value) is type(constant) and value == constant


def constant_text(constant: object) -> str:
    """Show a constant as JSON."""
    return dumps(constant, ensure_ascii=False, default=describe_kind)
