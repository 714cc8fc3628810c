"""Layouts of lists and sets; each is one level of depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.codec.compact.layout import Layout
from amphis._internal.codec.compact.read_value import check_collisions, check_decoded_key
from amphis._internal.codec.kinds import check_key, describe_kind
from amphis._internal.codec.refusal import Refusal, index_step, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter

_NOWHERE: frozenset[int] = frozenset()


class Sequence(Layout):
    """Vec<T>, or [T; n] without a length when it is fixed."""

    __slots__ = ("_items", "_length", "_unit")

    def __init__(self, items: Layout, length: int | None) -> None:
        self._items = items
        self._length = length
        self._unit = 0

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append the elements."""
        elements = _list_of(value, self._length)
        if self._length is None:
            writer.length(len(elements))
        _write_each(writer, ((self._items, element) for element in elements))

    def read(self, reader: CompactReader) -> list[object]:
        """Read the elements."""
        reader.enter()
        count = self._count(reader)
        read = self._items.read
        items = [read(reader) for _ in range(count)]
        reader.room += 1
        return items

    def _count(self, reader: CompactReader) -> int:
        if self._length is None:
            return reader.length(self._unit)
        if self._length * self._unit > reader.end - reader.pos:
            raise reader.truncated()
        return self._length

    def fits(self, value: object) -> bool:
        """Tell whether every element fits."""
        return (
            isinstance(value, (list, tuple))
            and self._length in (None, len(value))
            and all(map(self._items.fits, value))
        )

    def least(self, within: frozenset[int] = _NOWHERE) -> float:
        """Return the size of the length, or of n elements."""
        if self._length is None:
            return 1
        return self._length * self._items.least(within) if self._length else 0

    def parts(self) -> Iterator[Layout]:
        """Yield the layout of the elements."""
        yield self._items

    def measure(self) -> bool:
        """Remember the fewest bytes of an element."""
        self._unit = int(self._items.least())
        return self._unit > 0


class Tuple(Layout):
    """The members in order, without a length; read as a list."""

    __slots__ = ("_members",)

    def __init__(self, members: list[Layout]) -> None:
        self._members = members

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append the members."""
        _write_each(writer, zip(self._members, _list_of(value, len(self._members)), strict=True))

    def read(self, reader: CompactReader) -> list[object]:
        """Read the members."""
        reader.enter()
        items = [member.read(reader) for member in self._members]
        reader.room += 1
        return items

    def fits(self, value: object) -> bool:
        """Tell whether every member fits."""
        return (
            isinstance(value, (list, tuple))
            and len(value) == len(self._members)
            and all(member.fits(item) for member, item in zip(self._members, value, strict=True))
        )

    def least(self, within: frozenset[int] = _NOWHERE) -> float:
        """Return the sum of the members."""
        return sum(member.least(within) for member in self._members)

    def parts(self) -> Iterator[Layout]:
        """Yield the members."""
        yield from self._members


class Set(Layout):
    """Vec<T> of distinct keys."""

    __slots__ = ("_items", "_unit")

    def __init__(self, items: Layout) -> None:
        self._items = items
        self._unit = 0

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append the elements in the order of the set."""
        if not isinstance(value, (set, frozenset)):
            raise unsupported("a set", describe_kind(value))
        elements = tuple(value)
        for element in elements:
            check_key(element)
        writer.length(len(elements))
        _write_each(writer, ((self._items, element) for element in elements))

    def read(self, reader: CompactReader) -> set[object]:
        """Read the elements."""
        reader.enter()
        count = reader.length(self._unit)
        items = [read_key(self._items, reader) for _ in range(count)]
        check_collisions(reader, items)
        reader.room += 1
        return set(items)

    def fits(self, value: object) -> bool:
        """Tell whether every element fits."""
        return isinstance(value, (set, frozenset)) and all(map(self._items.fits, value))

    def parts(self) -> Iterator[Layout]:
        """Yield the layout of the elements."""
        yield self._items

    def measure(self) -> bool:
        """Remember the fewest bytes of an element."""
        self._unit = int(self._items.least())
        return self._unit > 0


def read_key(layout: Layout, reader: CompactReader) -> object:
    """Read a key of a map or an element of a set; members in order become a tuple there."""
    key = layout.read(reader)
    if isinstance(layout, Tuple) and isinstance(key, list):
        key = tuple(key)
    check_decoded_key(reader, key)
    return key


def _write_each(writer: CompactWriter, pairs: Iterable[tuple[Layout, object]]) -> None:
    """Append elements one level deeper and add the index of one that is refused."""
    writer.enter()
    index = 0
    try:
        for index, (layout, item) in enumerate(pairs):  # noqa: B007 - the index is for the path
            layout.write(writer, item)
    except Refusal as refusal:
        refusal.steps.append(index_step(index))
        raise
    writer.room += 1


def _list_of(value: object, length: int | None = None) -> list[object] | tuple[object, ...]:
    if not isinstance(value, (list, tuple)):
        raise unsupported("a list", describe_kind(value))
    if length is not None and len(value) != length:
        raise unsupported(f"a list of {length}", f"a list of {len(value)}")
    return value
