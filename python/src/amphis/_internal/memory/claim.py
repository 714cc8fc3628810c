"""References as they travel: read without a value for each field, and written in one go.

Nearly all references come in the one form that `Reference.encode` gives. That form is read here
directly, and only that form: whatever differs from it by a bit is left to `Reference.decode`, which
judges it and says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct
from typing import NamedTuple, TypeAlias

from amphis._internal.bodies.place import Place
from amphis._internal.bodies.reference import Reference, read_descriptor
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, as_bytes
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.memory.token_key import TokenKey

# In the descriptor of a reference that is good for one use.
_ONCE = "once"

# An array of eight, an array of seven, and the head of 32 bytes.
_SIGNED, _COVERED, _TOKEN_HEAD = b"\x98", b"\x97", b"\xc4\x20"

# Ints of MessagePack in their shortest form: to 2^32-1, and to 2^53-1.
_TO_U32 = rb"[\0-\x7f]|\xcc[\x80-\xff]|\xcd(?!\0)..|\xce(?!\0\0)...."
_TO_MAX_SAFE = _TO_U32 + rb"|\xcf\0(?!\0\0\0)[\0-\x1f]......"
# Longer descriptors are judged each time, so that what a peer makes this process keep is bounded.
_DESCRIPTOR = rb".{1,256}"
_SHORTEST_FORM = re.compile(
    rb"\x98((%b)(%b)(%b)(%b)(%b)(%b)(%b))\xc4\x20(.{32})"
    % (_TO_MAX_SAFE, _TO_U32, *4 * (_TO_MAX_SAFE,), _DESCRIPTOR),
    re.DOTALL,
)
# How an int is unpacked, by how many bytes it has.
_FORMATS = {1: "B", 2: "xB", 3: "xH", 5: "xI", 9: "xQ"}

# A descriptor is one level below the reference.
_MSGPACK = msgpack(max_depth=DEFAULT_MAX_DEPTH - 1)
_NO_DESCRIPTOR = b"\x80"

_U8, _U16 = Struct(">BB").pack, Struct(">BH").pack
_U32, _U64 = Struct(">BI").pack, Struct(">BQ").pack

# Arena, generation, offset, byte_length, holder and expires_at.
_Numbers: TypeAlias = tuple[int, int, int, int, int, int]


class Claim(NamedTuple):
    """What a reference says, before it is believed; the fields are those of `Reference`.

    Attributes:
        is_for_one_use: whether its descriptor says so
        token: as it came
        covered: the bytes that the token must be of
    """

    arena: int
    generation: int
    offset: int
    byte_length: int
    holder: int
    expires_at: int
    is_for_one_use: bool
    token: bytes
    covered: bytes


def read_claim(data: Bytes) -> Claim:
    """Read a reference.

    Raises:
        AmphisError: as `Reference.decode`
    """
    encoded = as_bytes(data)
    return _read_shortest(encoded) or claim_of(Reference.decode(encoded))


def claim_of(reference: Reference) -> Claim:
    """What a reference says."""
    return Claim(
        reference.arena,
        reference.generation,
        reference.offset,
        reference.byte_length,
        reference.holder,
        reference.expires_at,
        _ONCE in reference.descriptor,
        reference.token,
        reference.to_sign(),
    )


def encode_signed(
    key: TokenKey, numbers: _Numbers, descriptor: Mapping[str, object] | None = None
) -> bytes:
    """The bytes of a reference with its token: those of `Reference.signed` and `encode`.

    Args:
        key: of the connection
        numbers: arena, generation, offset, byte_length, holder and expires_at
        descriptor: how to read what it names
    """
    written = _MSGPACK.encode(dict(descriptor)) if descriptor else _NO_DESCRIPTOR
    fields = b"".join([*map(_integer, numbers), written])
    return b"".join((_SIGNED, fields, _TOKEN_HEAD, key.token(_COVERED + fields)))


def _read_shortest(data: bytes) -> Claim | None:
    """Read the form that encoding gives; None for any other, good or bad.

    Since it is that form, its bytes up to the token are what encoding its fields would give again,
    and need not be encoded to be compared with the token.
    """
    found = _SHORTEST_FORM.fullmatch(data)
    if found is None:
        return None
    fields, *numbers, described, token = found.groups()
    is_for_one_use = _describes_one_use(described)
    if is_for_one_use is None:
        return None
    unpack = _unpack(*map(len, numbers))
    return Claim(*unpack(fields), is_for_one_use, token, _COVERED + fields)


@lru_cache(maxsize=256)
def _unpack(*lengths: int) -> Callable[[bytes], _Numbers]:
    """What unpacks ints of these lengths."""
    return Struct(">" + "".join(_FORMATS[length] for length in lengths)).unpack_from


# The values of a program have few types and shapes. What is kept are bytes and a bool, so that
# nothing of one reference can change another.
@lru_cache(maxsize=256)
def _describes_one_use(encoded: bytes) -> bool | None:
    """Whether a descriptor is for one use; None unless it is good, and in its shortest form."""
    try:
        descriptor = read_descriptor(Place("descriptor", _MSGPACK.decode(encoded)))
        is_shortest = _MSGPACK.encode(descriptor) == encoded
    except AmphisError:
        return None
    return _ONCE in descriptor if is_shortest else None


def _integer(value: int) -> bytes:
    """The shortest form of an int from 0 to 2^64-1."""
    if value < 0x80:
        return value.to_bytes(1, "big")
    if value < 0x100:
        return _U8(0xCC, value)
    if value < 0x1_0000:
        return _U16(0xCD, value)
    if value < 0x1_0000_0000:
        return _U32(0xCE, value)
    return _U64(0xCF, value)
