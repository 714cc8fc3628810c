"""Functions that tell how often they were called."""

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

counts: dict[str, int] = {}
running = [0, 0]
_teardown_files: list[str] = []
_lock = threading.Lock()


def count(name: str) -> None:
    with _lock:
        counts[name] = counts.get(name, 0) + 1


def called(name: str) -> int:
    return counts.get(name, 0)


def square(x: float, *, plus: float = 0) -> float:
    count("square")
    return x * x + plus


def listed(*args: object, **kwargs: object) -> dict[str, object]:
    count("listed")
    return {"args": list(args), "kwargs": kwargs, "count": counts["listed"]}


def total(values: list[float]) -> float:
    count("total")
    return float(sum(values))


def zeros(length: int) -> Any:
    import numpy as np

    count("zeros")
    return np.zeros(length)


def noise(length: int) -> Any:
    import numpy as np

    count("noise")
    return np.random.default_rng(length).random(length)


def tale(lines: int) -> str:
    count("tale")
    return "".join(f"{line}: it was said again, and nobody listened\n" for line in range(lines))


def thing() -> object:
    count("thing")
    return object()


def fail(reason: str = "wrong") -> None:
    count("fail")
    raise ValueError(reason)


def pid() -> int:
    return os.getpid()


def add(a: int, b: int = 1) -> int:
    count("add")
    return a + b


def add_many(calls: list[tuple[int, int]]) -> list[int]:
    count("add_many")
    return [a + b for a, b in calls]


def too_few(_calls: list[tuple[int, int]]) -> list[int]:
    return [0]


def picky(x: int) -> int:
    if x < 0:
        message = f"{x} is below 0"
        raise ValueError(message)
    return x


def slow(seconds: float = 0.05) -> int:
    with _lock:
        running[0] += 1
        running[1] = max(running)
    time.sleep(seconds)
    with _lock:
        running[0] -= 1
    return running[1]


def items(n: int) -> Iterator[int]:
    yield from range(n)


async def later(x: int) -> int:
    return x


def tell_teardown(path: str) -> None:
    _teardown_files.append(path)


def torn_down() -> None:
    for path in _teardown_files:
        with open(path, "a") as file:
            file.write("torn down\n")


def get_sick() -> None:
    count("sick")


class nested:  # noqa: N801 - as small names of libraries are
    @staticmethod
    def inner(x: int) -> int:
        return x + 1

    @staticmethod
    def hidden() -> str:
        return "hidden"
