"""What waits its turn."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from amphis._internal.priority import Priority

T = TypeVar("T")


class PriorityLine(Generic[T]):
    """Things that wait: the more urgent goes first, and within one priority the first come."""

    __slots__ = ("_count", "_lines")

    def __init__(self) -> None:
        self._lines: tuple[deque[T], ...] = (deque(), deque(), deque(), deque())
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, priority: Priority, item: T) -> None:
        """Add at the end of its priority."""
        self._lines[priority].append(item)
        self._count += 1

    def pop(self) -> T:
        """Take what goes next; IndexError when nothing waits."""
        for line in reversed(self._lines):
            if line:
                self._count -= 1
                return line.popleft()
        raise IndexError("Cannot take from line: it is empty")

    def drop_oldest(self) -> T:
        """Take the one that waits longest among the least urgent."""
        for line in self._lines:
            if line:
                self._count -= 1
                return line.popleft()
        raise IndexError("Cannot drop from line: it is empty")

    def clear(self) -> list[T]:
        """Take all, in no particular order."""
        items = [item for line in self._lines for item in line]
        for line in self._lines:
            line.clear()
        self._count = 0
        return items
