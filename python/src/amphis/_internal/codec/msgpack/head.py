"""Heads of MessagePack items that have a length."""

from __future__ import annotations

from struct import Struct

_U16 = Struct(">BH").pack
_U32 = Struct(">BI").pack
# Extensions: marker, length, code.
_EXT8, _EXT16, _EXT32 = Struct(">BBb").pack, Struct(">BHb").pack, Struct(">BIb").pack
_FIXED_EXTENSIONS = {1: 0xD4, 2: 0xD5, 4: 0xD6, 8: 0xD7, 16: 0xD8}


def write_str_head(out: bytearray, size: int) -> None:
    """Open a string of so many bytes of UTF-8."""
    if size < 0x20:
        out.append(0xA0 | size)
    elif size < 0x100:
        out += bytes((0xD9, size))
    elif size < 0x1_0000:
        out += _U16(0xDA, size)
    else:
        out += _U32(0xDB, size)


def write_bytes_head(out: bytearray, size: int) -> None:
    """Open a string of bytes."""
    if size < 0x100:
        out += bytes((0xC4, size))
    elif size < 0x1_0000:
        out += _U16(0xC5, size)
    else:
        out += _U32(0xC6, size)


def write_list_head(out: bytearray, count: int) -> None:
    """Open an array."""
    if count < 0x10:
        out.append(0x90 | count)
    elif count < 0x1_0000:
        out += _U16(0xDC, count)
    else:
        out += _U32(0xDD, count)


def write_map_head(out: bytearray, count: int) -> None:
    """Open a map."""
    if count < 0x10:
        out.append(0x80 | count)
    elif count < 0x1_0000:
        out += _U16(0xDE, count)
    else:
        out += _U32(0xDF, count)


def write_extension(out: bytearray, code: int, body: bytes | bytearray) -> None:
    """Append a whole extension."""
    size = len(body)
    marker = _FIXED_EXTENSIONS.get(size)
    if marker is not None:
        out += bytes((marker, code & 0xFF))
    elif size < 0x100:
        out += _EXT8(0xC7, size, code)
    elif size < 0x1_0000:
        out += _EXT16(0xC8, size, code)
    else:
        out += _EXT32(0xC9, size, code)
    out += body
