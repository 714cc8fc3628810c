"""MessagePack behind the interface of all codecs."""

from __future__ import annotations

from struct import error as StructError  # noqa: N812 - its own name hides every other error

from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, as_bytes, check_max_depth
from amphis._internal.codec.msgpack.decode import read_value
from amphis._internal.codec.msgpack.encode import encode_value
from amphis._internal.codec.msgpack.reader import Reader
from amphis._internal.codec.refusal import Refusal, depth_exceeded, out_of_range


class MsgpackCodec:
    """MessagePack with the extensions of spec/values.md; always the shortest form."""

    __slots__ = ("_max_depth",)
    name = "msgpack"

    def __init__(self, max_depth: int) -> None:
        self._max_depth = check_max_depth(max_depth)

    def __repr__(self) -> str:
        return f"msgpack(max_depth={self._max_depth})"

    def encode(self, value: object) -> bytes:
        """Encode one value; see `Codec`."""
        out = bytearray()
        try:
            encode_value(out, value, self._max_depth)
        except Refusal as refusal:
            raise refusal.error(self.name, self._max_depth) from None
        except RecursionError:
            raise depth_exceeded("encode", self.name, self._max_depth) from None
        except StructError:
            large = out_of_range("at most 2^32-1 bytes or elements", "more")
            raise large.error(self.name, self._max_depth) from None
        return bytes(out)

    def decode(self, data: Bytes) -> object:
        """Decode the one value that the bytes are; see `Codec`."""
        reader = Reader(as_bytes(data), self._max_depth)
        try:
            value = read_value(reader)
        except (IndexError, StructError):
            raise reader.truncated() from None
        except UnicodeDecodeError:
            raise reader.failed("a string is not valid UTF-8") from None
        except RecursionError:
            raise depth_exceeded("decode", self.name, self._max_depth) from None
        if reader.pos > reader.end:
            raise reader.truncated()
        if reader.pos != reader.end:
            raise reader.failed("there are bytes after the value")
        return value


def msgpack(*, max_depth: int = DEFAULT_MAX_DEPTH) -> MsgpackCodec:
    """Make the codec that every peer has: exact, compact and self-describing.

    Args:
        max_depth: how many levels of lists, maps, sets and tuples may nest. The recursion limit of
            the interpreter bounds it too: what does not fit on the stack is DEPTH_EXCEEDED
    """
    return MsgpackCodec(max_depth)
