"""References as they travel: read without a value for each field, and written in one go.

Nearly all references come in the one form that `Reference.encode` gives. That form is read here
directly, and only that form: whatever differs by a bit is left to `Reference.decode`, which judges
it and says what is wrong with it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.bodies.reference import MAX_GENERATION, Reference, read_descriptor
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, as_bytes
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError

# In the descriptor of a reference that is good for one use.
_ONCE = "once"

# An array of eight, an array of seven, and the head of 32 bytes.
_SIGNED, _COVERED, _TOKEN_HEAD = b"\x98", b"\x97", b"\xc4\x20"
_TOKEN_BYTES = 32
_TAIL_BYTES = len(_TOKEN_HEAD) + _TOKEN_BYTES
_NUMBERS = 6

# Bytes of an int with its head, and the least that this width is the shortest for, by first byte.
_WIDTHS = {0xCC: (2, 0x80), 0xCD: (3, 0x100), 0xCE: (5, 0x1_0000), 0xCF: (9, 0x1_0000_0000)}
_NO_INT = (1, MAX_SAFE + 1)

# Longer descriptors are read each time, so that what a peer makes this process keep is bounded.
_MAX_KEPT_BYTES = 256
# A descriptor is one level below the reference.
_MSGPACK = msgpack(max_depth=DEFAULT_MAX_DEPTH - 1)
_NO_DESCRIPTOR = b"\x80"

_U8, _U16 = Struct(">BB").pack, Struct(">BH").pack
_U32, _U64 = Struct(">BI").pack, Struct(">BQ").pack


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

    def is_signed_with(self, key: bytes) -> bool:
        """Tell whether the token is that of this key, in constant time."""
        return hmac.compare_digest(self.token, hmac.digest(key, self.covered, "sha256"))


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
    key: bytes, numbers: tuple[int, ...], descriptor: Mapping[str, object] | None = None
) -> bytes:
    """The bytes of a reference with its token: those of `Reference.signed` and `encode`.

    Args:
        key: of the connection
        numbers: arena, generation, offset, byte_length, holder and expires_at
        descriptor: how to read what it names
    """
    written = _MSGPACK.encode(dict(descriptor)) if descriptor else _NO_DESCRIPTOR
    fields = b"".join([*map(_integer, numbers), written])
    token = hmac.digest(key, _COVERED + fields, "sha256")
    return b"".join((_SIGNED, fields, _TOKEN_HEAD, token))


def _read_shortest(data: bytes) -> Claim | None:
    """Read the form that encoding gives; None for any other, good or bad.

    Since it is that form, the bytes up to the token are what encoding the fields would give again,
    and need not be encoded to be compared with the token.
    """
    end = len(data) - _TAIL_BYTES
    if data[:1] != _SIGNED or data[end : end + 2] != _TOKEN_HEAD:
        return None
    numbers = []
    at = 1
    for _ in range(_NUMBERS):
        if at >= end:
            return None
        number = data[at]
        width = 1
        if number >= 0x80:
            width, least = _WIDTHS.get(number, _NO_INT)
            # Never cut short: the tail is longer than any int.
            number = int.from_bytes(data[at + 1 : at + width], "big")
            if not least <= number <= MAX_SAFE:
                return None
        numbers.append(number)
        at += width
    descriptor = data[at:end]
    if numbers[1] > MAX_GENERATION or len(descriptor) > _MAX_KEPT_BYTES:
        return None
    is_for_one_use = _describes_one_use(descriptor)
    if is_for_one_use is None:
        return None
    return Claim(*numbers, is_for_one_use, data[end + 2 :], _COVERED + data[1:end])


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
