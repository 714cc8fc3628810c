"""Finds peers that are gone without a word."""

from __future__ import annotations

from typing import Literal


class Heartbeat:
    """A peer that was silent for `interval` is asked; one silent for as long again is lost.

    Silence counts only while this side was awake: bytes that wait in the socket of a process
    that slept are a sign of life too. All times are seconds of `time.monotonic`.

    Args:
        interval: seconds; 0 = never ask
        now: when the connection began
    """

    __slots__ = ("_asked_at", "_heard_at", "_interval", "due_at")

    due_at: float

    def __init__(self, interval: float, now: float) -> None:
        self._interval = interval
        self._heard_at = now
        self._asked_at: float | None = None
        self.due_at = now + interval if interval > 0 else float("inf")

    def heard(self, now: float) -> None:
        """Something came from the peer."""
        self._heard_at = now
        self._asked_at = None

    def silent_ms(self, now: float) -> int:
        """How long nothing came."""
        return round((now - self._heard_at) * 1_000)

    def tick(self, now: float) -> Literal["ask", "lost"] | None:
        """Say what is due now; `due_at` says when to call again."""
        if now < self.due_at:
            return None
        overslept = now - self.due_at > self._interval / 2
        since = self._heard_at if self._asked_at is None else self._asked_at
        if overslept and self._asked_at is not None:
            since = self._asked_at = now
        if now < since + self._interval:
            self.due_at = since + self._interval
            return None
        if self._asked_at is not None:
            return "lost"
        self._asked_at = now
        self.due_at = now + self._interval
        return "ask"
