"""Awaits what calls return, where the thread that runs them has no event loop running."""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable
    from typing import Any, TypeGuard

    from amphis._internal.worker.cancel import Guard

# Returned for the end of an async iterator.
DONE = object()


class Awaited:
    """What a thread awaits right now, so that it can be cancelled as coroutines are."""

    __slots__ = ("_loop", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[object]) -> None:
        self._loop = loop
        self._task = task

    def cancel_here(self) -> bool:
        """Cancel it, in the thread that runs the loop; False while its own code runs.

        Then that code can be broken off like any other, which is not so for the loop's.
        """
        import asyncio  # noqa: PLC0415 - something is awaited, so it is loaded

        if asyncio.current_task(self._loop) is self._task:
            return False
        self._task.cancel()
        # It may be asleep.
        self._loop.call_soon_threadsafe(_nothing)
        return True

    def cancel(self) -> None:
        """Cancel it, from any other thread."""
        try:
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:
            # The loop is closed, so nothing is awaited any more.
            return


class Awaiting:
    """Event loops of the threads that run calls: one each, kept from call to call."""

    def __init__(self) -> None:
        self._local = threading.local()

    def run(self, awaitable: Awaitable[object], guard: Guard) -> object:
        """Await something, to the end of it; raises what it raises."""
        import asyncio  # noqa: PLC0415 - most workers never need it

        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - as no other call returns None
            # Nested work within a coroutine, which waits below on this stack.
            return _run_elsewhere(awaitable)
        loop = self._loop()
        task = loop.create_task(_wait(awaitable))
        guard.awaited = Awaited(loop, task)
        try:
            return loop.run_until_complete(task)
        finally:
            guard.awaited = None
            if not task.done():
                task.cancel()

    def next(self, iterator: Any, guard: Guard) -> object:  # noqa: ANN401 - of the user
        """The next item of an async iterator, or `DONE`."""
        return self.run(next_of(iterator), guard)

    def _loop(self) -> asyncio.AbstractEventLoop:
        import asyncio  # noqa: PLC0415 - as above

        loop: asyncio.AbstractEventLoop | None = getattr(self._local, "loop", None)
        if loop is None or loop.is_closed():
            loop = self._local.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
        return loop


async def next_of(iterator: Any) -> object:  # noqa: ANN401 - of the user
    """The next item of an async iterator, or `DONE`."""
    try:
        return await iterator.__anext__()
    except StopAsyncIteration:
        return DONE


def is_awaitable(value: object) -> TypeGuard[Awaitable[object]]:
    """Whether it is something to be awaited."""
    return hasattr(type(value), "__await__")


async def _wait(awaitable: Awaitable[object]) -> object:
    return await awaitable


def _run_elsewhere(awaitable: Awaitable[object]) -> object:
    import asyncio  # noqa: PLC0415 - as above
    from concurrent.futures import Future  # noqa: PLC0415 - as above
    from contextvars import copy_context  # noqa: PLC0415 - as above

    result: Future[object] = Future()
    loop = asyncio.new_event_loop()
    task = loop.create_task(_wait(awaitable))

    def run() -> None:
        try:
            result.set_result(loop.run_until_complete(task))
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            result.set_exception(error)
        finally:
            loop.close()

    threading.Thread(target=copy_context().run, args=(run,), daemon=True).start()
    try:
        return result.result()
    finally:
        if not result.done():
            Awaited(loop, task).cancel()


def _nothing() -> None:
    """Wakes the loop."""
