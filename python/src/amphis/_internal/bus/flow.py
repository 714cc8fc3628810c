"""The two ends of a stream within a call: how many items may come, and how many may go."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from amphis._internal.bodies.stream import SequenceCheck

if TYPE_CHECKING:
    from amphis._internal.bus.answer import Answer
    from amphis._internal.transport.waiting import Waiter


class Inflow:
    """Items that come. Never holds more than `window`: the peer gets credit for what was read.

    Args:
        window: items that may be under way
        waiter: woken when something came
        given: credit that the peer has already
    """

    __slots__ = ("_given", "check", "end", "items", "waiter", "window")

    def __init__(self, window: int, waiter: Waiter, *, given: int = 0) -> None:
        self.window = window
        self.waiter = waiter
        self.items: deque[Answer] = deque()
        self.check = SequenceCheck()
        # What came last: the end, a result or an error.
        self.end: Answer | None = None
        self._given = given

    def take(self, item: Answer) -> bool:
        """An item came; False when it came without credit."""
        if self._given == 0:
            return False
        self._given -= 1
        self.items.append(item)
        self.waiter.wake()
        return True

    def finish(self, end: Answer) -> None:
        """Nothing comes any more."""
        if self.end is None:
            self.end = end
        self.waiter.wake()

    def due(self) -> int:
        """Credit to give now; call it before a wait and after each item that was read."""
        held = self._given + len(self.items)
        if self.end is not None or held * 2 > self.window:
            return 0
        self._given += self.window - held
        return self.window - held


class Outflow:
    """Items that go, as far as the peer gives credit.

    Args:
        credit: what the peer gave already
        waiter: woken when more may go, or nothing any more
    """

    __slots__ = ("credit", "is_over", "waiter")

    def __init__(self, credit: int, waiter: Waiter) -> None:
        self.credit = credit
        self.waiter = waiter
        self.is_over = False

    def give(self, count: int) -> None:
        """More may go."""
        self.credit += count
        self.waiter.wake()

    def stop(self) -> None:
        """Nobody reads any more."""
        self.is_over = True
        self.waiter.wake()
