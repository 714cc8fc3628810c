"""When handles are let go, in workers that begin with a call before others have ended."""

from __future__ import annotations

import threading
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.frame.frame import Frame


class Releases:
    """Lets go of handles when no call that came before still has to look at one.

    The program lets go of a handle as soon as the calls that use it are sent.

    Args:
        release: lets go
    """

    def __init__(self, release: Callable[[Frame], None]) -> None:
        self._release = release
        self._lock = threading.Lock()
        self._number = 0
        self._looking: dict[int, None] = {}
        self._waiting: deque[tuple[int, Frame]] = deque()

    def came(self) -> int:
        """Count a call or program when it comes; in the order in which they come."""
        with self._lock:
            self._number += 1
            self._looking[self._number] = None
            return self._number

    def looked(self, number: int) -> None:
        """Say that it looks at no handle any more. Twice is as good as once."""
        with self._lock:
            self._looking.pop(number, None)
            frames = self._due()
        for frame in frames:
            self._release(frame)

    def add(self, frame: Frame) -> None:
        """Let go of what it names, now or later."""
        with self._lock:
            self._waiting.append((self._number, frame))
            frames = self._due()
        for one in frames:
            self._release(one)

    def _due(self) -> list[Frame]:
        first = next(iter(self._looking), self._number + 1)
        frames = []
        while self._waiting and self._waiting[0][0] < first:
            frames.append(self._waiting.popleft()[1])
        return frames
