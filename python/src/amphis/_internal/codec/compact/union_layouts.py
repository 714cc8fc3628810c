"""Layouts that stand for one of several others, or for one that is defined elsewhere."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from amphis._internal.codec.compact.layout import Layout
from amphis._internal.codec.kinds import describe_kind
from amphis._internal.codec.refusal import unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter


class Option(Layout):
    """0, or 1 and the value."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Layout) -> None:
        self._inner = inner

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        writer.byte(0 if value is None else 1)
        if value is not None:
            self._inner.write(writer, value)

    def read(self, reader: CompactReader) -> object:
        """Read it."""
        return self._inner.read(reader) if reader.boolean() else None

    def fits(self, value: object) -> bool:
        """Tell whether it is nil or fits."""
        return value is None or self._inner.fits(value)

    def parts(self) -> Iterator[Layout]:
        """Yield the layout of the value."""
        yield self._inner


class Variant(Layout):
    """The index of the first member that the value fits, then that member."""

    __slots__ = ("_members",)

    def __init__(self, members: list[Layout]) -> None:
        self._members = members

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        for index, member in enumerate(self._members):
            if member.fits(value):
                writer.variant(index)
                member.write(writer, value)
                return
        raise unsupported(f"a value of one of {len(self._members)} forms", describe_kind(value))

    def read(self, reader: CompactReader) -> object:
        """Read it."""
        index = reader.variant()
        if index >= len(self._members):
            raise reader.failed(f"there is no variant {index} among {len(self._members)}")
        return self._members[index].read(reader)

    def fits(self, value: object) -> bool:
        """Tell whether any member fits."""
        return any(member.fits(value) for member in self._members)

    def parts(self) -> Iterator[Layout]:
        """Yield the members."""
        yield from self._members


class Reference(Layout):
    """A definition by name, which may hold itself."""

    __slots__ = ("_least", "name", "target")

    def __init__(self, name: str) -> None:
        self.name = name
        self.target: Layout | None = None
        self._least: float | None = None

    @property
    def layout(self) -> Layout:
        """The layout of the definition, once it is planned."""
        if self.target is None:
            raise TypeError(f"Cannot use definition {self.name}: it is still being planned")
        return self.target

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        self.layout.write(writer, value)

    def read(self, reader: CompactReader) -> object:
        """Read it."""
        return self.layout.read(reader)

    def fits(self, value: object) -> bool:
        """Tell whether it fits the definition."""
        return self.layout.fits(value)

    def least(self, within: frozenset[int] = frozenset()) -> float:
        """Return that of the definition; infinite when it holds itself without end."""
        if id(self) in within:
            return inf
        # What it holds is part of its own size, so an end that is missing is missing everywhere.
        if self._least is None:
            self._least = self.layout.least(within | {id(self)})
        return self._least

    def parts(self) -> Iterator[Layout]:
        """Yield the definition."""
        yield self.layout
