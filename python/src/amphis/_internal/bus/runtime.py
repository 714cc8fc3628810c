"""What a member needs of the world it runs in: threads, or an event loop.

A member is written once, as coroutines. In an event loop they are what they look like. Among
threads they never suspend: each wait in them blocks the thread, and `run` drives one to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from amphis._internal.transport.waiting import Waiter

if TYPE_CHECKING:
    from amphis._internal.bus.options import BusOptions, Destination
    from amphis._internal.bus.session import Session
    from amphis._internal.errors import AmphisError


class Interruptible(Protocol):
    """Work for somebody who may lose interest."""

    interrupt: Callable[[], object] | None

    @property
    def time_left(self) -> float | None:
        """Seconds; None for ever."""

    def why_over(self) -> AmphisError:
        """The error of work that nobody waits for."""


class Link(Protocol):
    """A socket that moves the bytes of one session."""

    async def run(self) -> None:
        """Move bytes until the connection ends; the socket is closed then.

        Raises:
            AmphisError: why it ended, unless `close` ended it
        """

    def flush(self) -> None:
        """Write what waits, as far as the socket takes it now. Never blocks."""

    def finish(self) -> None:
        """Say that nothing more is sent once everything is written; `run` goes on to the end."""

    def close(self) -> None:
        """End it now."""

    def abandon(self) -> None:
        """Let go of it without a word, as another process goes on with it."""


class Runtime(Protocol):
    """Where a member runs."""

    lock: AbstractContextManager[object]

    def waiter(self) -> Waiter:
        """Make something to wait with."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside; may be called with the lock held."""

    def defer(self, act: Callable[[], None]) -> None:
        """Run something soon, with the lock held; may be called from anywhere, even a finalizer."""

    def stop(self) -> None:
        """End attempts to connect, and what was spawned as far as it can be ended."""

    async def stopped(self) -> None:
        """Wait until all of it has ended, but what asks."""

    async def breathe(self) -> None:
        """Let others run, between things that do not wait."""

    async def invoke(self, function: Callable[..., object], *arguments: object) -> object:
        """Call code of the user."""

    async def pull(self, source: object) -> object:
        """Take the next item of an iterator of the user; `DONE` at its end."""

    async def dispose(self, source: object) -> None:
        """Close an iterator of the user, as far as it can be closed."""

    def iterator(self, source: object) -> object:
        """Begin to iterate; TypeError when it cannot be."""

    def is_stream(self, value: object) -> bool:
        """Tell whether an answer is a stream."""

    def check_handler(self, handler: object) -> None:
        """Refuse what cannot be called here, with TypeError."""

    def guard(self, work: Interruptible) -> AbstractContextManager[None]:
        """Let the work be interrupted: by its `interrupt`, and when its time is over."""

    async def connect(
        self, destination: Destination, options: BusOptions, begin: Callable[[], Session]
    ) -> Link:
        """Open a connection; `begin` makes the session when bytes can flow.

        Raises:
            AmphisError: CONNECT_FAILED, PEER_REJECTED
        """


class Done:
    """The end of an iterator."""


DONE = Done()
