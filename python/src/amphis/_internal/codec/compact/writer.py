"""Where a compact encoder writes, in either configuration of integers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from struct import Struct

from amphis._internal.codec.refusal import too_deep
from amphis._internal.codec.scalars import encode_text

_F32, _F64 = Struct("<f").pack, Struct("<d").pack
_NAN32, _NAN64 = bytes.fromhex("0000c07f"), bytes.fromhex("000000000000f87f")
_V16, _V32, _V64 = Struct("<BH").pack, Struct("<BI").pack, Struct("<BQ").pack


# unsigned     varint                                   fixed
# u8, i8       one byte                                 one byte
# u16 … u128   below 251 one byte, else marker and      2 to 16 bytes, little-endian
#              integer: 251 u16, 252 u32, 253 u64, 254 u128
# i16 … i128   zigzag, then as unsigned                 two's complement
# variant      as u32                                   u32
# length       as u64                                   u64
class CompactWriter(ABC):
    """The output and how many more levels may open."""

    __slots__ = ("out", "room")

    def __init__(self, room: int) -> None:
        self.out = bytearray()
        self.room = room

    @abstractmethod
    def unsigned(self, value: int, width: int) -> None:
        """Append an int from 0 to 2^(8 * width) - 1; width is in bytes, 2 to 16."""

    @abstractmethod
    def signed(self, value: int, width: int) -> None:
        """Append an int of two's complement; width is in bytes, 2 to 16."""

    def variant(self, index: int) -> None:
        """Append the index of an enum variant."""
        self.unsigned(index, 4)

    def length(self, count: int) -> None:
        """Append how many elements or bytes follow."""
        self.unsigned(count, 8)

    def byte(self, value: int) -> None:
        """Append a u8, or an i8 as its u8."""
        self.out.append(value & 0xFF)

    def f32(self, value: float) -> None:
        """Append a float of 32 bits; OverflowError when it is too large."""
        self.out += _F32(value) if value == value else _NAN32  # noqa: PLR0124

    def f64(self, value: float) -> None:
        """Append a float; every NaN is written alike."""
        self.out += _F64(value) if value == value else _NAN64  # noqa: PLR0124

    def text(self, value: str) -> None:
        """Append a String."""
        raw = encode_text(value)
        self.unsigned(len(raw), 8)
        self.out += raw

    def bytes(self, value: bytes | bytearray) -> None:
        """Append a Vec<u8>."""
        self.length(len(value))
        self.out += value

    def enter(self) -> None:
        """Open a level; `room` grows again when it is left."""
        if self.room <= 0:
            raise too_deep()
        self.room -= 1


class VarintWriter(CompactWriter):
    """bincode's standard configuration."""

    __slots__ = ()

    def unsigned(self, value: int, width: int) -> None:  # noqa: ARG002 - it does not matter here
        """Append a varint."""
        if value < 251:
            self.out.append(value)
        elif value < 0x1_0000:
            self.out += _V16(251, value)
        elif value < 0x1_0000_0000:
            self.out += _V32(252, value)
        elif value < 0x1_0000_0000_0000_0000:
            self.out += _V64(253, value)
        else:
            self.out.append(254)
            self.out += value.to_bytes(16, "little")

    def signed(self, value: int, width: int) -> None:
        """Append a varint of the zigzag."""
        self.unsigned(value << 1 if value >= 0 else ~(value << 1), width)


class FixedWriter(CompactWriter):
    """bincode's legacy configuration."""

    __slots__ = ()

    def unsigned(self, value: int, width: int) -> None:
        """Append it at full width."""
        self.out += value.to_bytes(width, "little")

    def signed(self, value: int, width: int) -> None:
        """Append it at full width."""
        self.out += value.to_bytes(width, "little", signed=True)
