"""Whose turn it is to read and to write in a channel."""

from __future__ import annotations

import threading
import time
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Turns:
    """Two turns, one thread each; the last one out closes what they were about.

    Args:
        close: gives everything back; called once, when `finish` was called and nobody has a turn
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._freed = threading.Condition(threading.Lock())
        self._followers = 0
        # Take the turn if it is free. Asked for every frame, so there is no step of Python in it.
        self.try_read: Callable[[], bool] = partial(self._reading.acquire, False)  # noqa: FBT003 - twice as fast as by name
        self.try_write: Callable[[], bool] = partial(self._writing.acquire, False)  # noqa: FBT003 - likewise
        self._is_finishing = False
        self._is_finished = False

    def read(self, came: Callable[[], bool], deadline: float | None) -> bool:
        """Take the turn to read, or wait until another one has read what this thread waits for.

        Args:
            came: whether that is the case
            deadline: seconds of `time.monotonic`; None: for ever

        Returns:
            whether this thread has the turn; not so if it came, or at the deadline
        """
        if self.try_read():
            return True
        with self._freed:
            self._followers += 1
            try:
                while not came():
                    # After the count went up: who ends the turn either left it free, or tells.
                    if self._reading.acquire(blocking=False):
                        return True
                    left = None if deadline is None else deadline - time.monotonic()
                    if left is not None and left <= 0:
                        return False
                    self._freed.wait(left)
            finally:
                self._followers -= 1
        return False

    def end_read(self) -> None:
        """Let others read, and look at what this thread has read."""
        self._reading.release()
        if self._followers:
            with self._freed:
                self._freed.notify_all()
        if self._is_finishing:
            self._finish_if_idle()

    def write(self, deadline: float) -> bool:
        """Take the turn to write; False at the deadline."""
        if self.try_write():
            return True
        left = min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX)
        return self._writing.acquire(timeout=left)

    def end_write(self) -> None:
        """Let others write."""
        self._writing.release()
        if self._is_finishing:
            self._finish_if_idle()

    def finish(self) -> None:
        """Close as soon as nobody has a turn. Never waits."""
        self._is_finishing = True
        self._finish_if_idle()

    def _finish_if_idle(self) -> None:
        while self._reading.acquire(blocking=False):
            try:
                if self._writing.acquire(blocking=False):
                    try:
                        self._finish()
                    finally:
                        self._writing.release()
                    return
            finally:
                self._reading.release()
            # Whoever wrote may have found the turn to read taken by this thread, and left.
            if self._writing.locked():
                return

    def _finish(self) -> None:
        if not self._is_finished:
            self._is_finished = True
            self._close()
