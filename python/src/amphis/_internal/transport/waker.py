"""Wakes a thread that waits for sockets."""

from __future__ import annotations

import socket


class Waker:
    """A pair of sockets: a byte in one ends a wait for the other."""

    __slots__ = ("_far", "_is_set", "near")

    def __init__(self) -> None:
        self.near, self._far = socket.socketpair()
        for one in (self.near, self._far):
            one.settimeout(0)
        self._is_set = False

    def wake(self) -> None:
        """End the wait, now or when it begins. From any thread."""
        if self._is_set:
            return
        self._is_set = True
        try:
            self._far.send(b"\0")
        except OSError:
            # Full, so the wait ends in any case; or closed, so nobody waits any more.
            return

    def clear(self) -> None:
        """Let the next wait begin; look at what woke only after this."""
        self._is_set = False
        try:
            self.near.recv(64)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Give the sockets back."""
        self.near.close()
        self._far.close()
