"""The compact layout behind the interface of all codecs."""

from __future__ import annotations

from struct import error as StructError  # noqa: N812 - its own name hides every other error
from typing import TYPE_CHECKING, Literal, TypeAlias

from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, as_bytes, check_max_depth
from amphis._internal.codec.compact.kind_layouts import AnyValue
from amphis._internal.codec.compact.map_layouts import Struct
from amphis._internal.codec.compact.plan import plan_layout
from amphis._internal.codec.compact.reader import FixedReader, VarintReader
from amphis._internal.codec.compact.union_layouts import Reference
from amphis._internal.codec.compact.writer import FixedWriter, VarintWriter
from amphis._internal.codec.refusal import Refusal, depth_exceeded

if TYPE_CHECKING:
    from amphis._internal.codec.compact.layout import Layout
    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter

Integers: TypeAlias = Literal["varint", "fixed"]

_FORMS: dict[Integers, tuple[type[CompactWriter], type[CompactReader]]] = {
    "varint": (VarintWriter, VarintReader),
    "fixed": (FixedWriter, FixedReader),
}


class CompactCodec:
    """bincode's layout of one schema, or of any value with its kind in front."""

    __slots__ = ("_evolve", "_layout", "_max_depth", "_reader", "_writer")
    name = "compact"

    def __init__(self, layout: Layout, integers: Integers, max_depth: int, *, evolve: bool) -> None:
        if integers not in _FORMS:
            raise ValueError(
                f'Cannot make codec: integers must be "varint" or "fixed", got {integers!r}'
            )
        self._writer, self._reader = _FORMS[integers]
        self._layout = layout.layout if isinstance(layout, Reference) else layout
        self._max_depth = check_max_depth(max_depth)
        self._evolve = evolve

    def encode(self, value: object) -> bytes:
        """Encode one value; see `Codec`."""
        writer = self._writer(self._max_depth)
        try:
            self._layout.write(writer, value)
        except Refusal as refusal:
            raise refusal.error(self.name, self._max_depth) from None
        except RecursionError:
            raise depth_exceeded("encode", self.name, self._max_depth) from None
        return bytes(writer.out)

    def decode(self, data: Bytes) -> object:
        """Decode the one value that the bytes are; see `Codec`."""
        reader = self._reader(as_bytes(data), self._max_depth)
        value = self._read(reader)
        if reader.pos != reader.end and not self._evolve:
            raise reader.failed("there are bytes after the value")
        return value

    def decode_prefix(self, data: Bytes) -> tuple[object, int]:
        """Decode the value at the front of longer bytes, and tell where what follows begins.

        Raises:
            AmphisError: as `decode` does
        """
        reader = self._reader(as_bytes(data), self._max_depth)
        value = self._read(reader)
        return value, reader.pos

    def _read(self, reader: CompactReader) -> object:
        try:
            if self._evolve and isinstance(self._layout, Struct):
                return self._layout.read_evolving(reader)
            return self._layout.read(reader)
        except (IndexError, StructError):
            raise reader.truncated() from None
        except UnicodeDecodeError:
            raise reader.failed("a text is not valid UTF-8") from None
        except RecursionError:
            raise depth_exceeded("decode", self.name, self._max_depth) from None


def compact(*, max_depth: int = DEFAULT_MAX_DEPTH) -> CompactCodec:
    """Make the codec for values of any kind, each with its kind in front.

    Where a schema is known, `compact_for` is smaller.

    Args:
        max_depth: how many levels of lists, maps, sets and tuples may nest. The recursion limit of
            the interpreter bounds it too: what does not fit on the stack is DEPTH_EXCEEDED
    """
    return CompactCodec(AnyValue(), "varint", max_depth, evolve=False)


def compact_for(
    schema: object,
    *,
    integers: Integers = "varint",
    evolve: bool = False,
    max_depth: int = DEFAULT_MAX_DEPTH,
) -> CompactCodec:
    """Compile a codec for one schema, whose layout spec/compact.md defines; keep it.

    Encoding checks shapes, not constraints, which are the validator's business.

    Args:
        schema: a JSON Schema
        integers: shorten integers (bincode's standard configuration), or write them at full width
            (its legacy one)
        evolve: read what an older or newer version of the schema wrote: its optional properties at
            the end may be missing or more
        max_depth: as for `compact`

    Raises:
        AmphisError: SCHEMA_INVALID with the JSON pointer of the place that has no layout
    """
    return CompactCodec(plan_layout(schema), integers, max_depth, evolve=evolve)
