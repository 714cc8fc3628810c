"""What the tests of calls use in Python."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from amphis import trace_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

events: list[str] = []


class Basket:
    """Holds items, by name."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.items: dict[str, int] = {}

    def add(self, name: str, count: int = 1) -> Basket:
        self.items[name] = self.items.get(name, 0) + count
        return self

    def __len__(self) -> int:
        return sum(self.items.values())

    def __getitem__(self, name: str) -> int:
        return self.items[name]

    def __setitem__(self, name: str, count: int) -> None:
        self.items[name] = count

    def __delitem__(self, name: str) -> None:
        del self.items[name]

    def __contains__(self, name: str) -> bool:
        return name in self.items

    def __iter__(self) -> Iterator[str]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"Basket({self.owner!r})"

    def then(self) -> str:
        return "a method that is called then"


def greet(name: str, *, polite: bool = False) -> str:
    return f"Good day, {name}" if polite else f"Hi {name}"


def count_up(to: int, closed: Callable[[], object] | None = None) -> Iterator[int]:
    try:
        yield from range(to)
    finally:
        if closed is not None:
            closed()


async def count_up_async(to: int) -> AsyncIterator[int]:
    for number in range(to):
        await asyncio.sleep(0)
        yield number


async def later(value: object) -> object:
    await asyncio.sleep(0)
    return value


def apply(function: Callable[..., Any], *args: object) -> object:
    return function(*args)


def traces() -> Iterator[str | None]:
    yield trace_context()


def total(numbers: Iterable[int]) -> int:
    return sum(numbers)


@contextlib.contextmanager
def transaction(log: list[str]) -> Iterator[str]:
    log.append("begin")
    try:
        yield "open"
    except ValueError:
        log.append("forgiven")
    except BaseException as error:
        log.append(f"rolled back for {type(error).__name__}: {error}")
        raise
    else:
        log.append("committed")


@contextlib.asynccontextmanager
async def async_transaction(log: list[str]) -> AsyncIterator[str]:
    log.append("begin")
    yield "open"
    log.append("committed")


def sleep_long() -> None:
    time.sleep(60)


def deep(text: str) -> int:
    return inner(text)


def inner(text: str) -> int:
    return int(text)
