"""Work of all kinds, each of which can be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def same(value: object) -> object:
    return value


def total(array: Any) -> float:
    return float(sum(memoryview(array)))


def ask(function: Callable[[int], int], value: int) -> int:
    return function(value) + 1


def count(to: int) -> Iterator[int]:
    yield from range(to)


def fail(value: int) -> None:
    raise ValueError(f"wanted {value}")
