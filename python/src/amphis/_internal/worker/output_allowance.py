"""How much a worker may log, so that a loop that prints cannot drown the program."""

from __future__ import annotations

from time import monotonic

LINES_PER_SECOND = 10_000
CHARACTERS_PER_SECOND = 16 * 1024 * 1024
# As much may come at once.
_SECONDS = 2.0


class Allowance:
    """Fills with time and empties by entries.

    Threads that use it at once may each get what was there for one, which does no harm.
    """

    __slots__ = ("_characters", "_left_out", "_lines", "_when")

    def __init__(self) -> None:
        self._lines = LINES_PER_SECOND * _SECONDS
        self._characters = CHARACTERS_PER_SECOND * _SECONDS
        self._when = monotonic()
        self._left_out = 0

    def take(self, characters: int) -> bool:
        """Whether one more entry may be sent; counts it when not."""
        if self._lines < 1 or self._characters < characters:
            self._fill()
            if self._lines < 1 or self._characters < characters:
                self._left_out += 1
                return False
        self._lines -= 1
        self._characters -= characters
        return True

    def take_left_out(self) -> int:
        """How many were not sent since this was last asked."""
        left_out = self._left_out
        if left_out:
            self._left_out = 0
        return left_out

    def _fill(self) -> None:
        now = monotonic()
        passed, self._when = now - self._when, now
        self._lines = min(LINES_PER_SECOND * _SECONDS, self._lines + passed * LINES_PER_SECOND)
        self._characters = min(
            CHARACTERS_PER_SECOND * _SECONDS, self._characters + passed * CHARACTERS_PER_SECOND
        )
