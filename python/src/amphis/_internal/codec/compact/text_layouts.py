"""Layouts of characters, strings and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.codec.compact.layout import Layout
from amphis._internal.codec.compact.write_value import view_bytes
from amphis._internal.codec.kinds import describe_kind
from amphis._internal.codec.refusal import unsupported

if TYPE_CHECKING:
    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter


class Char(Layout):
    """One code point as UTF-8, without length."""

    __slots__ = ()

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        if not isinstance(value, str) or len(value) != 1:
            raise unsupported("one character", describe_kind(value))
        try:
            writer.out += value.encode("utf-8")
        except UnicodeEncodeError:
            raise unsupported("one character", "a lone surrogate") from None

    def read(self, reader: CompactReader) -> str:
        """Read it; the first byte says how many there are."""
        first = reader.byte()
        more = 0 if first < 0x80 else 1 if first < 0xE0 else 2 if first < 0xF0 else 3
        text = (bytes((first,)) + reader.take(more)).decode("utf-8")
        if len(text) != 1:
            raise reader.failed("a char is one character")
        return text

    def fits(self, value: object) -> bool:
        """Tell whether it is a string of one code point."""
        return isinstance(value, str) and len(value) == 1


class String(Layout):
    """Length and UTF-8."""

    __slots__ = ()

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        if not isinstance(value, str):
            raise unsupported("a string", describe_kind(value))
        writer.text(value)

    def read(self, reader: CompactReader) -> str:
        """Read it."""
        return reader.text()

    def fits(self, value: object) -> bool:
        """Tell whether it is a string."""
        return isinstance(value, str)


class Bytes(Layout):
    """A Vec<u8>, or [u8; n] when the length is fixed."""

    __slots__ = ("_length",)

    def __init__(self, length: int | None) -> None:
        self._length = length

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append them."""
        if isinstance(value, memoryview):
            value = view_bytes(value)
        if not isinstance(value, (bytes, bytearray)):
            raise unsupported("bytes", describe_kind(value))
        if self._length is None:
            writer.bytes(value)
        elif len(value) != self._length:
            raise unsupported(f"{self._length} bytes", f"{len(value)} bytes")
        else:
            writer.out += value

    def read(self, reader: CompactReader) -> bytes:
        """Read them."""
        return reader.bytes() if self._length is None else reader.take(self._length)

    def fits(self, value: object) -> bool:
        """Tell whether they are bytes, of the fixed length if there is one."""
        if isinstance(value, memoryview):
            return self._length is None or value.nbytes == self._length
        return isinstance(value, (bytes, bytearray)) and self._length in (None, len(value))

    def least(self, within: frozenset[int] = frozenset()) -> float:  # noqa: ARG002
        """Return the fixed length, or that of the length."""
        return 1 if self._length is None else self._length
