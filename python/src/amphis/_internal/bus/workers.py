"""Threads that run flows."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    _Flow: TypeAlias = Coroutine[Any, Any, None]

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
        self._lock = threading.Lock()
        # Where each thread without work gets its next flow; None ends it. The last to become idle
        # is the first to be used, as it is still awake, or warm.
        self._idle: list[SimpleQueue[_Flow | None]] = []
        self._is_closed = False
        self._count = 0

    def spawn(self, flow: _Flow) -> None:
        """Run it in a thread."""
        with self._lock:
            if self._is_closed:
                flow.close()
                return
            if self._idle:
                self._idle.pop().put(flow)
                return
            self._count += 1
            name = f"{self._name}-{self._count}"
        # As they are daemons, a handler that never returns does not keep the program alive.
        threading.Thread(target=self._work, args=(flow,), name=name, daemon=True).start()

    def close(self) -> None:
        """Begin nothing more; threads end when their flow does."""
        with self._lock:
            self._is_closed = True
            for inbox in self._idle:
                inbox.put(None)
            self._idle.clear()

    def _work(self, first: _Flow) -> None:
        inbox: SimpleQueue[_Flow | None] = SimpleQueue()
        flow: _Flow | None = first
        while flow is not None:
            run(flow)
            flow = self._next(inbox)

    def _next(self, inbox: SimpleQueue[_Flow | None]) -> _Flow | None:
        with self._lock:
            if self._is_closed:
                return None
            self._idle.append(inbox)
        try:
            return inbox.get(timeout=_IDLE)
        except Empty:
            with self._lock:
                if inbox in self._idle:
                    self._idle.remove(inbox)
                    return None
            # It was given something at the last moment.
            return inbox.get()
