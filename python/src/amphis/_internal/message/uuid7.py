"""Identifiers that sort by the time they were made (RFC 9562, UUID version 7)."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable

# Most significant bit first: 48 bits of milliseconds, 4 of version, 12 random, 2 of variant,
# 62 random. The 74 random bits count up within a millisecond.
_RANDOM_BITS = 74
_LOW_BITS = 62
_LOW_MASK = (1 << _LOW_BITS) - 1
_VERSION = 7 << 76
_VARIANT = 2 << 62
_STEP_BYTES = 4
_MAX_MS = 2**48 - 1


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Uuid7Source:
    """Makes identifiers each of which is greater than the one before, from any thread.

    Args:
        wall_ms: milliseconds since 1970
        random_bytes: so many random bytes
    """

    def __init__(
        self,
        *,
        wall_ms: Callable[[], int] = _wall_ms,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._wall_ms = wall_ms
        self._random_bytes = random_bytes
        self.reset()

    def reset(self) -> None:
        """Forget what was made, so that a forked process does not count on from its parent."""
        self._lock = threading.Lock()
        self._last = -1

    def next(self) -> UUID:
        """Make the next identifier."""
        with self._lock:
            now = min(max(self._wall_ms(), 0), _MAX_MS)
            if now > self._last >> _RANDOM_BITS:
                self._last = now << _RANDOM_BITS | self._random(10) >> 6
            else:
                # A random step keeps the next identifier hard to guess; an overflow borrows a
                # millisecond from the future.
                self._last += 1 + self._random(_STEP_BYTES)
            value = self._last
        high = (value >> _RANDOM_BITS) << 80 | (value >> _LOW_BITS & 0xFFF) << 64
        return UUID(int=high | _VERSION | _VARIANT | value & _LOW_MASK)

    def _random(self, count: int) -> int:
        return int.from_bytes(self._random_bytes(count), "big")


_source = Uuid7Source()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_source.reset)


def uuid7() -> UUID:
    """Make an identifier that is greater than every one this process made before."""
    return _source.next()
