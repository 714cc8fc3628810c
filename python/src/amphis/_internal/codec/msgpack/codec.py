"""MessagePack behind the interface of all codecs."""

from __future__ import annotations

from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, as_bytes, check_max_depth
from amphis._internal.codec.msgpack.fast import open_fast
from amphis._internal.codec.msgpack.reader import Reader
from amphis._internal.codec.refusal import Refusal, depth_exceeded, out_of_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.native.load import Core, FastMsgpack, Missing


class MsgpackCodec:
    """MessagePack with the extensions of spec/values.md; always the shortest form.

    The C extension does what it knows, where there is one; Python does the rest, and all errors.

    Args:
        max_depth: see `msgpack`
        core: the extension or why it is missing, when the caller has chosen already
    """

    __slots__ = ("_fast", "_max_depth")
    name = "msgpack"

    def __init__(self, max_depth: int, core: Core | Missing | None = None) -> None:
        self._max_depth = check_max_depth(max_depth)
        self._fast = open_fast(max_depth, core)

    def __repr__(self) -> str:
        return f"msgpack(max_depth={self._max_depth})"

    @property
    def fast(self) -> FastMsgpack | None:
        """The part in C, for rings that read and write values themselves."""
        return self._fast

    def encode(self, value: object) -> bytes:
        """Encode one value; see `Codec`."""
        fast = self._fast
        if fast is not None:
            data = fast.pack(value)
            if data is not NotImplemented:
                return data
        return self._encode(value)

    def decode(self, data: Bytes) -> object:
        """Decode the one value that the bytes are; see `Codec`."""
        whole = as_bytes(data)
        fast = self._fast
        if fast is not None:
            value = fast.unpack(whole)
            if value is not NotImplemented:
                return value
        return self._read(Reader(whole, self._max_depth))

    def decode_counted(self, data: Bytes) -> tuple[object, int]:
        """As `decode`, with how many handles and attachments the value holds, at any depth.

        At 0 nobody needs to look for them. One that was replaced, as the last of two equal keys
        wins, counts too.
        """
        whole = as_bytes(data)
        fast = self._fast
        if fast is not None:
            both = fast.unpack_counted(whole)
            if both is not NotImplemented:
                return both
        reader = Reader(whole, self._max_depth)
        return self._read(reader), reader.far

    def _encode(self, value: object) -> bytes:
        # With the extension hardly ever used, and slow to load: decimals, UUIDs, paths.
        from struct import error as StructError  # noqa: N812, PLC0415 - its name hides all others

        from amphis._internal.codec.msgpack.encode import encode_value  # noqa: PLC0415

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

    def _read(self, reader: Reader) -> object:
        # As above.
        from struct import error as StructError  # noqa: N812, PLC0415

        from amphis._internal.codec.msgpack.decode import read_value  # noqa: PLC0415

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
