# ruff: noqa: ANN401 - payloads, requests and options of tests are of any kind
"""Both shells behind one face, so that each claim is tested for both."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from amphis import AmphisError, ErrorCode
from amphis.bus import BusOptions, open_bus, open_bus_async

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    import pytest
    from typing_extensions import Self

    from amphis.bus import AsyncBus, AsyncStream, BusStats

T = TypeVar("T")
WAIT = 20.0


def until(reached: Callable[[], object], what: str = "what is waited for") -> None:
    """Wait for something that has no event of its own, with a watchdog."""
    watchdog = time.monotonic() + WAIT
    pause = threading.Event()
    while not reached():
        assert time.monotonic() < watchdog, f"{what} did not happen"
        pause.wait(0.002)


def code_of(caught: pytest.ExceptionInfo[AmphisError]) -> str:
    code = caught.value.code
    return code.value if isinstance(code, ErrorCode) else code


def with_enough_time(attempt: Callable[[float], object]) -> int:
    """Attempt with more and more time until something came of it, and return how often.

    On a loaded machine a short time may be over before what it limits has begun.
    """
    attempts, timeout = 1, 0.05
    while not attempt(timeout):
        attempts, timeout = attempts + 1, timeout * 2
    return attempts


class Gate:
    """Handlers wait at it until it opens; it knows how many do."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.arrived = 0
        self.cancelled = 0

    def open(self) -> None:
        self.opened.set()

    def handler(self, shell: str) -> Callable[[Any, Any], Any]:
        """A handler that waits at the gate, or until it is cancelled, and answers its payload."""

        def blocking(payload: object, request: Any) -> object:
            self.arrived += 1
            while not self.opened.wait(0.002):
                if request.cancelled:
                    self.cancelled += 1
                    request.check()
            return payload

        async def waiting(payload: object, _request: object) -> object:
            self.arrived += 1
            try:
                while not self.opened.is_set():  # noqa: ASYNC110 - opened by another thread
                    await asyncio.sleep(0.002)
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
            return payload

        return blocking if shell == "threads" else waiting


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, flow: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(flow, self.loop).result(WAIT * 2)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class BusFace(Protocol):
    """What tests use of a bus, by the names of `Bus`."""

    stats: BusStats
    request: Callable[..., Any]
    stream: Callable[..., Any]
    send: Callable[..., None]
    publish: Callable[..., None]
    subscribe: Callable[..., Any]
    register: Callable[..., Any]
    route: Callable[..., Any]
    find: Callable[..., Any]
    watch: Callable[..., Any]
    health: Callable[..., Any]
    report: Callable[..., None]
    drain: Callable[..., None]
    close: Callable[[], None]


class LoopStream:
    def __init__(self, loop: Loop, stream: AsyncStream) -> None:
        self.loop, self.stream = loop, stream

    def __iter__(self) -> Iterator[object]:
        return self

    def __next__(self) -> object:
        async def step() -> tuple[bool, object]:
            try:
                return True, await self.stream.__anext__()
            except StopAsyncIteration:
                return False, None

        more, item = self.loop.run(step())
        if not more:
            raise StopIteration
        return item

    def close(self) -> None:
        self.loop.run(self.stream.close())


class LoopHeld:
    """A subscription, endpoint or route of an `AsyncBus`."""

    def __init__(self, loop: Loop, held: Any) -> None:
        self.loop, self.held = loop, held

    def __getattr__(self, name: str) -> Any:
        return getattr(self.held, name)

    def report(self, *arguments: Any) -> None:
        self.loop.run(self.held.report(*arguments))

    def close(self) -> None:
        self.loop.run(self.held.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LoopBus:
    """An `AsyncBus` with the face of a `Bus`."""

    def __init__(self, loop: Loop, bus: AsyncBus) -> None:
        self.loop, self.bus = loop, bus

    def __getattr__(self, name: str) -> Any:
        act = getattr(self.bus, name)
        if not callable(act):
            return act

        def call(*arguments: Any, **options: Any) -> Any:
            async def flow() -> Any:
                value = act(*arguments, **options)
                return await value if hasattr(value, "__await__") else value

            value = self.loop.run(flow())
            if name == "stream":
                return LoopStream(self.loop, value)
            if name in ("subscribe", "register", "route", "watch"):
                return LoopHeld(self.loop, value)
            return value

        return call

    def report(self, endpoint: LoopHeld, *arguments: Any) -> None:
        self.loop.run(self.bus.report(endpoint.held, *arguments))


class Shell:
    """Opens buses of one kind: `threads` or `loop`; closes them all at the end."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.buses: list[BusFace] = []
        self.loop = Loop() if kind == "loop" else None

    def open(self, address: str, name: str = "member", **options: Any) -> BusFace:
        chosen = BusOptions(**{"timeout": WAIT, **options})
        bus: Any
        if self.loop is None:
            bus = open_bus(address, name=name, options=chosen)
        else:

            async def flow() -> AsyncBus:
                return await open_bus_async(address, name=name, options=chosen)

            bus = LoopBus(self.loop, self.loop.run(flow()))
        face: BusFace = bus
        self.buses.append(face)
        return face

    def close(self) -> None:
        for bus in self.buses:
            bus.close()
        if self.loop is not None:
            self.loop.close()
