"""The fixed 24 bytes at the start of a frame (spec/frame.md)."""

from __future__ import annotations

import itertools
import struct
from enum import IntEnum

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.light import NamedTuple
from amphis._internal.priority import Priority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

# Little-endian.
#    0  u16  magic            2  u8   version          3  u8   kind
#    4  u16  flags            6  u16  attachmentCount  8  u64  callId
#   16  u32  bodyBytes       20  u32  attachmentBytes
HEADER = struct.Struct("<HBBHHQII")
HEADER_BYTES = 24
MAGIC = 0x4D41
PROTOCOL_VERSION = 1
MAX_CALL_ID = 2**53 - 1
ENTRY_BYTES = 8
MAX_FRAME_BYTES = 64 * 1024 * 1024

_PRIORITY_MASK = 0b11
_CODEC_SHIFT = 2
_FLAGS_END = 1 << 4

BodyCodec: TypeAlias = "Literal['msgpack', 'compact', 'json']"
BODY_CODECS: tuple[BodyCodec, ...] = ("msgpack", "compact", "json")
PRIORITIES = tuple(Priority)


class FrameKind(IntEnum):
    """What a frame is for; the number is the one on the wire."""

    HELLO = 1
    MESSAGE = 2
    CALL = 3
    PROGRAM = 4
    RESULT = 5
    ERROR = 6
    ITEM = 7
    CREDIT = 8
    CANCEL = 9
    CALLBACK = 10
    RELEASE = 11
    PING = 12
    PONG = 13
    LOG = 14
    EVENT = 15
    END = 16
    MEMORY = 17


KINDS = {int(kind): kind for kind in FrameKind}


class FrameHeader(NamedTuple):
    """A checked header: every field is within its limits."""

    version: int
    kind: FrameKind
    priority: Priority
    codec: BodyCodec
    call_id: int
    attachment_count: int
    body_bytes: int
    attachment_bytes: int

    @property
    def frame_bytes(self) -> int:
        """Length of the whole frame with header, padding and attachments."""
        length = HEADER_BYTES + self.body_bytes
        return length if self.attachment_count == 0 else padded(length) + self.attachment_bytes


class PlainHead(NamedTuple):
    """What the first eight bytes of a frame without attachments say."""

    kind: FrameKind
    priority: Priority
    codec: BodyCodec


# The same 24 bytes as words. The first is one of few, so that all of it is checked at once.
WORDS = struct.Struct("<QQII")


def padded(length: int) -> int:
    """The next multiple of eight."""
    return (length + 7) & ~7


def peek_header(data: bytes | bytearray | memoryview) -> FrameHeader:
    """Read and check the header at the start of some bytes; the body is not looked at.

    Raises:
        AmphisError: FRAME_TRUNCATED below 24 bytes, FRAME_INVALID with the field that is wrong
    """
    if len(data) < HEADER_BYTES:
        raise truncated(HEADER_BYTES, len(data))
    return read_header(data, 0)


def read_header(data: bytes | bytearray | memoryview, offset: int) -> FrameHeader:
    """As `peek_header`, where the caller knows that 24 bytes are there."""
    magic, version, kind_number, flags, count, call_id, body, attached = HEADER.unpack_from(
        data, offset
    )
    if magic != MAGIC:
        raise invalid("magic", magic)
    kind = KINDS.get(kind_number)
    if kind is None:
        raise invalid("kind", kind_number)
    codec_number = flags >> _CODEC_SHIFT
    # A hello must be readable before anything is negotiated, hence always msgpack.
    if flags >= _FLAGS_END or codec_number >= len(BODY_CODECS) or (codec_number and kind == 1):
        raise invalid("flags", flags)
    if call_id > MAX_CALL_ID:
        raise invalid("callId", call_id)
    if attached % ENTRY_BYTES or attached < count * ENTRY_BYTES or (attached and not count):
        raise invalid("attachmentBytes", attached)
    priority = PRIORITIES[flags & _PRIORITY_MASK]
    codec = BODY_CODECS[codec_number]
    return FrameHeader(version, kind, priority, codec, call_id, count, body, attached)


def flags_of(priority: Priority, codec: BodyCodec) -> int:
    """The flags word of a header."""
    return int(priority) | BODY_CODECS.index(codec) << _CODEC_SHIFT


def _head(kind: FrameKind, priority: Priority, codec: BodyCodec) -> int:
    flags = flags_of(priority, codec)
    return MAGIC | PROTOCOL_VERSION << 16 | kind << 24 | flags << 32


# By first word: all that a frame for a receiver can begin with, in this version, if it has no
# attachments. Signs of life and what is said of memory are for the connection itself.
PLAIN_HEADS = {
    _head(*head): head
    for head in itertools.starmap(PlainHead, itertools.product(FrameKind, PRIORITIES, BODY_CODECS))
    if head.kind not in {FrameKind.PING, FrameKind.PONG, FrameKind.MEMORY}
    and (head.kind is not FrameKind.HELLO or head.codec == "msgpack")
}
# The other way around, for whoever has the three.
PLAIN_WORDS = {
    (int(kind), int(priority), codec): word for word, (kind, priority, codec) in PLAIN_HEADS.items()
}


def invalid(field: str, received: int) -> AmphisError:
    """The error of a frame whose field no peer of this protocol would send."""
    return AmphisError(
        ErrorCode.FRAME_INVALID,
        f"Cannot read frame: {field} is {received:#x}",
        {"field": field, "received": received},
    )


def truncated(expected: int, actual: int) -> AmphisError:
    """The error of bytes that end inside a frame."""
    return AmphisError(
        ErrorCode.FRAME_TRUNCATED,
        f"Cannot read frame: it ends after {actual} of {expected} bytes",
        {"expected": expected, "actual": actual},
    )


def too_large(limit: int, actual: int) -> AmphisError:
    """The error of a frame beyond the limit of its connection."""
    return AmphisError(
        ErrorCode.FRAME_TOO_LARGE,
        f"Cannot take frame: {actual} bytes are more than the limit of {limit}",
        {"limit": limit, "actual": actual},
    )
