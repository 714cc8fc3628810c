# ruff: noqa: ANN401, PLC0415 - values of any kind; what only one of them needs
"""What workers are asked to do in tests."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import amphis

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

events: list[str] = []
held: list[Any] = []
counter = {"value": 0}


def echo(value: Any = None) -> Any:
    return value


def named(**values: Any) -> Any:
    return values


def take_events() -> list[str]:
    taken, events[:] = list(events), []
    return taken


def note(text: str) -> int:
    events.append(text)
    return len(events)


class Thing:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __getitem__(self, key: Any) -> Any:
        return [self.value, key]

    def __del__(self) -> None:
        events.append(f"end of {self.value}")

    def add(self, other: Any) -> Any:
        return Thing(self.value + (other.value if isinstance(other, Thing) else other))

    async def later(self) -> Any:
        await asyncio.sleep(0)
        return self


def alive() -> int:
    gc.collect()
    return sum(isinstance(one, Thing) for one in gc.get_objects())


def fail(text: str) -> None:
    raise ValueError(text)


def leave(code: int) -> None:
    sys.exit(code)


def stop_iteration() -> None:
    raise StopIteration


def rebind() -> Any:
    """Give another function the name `bound`."""
    globals()["bound"] = lambda: "new"


def bound() -> str:
    return "old"


# What is broken off. `said` is called when it runs.


def sleep(said: Callable[..., Any]) -> None:
    said()
    time.sleep(60)


def spin(said: Callable[..., Any]) -> None:
    said()
    while True:
        pass


def read(said: Callable[..., Any]) -> None:
    reader, _writer = os.pipe()
    said()
    os.read(reader, 1)


def clean_up(said: Callable[..., Any]) -> None:
    try:
        said()
        time.sleep(60)
    except amphis.Cancelled as cancelled:
        events.append(f"cancelled: {cancelled}")
        raise
    finally:
        events.append("cleaned up")


def refuse_to_end(said: Callable[..., Any]) -> str:
    with suppress(amphis.Cancelled):
        said()
        while True:
            pass
    return "still here"


def turn_into_error(said: Callable[..., Any]) -> None:
    try:
        said()
        while True:
            pass
    except amphis.Cancelled:
        raise ValueError("not so") from None


async def sleep_async(said: Callable[..., Any]) -> None:
    try:
        await asyncio.to_thread(said)
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        events.append("async cancelled")
        raise


async def spin_async(said: Callable[..., Any]) -> None:
    await asyncio.sleep(0)
    said()
    while True:
        pass


# Streams.


def count_to(most: int) -> Iterator[int]:
    try:
        for number in range(most):
            events.append(f"made {number}")
            yield number
    finally:
        events.append("closed")


async def count_async(most: int) -> AsyncIterator[int]:
    try:
        for number in range(most):
            await asyncio.sleep(0)
            yield number
    finally:
        events.append("closed async")


def fail_at(index: int) -> Iterator[int]:
    yield from range(index)
    raise ValueError("no more")


def endless(said: Callable[..., Any]) -> Iterator[int]:
    yield 0
    said()
    while True:
        pass


def of_items(*items: Any) -> Iterator[Any]:
    yield from items


async def promised(most: int) -> list[int]:
    return list(range(most))


def calling(function: Callable[..., Any], most: int) -> Iterator[Any]:
    for number in range(most):
        yield function(number)


# Callbacks.


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def call_many(function: Callable[..., Any], count: int) -> list[Any]:
    return [function(number) for number in range(count)]


def call_in_threads(function: Callable[..., Any], count: int) -> list[Any]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(function, range(count)))


def call_later(function: Callable[..., Any], after: Callable[..., Any]) -> None:
    """Call it in a thread that goes on when this call has been answered."""

    def run() -> None:
        events.append(f"later {after()}")
        function("done")

    threading.Thread(target=run, daemon=True).start()


def call_and_catch(function: Callable[..., Any]) -> list[Any]:
    try:
        function()
    except amphis.TypeScriptError as error:
        return [error.code, error.message, error.stack, error.type, str(error)]
    return []


def keep(value: Any) -> None:
    counter["kept"] = value


def kept() -> Any:
    return counter.get("kept")


def drop() -> None:
    counter.pop("kept", None)
    gc.collect()


def take(iterable: Any, count: int | None = None) -> list[Any]:
    items: list[Any] = []
    for item in iterable:
        if len(items) == count:
            iterable.close()
            break
        items.append(item)
    return items


async def take_async(iterable: Any) -> list[Any]:
    return [item async for item in iterable]


def same(one: Any, other: Any) -> bool:
    return one is other


async def call_async(function: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.to_thread(function, *args)


async def call_in_loop(function: Callable[..., Any], *args: Any) -> Any:
    await asyncio.sleep(0)
    return function(*args)


# Several at a time.

gate = threading.Event()
opened = asyncio.Event()


def wait_for_gate() -> bool:
    return gate.wait(20)


def open_gate() -> None:
    gate.set()


async def wait_for_opened() -> bool:
    return await asyncio.wait_for(opened.wait(), 20)


def open_opened() -> None:
    opened.set()


def thread_name() -> str:
    return threading.current_thread().name


async def running_loop() -> int:
    return id(asyncio.get_running_loop())


def trace() -> str | None:
    return amphis.trace_context()


async def trace_async() -> str | None:
    await asyncio.sleep(0)
    return await asyncio.to_thread(amphis.trace_context)


def say(text: str) -> None:
    print(text)  # noqa: T201 - that is what is tested


def switch_interval() -> float:
    return sys.getswitchinterval()


def replace_stderr() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def hold_interpreter(said: Callable[..., Any]) -> int:
    """C code that keeps the interpreter for a long time."""
    said()
    return sum(range(10**12))


def at_exit(path: str) -> None:
    import atexit
    from pathlib import Path

    atexit.register(lambda: Path(path).write_text("left"))


def fork_and_wait() -> int:
    """A child that lives longer than the call; its pid."""
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    return pid


def forked_print(text: str) -> int:
    pid = os.fork()
    if pid == 0:
        print(text, flush=True)  # noqa: T201 - that is what is tested
        os._exit(0)
    return os.waitpid(pid, 0)[1]


# Context managers.


@contextmanager
def managed() -> Iterator[str]:
    events.append("entered")
    try:
        yield "inside"
    finally:
        events.append("left")


@asynccontextmanager
async def managed_async() -> AsyncIterator[str]:
    await asyncio.sleep(0)
    yield "inside async"
    events.append("left async")


def print_for_ever(said: Callable[..., Any]) -> None:
    said()
    while True:
        print("a line that is printed again and again")  # noqa: T201 - that is what is tested


def call_and_compare(function: Callable[..., Any], value: Any) -> bool:
    return function(value) is value


def call_with_too_much(function: Callable[..., Any]) -> Any:
    return function("x" * 200_000)


def call_beside_computing(function: Callable[..., Any], count: int) -> list[Any]:
    """Call it in a thread while this one computes."""
    results: list[Any] = []

    def run() -> None:
        results.extend(function(number) for number in range(count))

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        sum(range(100))
    return results


class Spinning:
    def __init__(self, said: Callable[..., Any]) -> None:
        self.said = said

    def __del__(self) -> None:
        self.said()
        while True:
            pass


def spin_in_finalizer(said: Callable[..., Any]) -> None:
    Spinning(said)
    while True:
        pass
