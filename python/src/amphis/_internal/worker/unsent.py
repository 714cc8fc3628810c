"""What waits for room in the control line, and what there was no place for."""

from __future__ import annotations

import time
from collections import deque

from amphis._internal.channel.plain import CODEC
from amphis._internal.frame.header import FrameKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# So much of the log waits. Other frames, which are few and say more, have as much again.
MOST_LOG_BYTES = 4 * 1024 * 1024
_MOST_BYTES = 2 * MOST_LOG_BYTES


class Unsent:
    """Frames in their order. For one thread at a time, which may come back in a finalizer.

    Args:
        frame: makes a frame
    """

    def __init__(self, frame: Callable[[FrameKind, bytes], bytes]) -> None:
        self._frame = frame
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._begun = 0
        self._left_out = 0

    def __bool__(self) -> bool:
        return bool(self._frames)

    @property
    def first(self) -> memoryview | None:
        """What is to be written next: a frame, or the rest of one."""
        if not self._frames and self._left_out:
            self._tell()
        return memoryview(self._frames[0])[self._begun :] if self._frames else None

    def add(self, frame: bytes, *, is_log: bool) -> None:
        """Put a frame behind the others; count it where there is no place."""
        if self._bytes + len(frame) > (MOST_LOG_BYTES if is_log else _MOST_BYTES) and self._frames:
            self._left_out += is_log
            return
        if is_log and self._left_out:
            # Where they would have been.
            self._tell()
        self._frames.append(frame)
        self._bytes += len(frame)

    def sent(self, count: int) -> None:
        """Say that so many bytes of the first are on their way."""
        self._begun += count
        if self._begun == len(self._frames[0]):
            self._bytes -= len(self._frames.popleft())
            self._begun = 0

    def clear(self) -> None:
        """Forget all."""
        self._frames.clear()
        self._bytes = self._begun = self._left_out = 0

    def _tell(self) -> None:
        count, self._left_out = self._left_out, 0
        entry: dict[str, object] = {
            "time": time.time() * 1_000,
            "level": "warning",
            "logger": "amphis.worker",
            "message": f"{count} entries were left out: the program did not read them in time",
            "call": 0,
        }
        frame = self._frame(FrameKind.LOG, CODEC.encode(entry))
        self._frames.append(frame)
        self._bytes += len(frame)
