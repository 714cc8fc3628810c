"""Layouts of bools and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.codec.compact.layout import Layout
from amphis._internal.codec.kinds import describe_kind
from amphis._internal.codec.refusal import out_of_range, unsupported

if TYPE_CHECKING:
    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter

# Width in bytes and whether there is a sign.
INTEGERS = {
    **{f"u{8 * width}": (width, False) for width in (1, 2, 4, 8, 16)},
    **{f"i{8 * width}": (width, True) for width in (1, 2, 4, 8, 16)},
}


class Boolean(Layout):
    """One byte, 0 or 1."""

    __slots__ = ()

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        if not isinstance(value, bool):
            raise unsupported("a bool", describe_kind(value))
        writer.byte(1 if value else 0)

    def read(self, reader: CompactReader) -> bool:
        """Read it."""
        return reader.boolean()

    def fits(self, value: object) -> bool:
        """Tell whether it is a bool."""
        return isinstance(value, bool)


class Integer(Layout):
    """An integer of fixed width; 8 bits are always one byte."""

    __slots__ = ("_is_signed", "_max", "_min", "_name", "_width")

    def __init__(self, name: str) -> None:
        self._name = name
        self._width, self._is_signed = INTEGERS[name]
        bits = 8 * self._width
        self._min, self._max = (
            (-(1 << bits - 1), (1 << bits - 1) - 1) if self._is_signed else (0, (1 << bits) - 1)
        )

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise unsupported("an int", describe_kind(value))
        if not self._min <= value <= self._max:
            raise out_of_range(f"an int of type {self._name}", "a larger one")
        if self._width == 1:
            writer.byte(value)
        elif self._is_signed:
            writer.signed(value, self._width)
        else:
            writer.unsigned(value, self._width)

    def read(self, reader: CompactReader) -> int:
        """Read it."""
        if self._width > 1:
            return reader.signed(self._width) if self._is_signed else reader.unsigned(self._width)
        byte = reader.byte()
        return byte - 0x100 if self._is_signed and byte >= 0x80 else byte

    def fits(self, value: object) -> bool:
        """Tell whether it is an int within the range."""
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and self._min <= value <= self._max
        )


class Float(Layout):
    """A float of 32 or 64 bits. An int that a float holds exactly is written as one."""

    __slots__ = ("_bits",)

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        number = _float_of(value)
        if self._bits == 64:
            writer.f64(number)
            return
        try:
            writer.f32(number)
        except OverflowError:
            raise out_of_range("a float of 32 bits", "a larger one") from None

    def read(self, reader: CompactReader) -> float:
        """Read it."""
        return reader.f64() if self._bits == 64 else reader.f32()

    def fits(self, value: object) -> bool:
        """Tell whether it is a number."""
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    def least(self, within: frozenset[int] = frozenset()) -> float:  # noqa: ARG002
        """Return its width."""
        return self._bits // 8


def _float_of(value: object) -> float:
    if isinstance(value, float):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise unsupported("a number", describe_kind(value))
    try:
        near = float(value)
    except OverflowError:
        near = float("inf")
    if near != value:
        raise out_of_range("an int that a float can hold", "a larger one")
    return near
