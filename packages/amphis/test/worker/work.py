"""What workers are asked to do in tests."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress
from typing import Any

from amphis import TypeScriptError


def echo(value: object = None) -> object:
    return value


def text(value: object) -> str:
    return repr(value)


def kind(value: object) -> str:
    return type(value).__name__


def describe(array: Any) -> list[object]:
    return [str(array.dtype), list(array.shape), array.tolist()]


def scaled(array: Any, factor: float) -> Any:
    return array * factor


def numbers(count: int, dtype: str = "float64") -> Any:
    import numpy as np

    return np.arange(count, dtype=dtype)


def table(rows: int) -> Any:
    import pyarrow as pa

    return pa.table({"a": list(range(rows))})


def rows_of(given: Any) -> int:
    return len(given)


def octets(count: int) -> bytes:
    return bytes(i & 255 for i in range(count))


class Counter:
    """A live object."""

    alive = 0

    def __init__(self, start: int = 0) -> None:
        self.value = start
        Counter.alive += 1

    def __del__(self) -> None:
        Counter.alive -= 1

    def add(self, count: int) -> int:
        self.value += count
        return self.value


def counter(start: int) -> Counter:
    return Counter(start)


def add(given: Counter, count: int) -> int:
    return given.add(count)


def alive() -> int:
    gc.collect()
    return Counter.alive


def both() -> list[object]:
    return [1, Counter(5), {"inner": Counter(6)}]


def fail(message: str) -> None:
    error = ValueError(message)
    raise error


def fail_with_cause() -> None:
    try:
        fail("inner")
    except ValueError as error:
        raise RuntimeError("outer") from error


def apply(function: Any, *args: object) -> object:
    return function(*args)


def apply_with_keyword(function: Any) -> object:
    return function(1, key="x")


def twice(function: Any) -> object:
    return [function(1), function(2)]


def from_thread(function: Any) -> object:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(function(7)))
    thread.start()
    thread.join()
    return found


def caught(function: Any) -> list[object]:
    try:
        function()
    except TypeScriptError as error:
        return [type(error).__name__, str(error), error.code, error.stack]
    return []


def caught_then_fails(function: Any) -> None:
    with suppress(TypeScriptError):
        function()
    raise KeyError("mine")


def wrapped(function: Any) -> None:
    try:
        function()
    except TypeScriptError as error:
        raise LookupError("mine") from error


def wrapped_twice(function: Any) -> None:
    try:
        try:
            function()
        except TypeScriptError as error:
            raise OSError("inner") from error
    except OSError as error:
        raise LookupError("outer") from error


def failed_meanwhile(function: Any) -> None:
    try:
        function()
    except TypeScriptError:
        raise LookupError("mine")  # noqa: B904 - a context is what it is for


def collect(items: Any) -> list[object]:
    return list(items)


def take(items: Any, count: int) -> list[object]:
    found = []
    for item in items:
        found.append(item)
        if len(found) == count:
            break
    return found


def count_to(limit: int) -> Any:
    yield from range(limit)


def arrays(count: int) -> Any:
    import numpy as np

    for number in range(count):
        yield np.full(20_000, number, dtype="float64")


def broken_stream(count: int) -> Any:
    yield from range(count)
    raise ValueError("the stream broke")


_ticks: list[int] = []


def ticked(count: int) -> int:
    """How often this was called with 1."""
    _ticks.extend([1] * count)
    return len(_ticks)


def spin(begun: Any = None) -> None:
    if begun is not None:
        begun()
    while True:
        pass


def shout(message: str) -> None:
    import logging

    print(message)
    logging.getLogger("app").warning("logged %s", message)


kept: list[object] = []


def keep(value: object) -> None:
    kept.append(value)


def drop() -> None:
    kept.clear()
    gc.collect()


def call_kept(*args: object) -> object:
    return kept[-1](*args)  # type: ignore[operator]


def die() -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
