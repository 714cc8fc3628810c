"""What every layout of a schema does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter


class Layout(ABC):
    """How the values of one schema stand in the bytes (spec/compact.md)."""

    __slots__ = ()

    @abstractmethod
    def write(self, writer: CompactWriter, value: object) -> None:
        """Append a value; Refusal when it does not fit."""

    @abstractmethod
    def read(self, reader: CompactReader) -> object:
        """Read a value."""

    @abstractmethod
    def fits(self, value: object) -> bool:
        """Tell whether a value has this shape, which decides between the members of an `anyOf`."""

    def least(self, within: frozenset[int] = frozenset()) -> float:  # noqa: ARG002
        """Return the fewest bytes that a value takes, infinite when it never ends.

        Args:
            within: the definitions that are being measured, by identity
        """
        return 1

    def parts(self) -> Iterator[Layout]:
        """Yield the layouts inside this one."""
        yield from ()

    def measure(self) -> bool:
        """Prepare for counts from a peer, once all definitions are known.

        Returns whether an element takes a byte at least. Otherwise a few bytes could claim any
        number of elements.
        """
        return True
