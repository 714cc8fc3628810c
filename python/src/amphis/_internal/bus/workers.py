"""Threads that run flows."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

# A thread without work ends after so many seconds.
_IDLE = 10.0


def run(flow: Coroutine[Any, Any, T]) -> T:
    """Drive a flow whose waits block to its end."""
    try:
        flow.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    flow.close()
    raise TypeError("Cannot run flow: it waits for an event loop, and there is none")


class Workers:
    """Threads that run flows, as many as there are flows, kept for a while for the next ones.

    What limits them is who spawns: the concurrency of an endpoint, one for a subscription or an
    input. So a handler that waits for another handler of the same program never waits in vain.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Condition()
        self._flows: deque[Coroutine[Any, Any, None]] = deque()
        self._idle = 0
        self._is_closed = False
        self._count = 0

    def spawn(self, flow: Coroutine[Any, Any, None]) -> None:
        """Run it in a thread."""
        with self._lock:
            if self._is_closed:
                flow.close()
                return
            self._flows.append(flow)
            if self._idle >= len(self._flows):
                self._lock.notify()
                return
            self._count += 1
            number = self._count
        # As they are daemons, a handler that never returns does not keep the program alive.
        threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()

    def close(self) -> None:
        """Begin nothing more; threads end when their flow does."""
        with self._lock:
            self._is_closed = True
            for flow in self._flows:
                flow.close()
            self._flows.clear()
            self._lock.notify_all()

    def _work(self) -> None:
        while (flow := self._next()) is not None:
            run(flow)

    def _next(self) -> Coroutine[Any, Any, None] | None:
        with self._lock:
            self._idle += 1
            try:
                if not self._flows and not self._is_closed:
                    self._lock.wait_for(lambda: self._flows or self._is_closed, _IDLE)
                return self._flows.popleft() if self._flows else None
            finally:
                self._idle -= 1
