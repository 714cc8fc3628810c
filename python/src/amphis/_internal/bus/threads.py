"""A member among threads: waits block, handlers run in threads of their own."""

from __future__ import annotations

import inspect
import threading
from collections import deque
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from amphis._internal.bus.runtime import DONE, Interruptible, Link
from amphis._internal.bus.workers import Workers, run
from amphis._internal.channel.rings import Rings
from amphis._internal.channel.thread_connect import open_rings
from amphis._internal.channel.thread_link import ThreadRingLink
from amphis._internal.transport.address import SharedAddress
from amphis._internal.transport.socket_connect import Attempt
from amphis._internal.transport.thread_link import ThreadLink
from amphis._internal.transport.waker import Waker

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from amphis._internal.bus.options import BusOptions, Destination
    from amphis._internal.bus.session import Session
    from amphis._internal.transport.waiting import Waiter


class ThreadWaiter:
    """A lock that is held until the wake; see `Waiter`."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def wake(self) -> None:
        """End the wait, now or when it begins."""
        # Wakes come one at a time, under the lock of the member; only waits take this lock.
        if self._lock.locked():
            self._lock.release()

    async def wait(self, timeout: float | None) -> bool:
        """Block until the wake, or for so many seconds."""
        if timeout is None or timeout > threading.TIMEOUT_MAX:
            return self._lock.acquire()
        return (
            self._lock.acquire(timeout=timeout)
            if timeout > 0
            else self._lock.acquire(blocking=False)
        )


class ThreadRuntime:
    """See `Runtime`.

    Args:
        name: of the threads
    """

    def __init__(self, name: str) -> None:
        # Reentrant, as a finalizer may run anywhere, even where the lock is held.
        self.lock: AbstractContextManager[object] = threading.RLock()
        self.waker = Waker()
        self._workers = Workers(name)
        self._deferred: deque[Callable[[], None]] = deque()
        self._is_stopped = False
        self._thread: threading.Thread | None = None
        self._name = name

    def start(self, flow: Coroutine[Any, Any, None]) -> None:
        """Give the flow that moves the bytes its thread."""
        self._thread = threading.Thread(
            target=self._live, args=(flow,), name=self._name, daemon=True
        )
        self._thread.start()

    def waiter(self) -> Waiter:
        """Make something to wait with."""
        return ThreadWaiter()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in a thread."""
        self._workers.spawn(work)

    def defer(self, act: Callable[[], None]) -> None:
        """Run something soon in the thread that moves the bytes."""
        self._deferred.append(act)
        self.waker.wake()

    def due(self) -> None:
        """Run what was deferred; with the lock held."""
        while self._deferred:
            self._deferred.popleft()()

    def stop(self) -> None:
        """End attempts to connect; the threads end by themselves."""
        self._is_stopped = True
        self._workers.close()
        self.waker.wake()

    def forked(self) -> None:
        """Begin anew in a child: it has no threads, and must not touch those of its parent."""
        self._workers = Workers(self._name)
        self._thread = None
        self._is_stopped = True
        self.waker.close()

    async def stopped(self) -> None:
        """Wait until the thread that moves the bytes is gone."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _live(self, flow: Coroutine[Any, Any, None]) -> None:
        try:
            run(flow)
        finally:
            self._workers.close()
            self.waker.close()

    async def breathe(self) -> None:
        """Nothing to do: threads share by themselves."""

    async def invoke(self, function: Callable[..., object], *arguments: object) -> object:
        """Call code of the user."""
        return function(*arguments)

    async def pull(self, source: object) -> object:
        """Take the next item of an iterator."""
        return next(source, DONE)  # type: ignore[call-overload] # checked by iterator and is_stream

    async def dispose(self, source: object) -> None:
        """Close a generator."""
        close = getattr(source, "close", None)
        if close is not None:
            close()

    def iterator(self, source: object) -> object:
        """Begin to iterate."""
        return iter(source)  # type: ignore[call-overload] # raises TypeError itself

    def is_stream(self, value: object) -> bool:
        """An iterator is a stream; a list is a value."""
        return hasattr(value, "__next__")

    def check_handler(self, handler: object) -> None:
        """Refuse what cannot be called, and what only an event loop could run."""
        if not callable(handler):
            raise TypeError(f"Cannot use handler: {handler!r} cannot be called")
        call = getattr(handler, "__call__", None)  # noqa: B004 - of an object with async __call__
        for one in (handler, call):
            if inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one):
                raise TypeError("Cannot use handler: it is async; open the bus with open_bus_async")

    def guard(self, work: Interruptible) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing to do: a thread cannot be interrupted, its work asks whether it is cancelled."""
        return nullcontext()

    async def connect(
        self, destination: Destination, options: BusOptions, begin: Callable[[], Session]
    ) -> Link:
        """Open a connection."""
        attempt = Attempt(
            destination.text,
            destination.address,
            options.connect_timeout,
            options.ssl_context,
            self.waker,
            lambda: self._is_stopped,
        )
        sock = attempt.connect()
        if not isinstance(destination.address, SharedAddress):
            return ThreadLink(sock, begin(), self.lock, self.waker, self.due)
        opened = open_rings(attempt, sock, destination.text, options.connect_timeout)
        if not isinstance(opened, Rings):
            return ThreadLink(sock, begin(), self.lock, self.waker, self.due)
        limit = options.max_frame_bytes
        try:
            return ThreadRingLink(sock, opened, begin(), limit, self.lock, self.waker, self.due)
        except BaseException:
            opened.close()
            sock.close()
            raise
