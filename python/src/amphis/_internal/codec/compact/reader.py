"""Where a compact decoder stands in its input, in either configuration of integers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from struct import Struct
from typing import TYPE_CHECKING

from amphis._internal.codec.kinds import NAN
from amphis._internal.codec.refusal import decode_failed, depth_exceeded

if TYPE_CHECKING:
    from amphis._internal.errors import AmphisError

_F32, _F64 = Struct("<f"), Struct("<d")
# Width in bytes of the integer behind each marker; there is no 255.
_WIDTHS = {251: 2, 252: 4, 253: 8, 254: 16}
_FIRST_MARKER = 251


class CompactReader(ABC):
    """The input, the place of the next byte and how many more levels may open."""

    __slots__ = ("data", "end", "max_depth", "pos", "room")

    def __init__(self, data: bytes, max_depth: int) -> None:
        self.data = data
        self.pos = 0
        self.end = len(data)
        self.max_depth = max_depth
        self.room = max_depth

    @abstractmethod
    def unsigned(self, width: int) -> int:
        """Read an int of so many bytes, 2 to 16."""

    @abstractmethod
    def signed(self, width: int) -> int:
        """Read an int of two's complement."""

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        start = self.pos
        stop = start + size
        if stop > self.end:
            raise self.truncated()
        self.pos = stop
        return self.data[start:stop]

    def byte(self) -> int:
        """Read a u8."""
        pos = self.pos
        if pos >= self.end:
            raise self.truncated()
        self.pos = pos + 1
        return self.data[pos]

    def boolean(self) -> bool:
        """Read a bool, or the tag of an Option."""
        byte = self.byte()
        if byte > 1:
            raise self.failed(f"byte {byte} is neither 0 nor 1")
        return byte == 1

    def variant(self) -> int:
        """Read the index of an enum variant."""
        return self.unsigned(4)

    def length(self, least: int) -> int:
        """Read how many elements follow, which take at least so many bytes each."""
        count = self.unsigned(8)
        if count * least > self.end - self.pos:
            raise self.truncated()
        return count

    def f32(self) -> float:
        """Read a float of 32 bits."""
        return self._float(_F32)

    def f64(self) -> float:
        """Read a float."""
        return self._float(_F64)

    def _float(self, shape: Struct) -> float:
        value: float = shape.unpack(self.take(shape.size))[0]
        return value if value == value else NAN  # noqa: PLR0124 - only NaN differs from itself

    def text(self) -> str:
        """Read a String; UnicodeDecodeError when it is no UTF-8."""
        return self.take(self.unsigned(8)).decode("utf-8")

    def bytes(self) -> bytes:
        """Read a Vec<u8>."""
        return self.take(self.unsigned(8))

    def enter(self) -> None:
        """Open a level; `room` grows again when it is left."""
        if self.room <= 0:
            raise depth_exceeded("decode", "compact", self.max_depth)
        self.room -= 1

    def truncated(self) -> AmphisError:
        """Say that the input ends inside a value."""
        return decode_failed("compact", self.end, "the input ends inside a value")

    def failed(self, reason: str) -> AmphisError:
        """Say what is wrong with what was just read."""
        return decode_failed("compact", self.pos, reason)


class VarintReader(CompactReader):
    """bincode's standard configuration."""

    __slots__ = ()

    def unsigned(self, width: int) -> int:
        """Read a varint; longer forms than needed are fine, wider ones than the type are not."""
        pos = self.pos
        if pos >= self.end:
            raise self.truncated()
        self.pos = pos + 1
        byte = self.data[pos]
        if byte < _FIRST_MARKER:
            return byte
        size = _WIDTHS.get(byte)
        if size is None or size > width:
            raise self.failed(f"marker {byte} is no integer of {width * 8} bits")
        return int.from_bytes(self.take(size), "little")

    def signed(self, width: int) -> int:
        """Read a varint of the zigzag."""
        zigzag = self.unsigned(width)
        return zigzag >> 1 if zigzag & 1 == 0 else ~(zigzag >> 1)


class FixedReader(CompactReader):
    """bincode's legacy configuration."""

    __slots__ = ()

    def unsigned(self, width: int) -> int:
        """Read it at full width."""
        return int.from_bytes(self.take(width), "little")

    def signed(self, width: int) -> int:
        """Read it at full width."""
        return int.from_bytes(self.take(width), "little", signed=True)
