"""Signals that wake a loop around `poll`."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

_MOST = 512


class Wakeups:
    """Wakes for the end of a child, and for being asked to end; deaf to the terminal.

    Works in the main thread only. In a process that was forked, a new one takes the place of that
    of the parent, whose pipe is closed.
    """

    _inherited: Wakeups | None = None

    def __init__(self) -> None:
        Wakeups.forget()
        self.descriptor, self._writer = os.pipe()
        os.set_blocking(self.descriptor, False)
        os.set_blocking(self._writer, False)
        self._is_over = False
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _ignore)
        signal.signal(signal.SIGTERM, self._end)
        for each in (signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        Wakeups._inherited = self

    def take(self) -> bool:
        """Forget what woke it; whether this process is asked to end."""
        with suppress(BlockingIOError):
            os.read(self.descriptor, _MOST)
        return self._is_over

    @classmethod
    def forget(cls) -> None:
        """Let signals do what they do in any program, in a process that was forked from a loop."""
        inherited, cls._inherited = cls._inherited, None
        signal.set_wakeup_fd(-1)
        if inherited is not None:
            inherited.close()
        for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def close(self) -> None:
        """Close the pipe, which wakes nobody any more."""
        os.close(self.descriptor)
        os.close(self._writer)

    def _end(self, number: int, frame: object) -> None:
        del number, frame
        self._is_over = True


def _ignore(number: int, frame: object) -> None:
    del number, frame
