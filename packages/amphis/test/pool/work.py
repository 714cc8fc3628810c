"""Functions that the tests of the pool call."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_state: dict[str, object] = {}
_libc = ctypes.PyDLL(None)


def echo(value: object) -> object:
    """Answer with what it was given."""
    return value


def pid() -> int:
    """Number of this process."""
    return os.getpid()


def put(key: str, value: object) -> None:
    """Keep something in this process."""
    _state[key] = value


def get(key: str) -> object:
    """What was kept in this process."""
    return _state.get(key)


def nap(seconds: float) -> float:
    """Sleep, and answer with how long."""
    time.sleep(seconds)
    return seconds


def wait_for(path: str) -> str:
    """Wait until a file is there."""
    while not Path(path).exists():
        time.sleep(0.002)
    return path


def mark_and_wait(mark: str, path: str) -> str:
    """Make a file, so that others know that this has begun, and wait for another."""
    Path(mark).touch()
    return wait_for(path)


def append(path: str, text: str) -> None:
    """Write a line to a file."""
    with Path(path).open("a") as file:
        file.write(text + "\n")


def segfault(_value: object = None) -> None:
    """Read at address 0."""
    ctypes.string_at(0)


def leave(code: int) -> None:
    """End the process without ado."""
    os._exit(code)


def abort() -> None:
    """End it as C code does that finds itself wrong."""
    os.abort()


def kill_itself(name: str) -> None:
    """End it by a signal."""
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(60)


def complain_and_leave(text: str) -> None:
    """Write to standard error and end."""
    os.write(2, text.encode())
    os._exit(3)


def crash_once(path: str) -> str:
    """Crash the first time."""
    if not Path(path).exists():
        Path(path).touch()
        ctypes.string_at(0)
    return "done"


def spin() -> None:
    """Compute for ever in Python."""
    while True:
        pass


def spin_stubbornly(mark: str) -> None:
    """Compute for ever, whatever is raised."""
    while True:
        with contextlib.suppress(BaseException):
            Path(mark).touch()
            while True:
                time.sleep(0.01)


def hold() -> None:
    """Wait in C with the interpreter held, for what never comes."""
    read, _write = os.pipe()
    _libc.read(read, ctypes.create_string_buffer(1), 1)


def hold_for(seconds: float) -> int:
    """Sleep in C with the interpreter held, until a signal comes."""
    return _libc.usleep(int(seconds * 1e6))


def stop_itself() -> None:
    """Stop this process as a debugger does."""
    os.kill(os.getpid(), signal.SIGSTOP)


def hog(count: int) -> int:
    """Take memory until there is no more."""
    held = [bytearray(16 << 20) for _ in range(count)]
    return len(held)


def grow(count: int) -> int:
    """Keep so many bytes more."""
    kept = _state.setdefault("grown", [])
    kept.append(b"x" * count)
    return len(kept)


def crash_in_thread() -> str:
    """Answer, and crash a moment later."""
    threading.Timer(0.05, lambda: ctypes.string_at(0)).start()
    return "answered"


def count_to(end: int) -> Iterator[int]:
    """A stream of numbers."""
    yield from range(end)


def count_and_tell(path: str) -> Iterator[int]:
    """A stream that says when it was closed, not at once."""
    try:
        yield from range(1_000_000)
    finally:
        time.sleep(0.02)
        append(path, "closed")


def count_stubbornly(path: str) -> Iterator[int]:
    """A stream that is closed when a file is there."""
    try:
        yield from range(1_000_000)
    finally:
        wait_for(path)


def count_and_fail(end: int) -> Iterator[int]:
    """A stream that ends in an exception."""
    yield from range(end)
    raise ValueError(end)


def count_and_crash(end: int) -> Iterator[int]:
    """A stream that does not end well."""
    yield from range(end)
    ctypes.string_at(0)


def environment(name: str) -> str | None:
    """A variable of this process."""
    return os.environ.get(name)


def say(text: str) -> None:
    """Write to descriptor 1 itself."""
    os.write(1, text.encode())


def apply(function: object, value: object) -> object:
    """Call a function of the program."""
    return function(value)


def apply_in_threads(function: object, count: int) -> list[list[object]]:
    """Call a function of the program in so many threads at once, and say what each got."""
    answers: list[list[object]] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append([threading.get_ident(), function(n)]))
        for n in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def apply_twice(function: object, value: object) -> object:
    """Call a function of the program, within what it asks for."""
    return [threading.get_ident(), function(value)]


def ident() -> int:
    """The thread that this runs in."""
    return threading.get_ident()


def train(steps: int, fails: object = None) -> int:
    """A piece of work that tells how far it is."""
    import amphis

    with amphis.operation("train", model="tiny", library="none", device="cpu") as op:
        for step in range(steps):
            op.report(step=step, batch=8, loss=1 / (step + 1))
        op.report(output_tokens=7, accuracy=0.5)
        if fails == "raise":
            raise ValueError("no convergence")
        if fails == "die":
            os._exit(4)
    return steps


def train_in_thread(steps: int) -> int:
    """The same in a thread of the user's own."""
    thread = threading.Thread(target=train, args=(steps,))
    thread.start()
    thread.join()
    return steps


async def train_async(steps: int) -> int:
    """The same in a coroutine."""
    await asyncio.sleep(0)
    return train(steps)


def is_heard() -> bool:
    """Whether this process tells of operations."""
    from amphis._internal.worker.telling import TELLING

    return TELLING.is_on


def thing() -> object:
    """A live object."""
    return Thing()


class Thing:
    """Something that cannot travel."""

    def __init__(self) -> None:
        self.pid = os.getpid()


def pid_of(held: Thing) -> int:
    """Where a live object lives."""
    return held.pid


def modules() -> list[str]:
    """What is loaded."""
    return list(sys.modules)


def leave_if(path: str, is_end: object) -> None:
    """Write a line, or end the process."""
    if is_end:
        os._exit(9)
    append(path, "x")


def write_or_wait(mark: str, path: str) -> str:
    """Make a file, and wait for another if one is named."""
    Path(mark).touch()
    if path:
        wait_for(path)
    return mark


def note_or_wait(log: str, text: str, path: str) -> str:
    """Write a line, and wait for a file if one is named."""
    append(log, text)
    if path:
        wait_for(path)
    return text


def apply_noted(log: str, text: str, function: object) -> object:
    """Write a line, and call a function of the program."""
    append(log, text)
    return function(text)


def echo_slowly(value: object) -> object:
    """Answer a millisecond later."""
    time.sleep(0.001)
    return value


_met: list[asyncio.Future[None]] = []


async def meet(count: int) -> int:
    """Wait until so many of these run at the same time."""
    _met.append(asyncio.get_running_loop().create_future())
    if len(_met) == count:
        for future in _met:
            future.set_result(None)
    await _met[-1]
    return count


def foretell_end(path: str, number: int) -> None:
    """Say that a signal ends this process, and go on until somebody ends it; 0: do not."""
    Path(path).write_text(str(os.getpid()))
    if number == 0:
        return
    control = next(each for each in gc.get_objects() if isinstance(each, Control))
    event = msgpack().encode({"event": "fatal", "signal": number})
    control.send(FrameKind.EVENT, event)
    while True:
        time.sleep(0.01)


def is_loaded(module: str) -> bool:
    """Whether this process has loaded a module."""
    return module in sys.modules


def is_running(path: str) -> bool:
    """Whether the process whose number is there runs."""
    try:
        os.kill(int(Path(path).read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def hold_after(begun: Callable[[], None]) -> None:
    begun()
    time.sleep(3_600)
