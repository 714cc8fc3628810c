"""How many chunks of a stream may go and come, and in which order. Nothing here sends anything."""

from __future__ import annotations

from amphis._internal.bodies.stream import SequenceCheck
from amphis._internal.memory.stream_failures import after_end, overrun


class Outflow:
    """What a writer may send and has sent.

    Attributes:
        credit: how many chunks may go now
        count: how many went, which is the number of the next one
    """

    __slots__ = ("count", "credit")

    def __init__(self) -> None:
        self.credit = 0
        self.count = 0

    def grant(self, count: int) -> None:
        """So many more may go."""
        self.credit += count

    def take(self) -> int:
        """Use one credit; return the number of the chunk that goes with it."""
        if self.credit == 0:
            raise ValueError("Cannot take credit: there is none")
        self.credit -= 1
        self.count += 1
        return self.count - 1


class Inflow:
    """What may come to a reader and has come.

    Chunks that may come, that wait, and the one in use are never more than the window together.

    Args:
        window: 1 or more
    """

    __slots__ = ("_check", "_credit", "_has_begun", "_has_ended", "_used", "_window")

    def __init__(self, window: int) -> None:
        self._window = window
        self._check = SequenceCheck()
        self._has_begun = False
        self._has_ended = False
        # Chunks that may still come, and those that were used up since credit was given.
        self._credit = 0
        self._used = 0

    def begin(self) -> int:
        """The consumer asks for a chunk. Returns the credit to give: all of it once, then 0."""
        if self._has_begun or self._has_ended:
            return 0
        self._has_begun = True
        self._credit = self._window
        return self._window

    def arrive(self, sequence: int) -> None:
        """A chunk came.

        Raises:
            AmphisError: CHUNK_STREAM_ENDED, SEQUENCE_BROKEN, CHUNK_STREAM_OVERRUN
        """
        if self._has_ended:
            raise after_end(f"take chunk {sequence}")
        self._check.item(sequence)
        if self._credit == 0:
            raise overrun(sequence, self._window)
        self._credit -= 1

    def end(self, sequence: int) -> None:
        """All chunks came.

        Raises:
            AmphisError: CHUNK_STREAM_ENDED; SEQUENCE_BROKEN when some are missing
        """
        if self._has_ended:
            raise after_end("take its end")
        self._check.end(sequence)
        self._has_ended = True

    def use(self) -> int:
        """The consumer is done with a chunk. Returns the credit to give: half a window, or 0."""
        self._used += 1
        if self._has_ended or self._used * 2 < self._window:
            return 0
        count, self._used = self._used, 0
        self._credit += count
        return count
