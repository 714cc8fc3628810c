"""The head of a MessagePack message, read without decoding the rest."""

from __future__ import annotations

from struct import error as StructError  # noqa: N812 - its own name hides every other error
from typing import TYPE_CHECKING

from amphis._internal.codec.msgpack.decode import read_value
from amphis._internal.codec.msgpack.reader import Reader
from amphis._internal.message.wire import head_of

if TYPE_CHECKING:
    from amphis._internal.codec.codec import Bytes
    from amphis._internal.message.codec import MessageHead

# Array head, type, priority, ttl and a target of 1,024 bytes fit; longer targets are refused.
_MOST_BYTES = 1_100
_FIELD_COUNT = 12
_HEAD_FIELDS = 4
_FIXARRAY, _ARRAY16, _ARRAY32 = 0x90, 0xDC, 0xDD


def peek(data: Bytes) -> MessageHead:
    """Read the first four fields.

    Raises:
        AmphisError: DECODE_FAILED or MESSAGE_INVALID
    """
    reader = Reader(bytes(data[:_MOST_BYTES]), 0)
    try:
        count = _read_count(reader)
        if count < _FIELD_COUNT:
            raise reader.failed(f"a message is an array of {_FIELD_COUNT}")
        first = [read_value(reader) for _ in range(_HEAD_FIELDS)]
    except (IndexError, StructError):
        raise reader.truncated() from None
    except UnicodeDecodeError:
        raise reader.failed("a string is not valid UTF-8") from None
    if reader.pos > reader.end:
        raise reader.truncated()
    return head_of(first)


def _read_count(reader: Reader) -> int:
    byte = reader.take(1)[0]
    if byte == _ARRAY16:
        return int.from_bytes(reader.take(2), "big")
    if byte == _ARRAY32:
        return int.from_bytes(reader.take(4), "big")
    return byte - _FIXARRAY if _FIXARRAY <= byte < _FIXARRAY + 16 else 0
