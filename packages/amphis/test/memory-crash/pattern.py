"""Bytes that name the operation they belong to, so that any others in their place are noticed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

# Little-endian.   0  u32  operation      4  u32  bytes in all      8  u32  CRC-32 of what follows
_HEAD = struct.Struct("<III")
LEAST_BYTES = _HEAD.size


class Torn(Exception):  # noqa: N818 - what was read, not what went wrong
    """Bytes that are not those of the operation."""


def filled(operation: int, length: int) -> bytes:
    """What `length` bytes of an operation are."""
    block = struct.pack("<II", operation, operation ^ 0xFFFF_FFFF)
    count = length - _HEAD.size
    body = (block * (count // 8 + 1))[:count]
    return _HEAD.pack(operation, length, zlib.crc32(body)) + body


def write(memory: memoryview, operation: int, step: Callable[[], None]) -> None:
    """Fill memory in two parts, with a step of the program between them."""
    pattern = filled(operation, len(memory))
    half = len(pattern) // 2
    memory[half:] = pattern[half:]
    step()
    memory[:half] = pattern[:half]


def verify(memory: memoryview, operation: int, length: int) -> None:
    """Read memory of an operation; raises `Torn` for anything else."""
    found, stated, checksum = _HEAD.unpack_from(memory)
    if found != operation or stated != length or len(memory) != length:
        raise Torn(f"{len(memory)} bytes of operation {found}, not {length} of {operation}")
    if zlib.crc32(memory[_HEAD.size :]) != checksum:
        raise Torn(f"operation {operation}: its {length} bytes have another checksum")
