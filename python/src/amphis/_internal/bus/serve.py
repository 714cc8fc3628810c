"""Waits until a bus ends, or somebody tells the program to."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from amphis._internal.bus.workers import run

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

    from amphis._internal.bus.holder import Holder
    from amphis._internal.bus.member import Member

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def until_told(member: Member, holder: Holder) -> None:
    """Wait; the first signal drains the bus, a second one closes it.

    Raises:
        AmphisError: what ended the bus, when that was not this side
    """
    told = threading.Event()
    finished = threading.Event()
    draining = threading.Thread(
        target=_drain, args=(holder, told, finished), name="amphis-drain", daemon=True
    )

    def tell() -> None:
        if told.is_set():
            # Not from here: a signal may come in the middle of anything.
            threading.Thread(target=run, args=(holder.close(),), daemon=True).start()
        told.set()

    draining.start()
    with _on_signals(tell):
        try:
            run(holder.ended())
        finally:
            finished.set()
            told.set()
            draining.join()
    member.raise_failure()


async def until_told_in_loop(member: Member, holder: Holder) -> None:
    """As `until_told`, in a loop of asyncio."""
    loop = asyncio.get_running_loop()
    endings: list[asyncio.Task[None]] = []

    def tell() -> None:
        ending = holder.close() if endings else holder.drain(None)
        endings.append(loop.create_task(ending))

    numbers = SIGNALS if threading.current_thread() is threading.main_thread() else ()
    for number in numbers:
        loop.add_signal_handler(number, tell)
    try:
        await holder.ended()
        if endings:
            await asyncio.wait(endings)
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
    member.raise_failure()


def _drain(holder: Holder, told: threading.Event, finished: threading.Event) -> None:
    told.wait()
    if not finished.is_set():
        run(holder.drain(None))


@contextmanager
def _on_signals(act: Callable[[], None]) -> Generator[None]:
    """Have the signals of the end call something, where this thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    before: list[Any] = [signal.signal(number, handle) for number in SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
