"""References as they travel: read without a value for each field, and written in one go.

Nearly all references come in the one form that `Reference.encode` gives. That form is read here
directly, and only that form: whatever differs from it by a bit is left to `Reference.decode`, which
judges it and says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct

from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.bodies.reference import Reference, read_descriptor
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, as_bytes
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.light import NamedTuple
from amphis._internal.memory.token_key import TokenKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

# In the descriptor of a reference that is good for one use.
_ONCE = "once"

# An array of eight, an array of seven, and the head of 32 bytes.
_SIGNED, _COVERED, _TOKEN_HEAD = b"\x98", b"\x97", b"\xc4\x20"
_TAIL_BYTES = 34

# How many bytes an int has, by its first one; 0 where that begins no int from 0.
_LENGTHS = bytes([1] * 0x80 + [0] * 0x4C + [2, 3, 5, 9] + [0] * 0x30)
# How an int of so many bytes is unpacked, and the least that has no shorter form.
_FORMS = {1: ("B", 0), 2: ("xB", 0x80), 3: ("xH", 0x100), 5: ("xI", 0x1_0000), 9: ("xQ", 2**32)}
_MAX_GENERATION = 2**32 - 1
# Longer descriptors are judged each time, so that what a peer makes this process keep is bounded.
_MAX_KEPT_BYTES = 256

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
    end = len(data) - _TAIL_BYTES
    if data[:1] != _SIGNED or data[end : end + 2] != _TOKEN_HEAD:
        return None
    lengths = _LENGTHS
    try:
        # Written out: as loops, these lines take twice the time.
        at = 1 + (of_arena := lengths[data[1]])
        at += (of_generation := lengths[data[at]])
        at += (of_offset := lengths[data[at]])
        at += (of_length := lengths[data[at]])
        at += (of_holder := lengths[data[at]])
        at += (of_end := lengths[data[at]])
    except IndexError:
        return None
    layout = _layout(of_arena, of_generation, of_offset, of_length, of_holder, of_end)
    if layout is None or not at < end <= at + _MAX_KEPT_BYTES:
        return None
    unpack, (least_arena, least_generation, least_offset, least_length, least_holder, least_end) = (
        layout
    )
    arena, generation, offset, byte_length, holder, expires_at = unpack(data)
    if not (
        least_arena <= arena <= MAX_SAFE
        and least_generation <= generation <= _MAX_GENERATION
        and least_offset <= offset <= MAX_SAFE
        and least_length <= byte_length <= MAX_SAFE
        and least_holder <= holder <= MAX_SAFE
        and least_end <= expires_at <= MAX_SAFE
    ):
        return None
    is_for_one_use = _describes_one_use(data[at:end])
    if is_for_one_use is None:
        return None
    covered = _COVERED + data[1:end]
    token = data[end + 2 :]
    return Claim(
        arena, generation, offset, byte_length, holder, expires_at, is_for_one_use, token, covered
    )


@lru_cache(maxsize=256)
def _layout(*lengths: int) -> tuple[Callable[[bytes], _Numbers], _Numbers] | None:
    """What unpacks ints of these lengths, and the least of each; None when one is no int."""
    if 0 in lengths:
        return None
    formats, least = zip(*(_FORMS[length] for length in lengths), strict=True)
    return Struct(">x" + "".join(formats)).unpack_from, least


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
