"""Shapes of what a module may have."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json as json
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, Protocol, TypedDict, TypeVar, overload

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")

LIMIT = 12
NAMES: dict[str, int] = {}
type_of_price: "Decimal | None" = None


@overload
def pick(items: list[T], at: int) -> T: ...
@overload
def pick(items: list[T], at: slice = ...) -> list[T]: ...
def pick(items, at=None):
    """Pick one or several."""


async def fetch(url: str, *, retries: int = 3) -> bytes:
    """Fetch.

    Args:
        url: Where it is.
        retries (int): How often.

    Returns:
        What is there.

    Raises:
        OSError: It is not there.

    Examples:
        >>> fetch("http://localhost")
    """
    return b""


def count(upTo: int) -> Iterator[int]:
    yield upTo


async def ticks() -> AsyncIterator[float]:
    yield 0.0


@contextlib.contextmanager
def opened(name: Literal["a", "b"]) -> Iterator[bytes]:
    yield b""


def old(value: int) -> int:
    """Old.

    .. deprecated:: 2.0
       Use count in its place.
    """
    return value


def warned(value: int) -> int:
    warnings.warn("Use count", DeprecationWarning, stacklevel=2)
    return value


def priced(price: Decimal | None = None, then: Callable[[int], str] = str) -> tuple[int, ...]:
    return ()


class Base:
    def shared(self) -> int:
        return 1


class _Hidden(Base):
    def inherited(self, value: Unknown) -> str:  # noqa: F821
        return ""


class Box(_Hidden, Generic[T]):
    """A box.

    :param content: What is in it.
    """

    size: int = 1
    kind: ClassVar[str] = "box"

    class Lid:
        def lift(self) -> None: ...

    def __init__(self, content: T, *, weight: float = 0.5) -> None:
        self.content = content

    @property
    def open(self) -> bool:
        raise RuntimeError("nobody asks an instance")

    @property
    def label(self) -> str:
        return ""

    @label.setter
    def label(self, value: str) -> None: ...

    @classmethod
    def of(cls, content: T) -> Box[T]: ...

    @staticmethod
    def volume(a: float, b: float, /) -> float: ...

    def __len__(self) -> int:
        return 0

    def _private(self) -> None: ...


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Problem(ValueError):
    pass


class Readable(Protocol):
    def read(self) -> bytes: ...


class Movie(TypedDict):
    title: str


Case = Box
