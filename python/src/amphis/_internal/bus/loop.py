"""A member in an event loop of asyncio: waits are futures, handlers are tasks."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from amphis._internal.bus.runtime import DONE, Interruptible, Link
from amphis._internal.channel.loop_connect import connect_loop_rings
from amphis._internal.transport.address import SharedAddress
from amphis._internal.transport.loop_link import connect_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from amphis._internal.bus.options import BusOptions, Destination
    from amphis._internal.bus.session import Session
    from amphis._internal.transport.waiting import Waiter

# So many things that do not wait may follow each other before others in the loop have a turn.
_BREATH = 16


class LoopWaiter:
    """A future for one wait; see `Waiter`."""

    __slots__ = ("_future", "_is_set", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._is_set = False
        self._future: asyncio.Future[None] | None = None

    def wake(self) -> None:
        """End the wait, now or when it begins."""
        self._is_set = True
        future = self._future
        if future is not None and not future.done():
            future.set_result(None)

    async def wait(self, timeout: float | None) -> bool:
        """Wait for the wake, or for so many seconds."""
        if not self._is_set and (timeout is None or timeout > 0):
            self._future = self._loop.create_future()
            timer = None if timeout is None else self._loop.call_later(timeout, self._time_over)
            try:
                await self._future
            finally:
                self._future = None
                if timer is not None:
                    timer.cancel()
        was_set, self._is_set = self._is_set, False
        return was_set

    def _time_over(self) -> None:
        future = self._future
        if future is not None and not future.done():
            future.set_result(None)


class LoopRuntime:
    """See `Runtime`. Everything happens in one loop, so nothing needs a lock."""

    def __init__(self) -> None:
        self.lock: AbstractContextManager[object] = nullcontext()
        self.loop = asyncio.get_running_loop()
        self._main: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._breaths = 0

    def start(self, flow: Coroutine[Any, Any, None]) -> None:
        """Give the flow that keeps the connection its task."""
        self._main = self.loop.create_task(flow)

    def waiter(self) -> Waiter:
        """Make something to wait with."""
        return LoopWaiter(self.loop)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something as a task."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def defer(self, act: Callable[[], None]) -> None:
        """Run something soon in the loop; from any thread, as finalizers run in any."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(act)

    def stop(self) -> None:
        """End attempts to connect, and everything that was spawned."""
        if self._main is not None:
            self._main.cancel()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()

    async def stopped(self) -> None:
        """Wait until every task has ended, but the one that asks."""
        tasks = {*self._tasks, *([] if self._main is None else [self._main])}
        tasks.discard(asyncio.current_task())
        if tasks:
            await asyncio.wait(tasks)

    async def breathe(self) -> None:
        """Let others in the loop have a turn, now and then."""
        self._breaths += 1
        if self._breaths % _BREATH == 0:
            await asyncio.sleep(0)

    async def invoke(self, function: Callable[..., object], *arguments: object) -> object:
        """Call code of the user, and wait for it when it is async."""
        value = function(*arguments)
        if hasattr(value, "__await__"):
            return await value
        return value

    async def pull(self, source: object) -> object:
        """Take the next item of an iterator, async or not."""
        step = getattr(source, "__anext__", None)
        if step is None:
            return next(source, DONE)  # type: ignore[call-overload] # checked before
        try:
            item: object = await step()
        except StopAsyncIteration:
            return DONE
        return item

    async def dispose(self, source: object) -> None:
        """Close a generator, async or not."""
        aclose = getattr(source, "aclose", None)
        if aclose is not None:
            await aclose()
            return
        close = getattr(source, "close", None)
        if close is not None:
            close()

    def iterator(self, source: object) -> object:
        """Begin to iterate, async or not."""
        begin = getattr(source, "__aiter__", None)
        return iter(source) if begin is None else begin()  # type: ignore[call-overload]

    def is_stream(self, value: object) -> bool:
        """An iterator is a stream, async or not; a list is a value."""
        return hasattr(value, "__anext__") or hasattr(value, "__next__")

    def check_handler(self, handler: object) -> None:
        """Refuse what cannot be called."""
        if not callable(handler):
            raise TypeError(f"Cannot use handler: {handler!r} cannot be called")

    @contextmanager
    def guard(self, work: Interruptible) -> Generator[None]:
        """Cancel the task within when nobody waits for its work any more."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Cannot guard work: it runs in no task")
        is_interrupted = False

        def interrupt() -> None:
            nonlocal is_interrupted
            is_interrupted = True
            task.cancel()

        left = work.time_left
        timer = None if left is None else self.loop.call_later(left, interrupt)
        work.interrupt = interrupt
        try:
            yield
        except asyncio.CancelledError:
            # Cancelled by somebody else, the loop for one, when it was not interrupted.
            if not is_interrupted:
                raise
            _uncancel(task)
            raise work.why_over() from None
        finally:
            work.interrupt = None
            if timer is not None:
                timer.cancel()

    async def connect(
        self, destination: Destination, options: BusOptions, begin: Callable[[], Session]
    ) -> Link:
        """Open a connection."""
        address = destination.address
        if isinstance(address, SharedAddress):
            return await connect_loop_rings(
                self.loop,
                destination.text,
                address,
                options.connect_timeout,
                options.max_frame_bytes,
                begin,
            )
        return await connect_loop(
            self.loop,
            destination.text,
            address,
            options.connect_timeout,
            options.ssl_context,
            begin,
        )


def _uncancel(task: asyncio.Task[Any]) -> None:
    # From Python 3.11 on, a task counts who cancelled it.
    uncancel = getattr(task, "uncancel", None)
    if uncancel is not None:
        uncancel()
