"""How readers of messages say that a peer sent something else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.refusal import depth_exceeded
from amphis._internal.errors import AmphisError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH: Final = 32
"""Readers of Protocol Buffers give up at 100 messages in each other; a level takes up to three."""
MAX_SAFE: Final = 2**53 - 1


class WrongShapeError(Exception):
    """A message is not what it should be. What is around it adds its step while this passes."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.steps: list[str] = []


class TooDeepError(Exception):
    """A message nests one level too many."""


@contextmanager
def reading(body: str) -> Iterator[None]:
    """Turn what a reader raises into BODY_INVALID with the path, or DEPTH_EXCEEDED."""
    try:
        yield
    except WrongShapeError as wrong:
        path = "$" + "".join(reversed(wrong.steps))
        raise AmphisError(
            ErrorCode.BODY_INVALID,
            f"Cannot read {body}: {path} must be {wrong.expected}",
            {"body": body, "path": path, "expected": wrong.expected},
        ) from None
    except TooDeepError:
        raise depth_exceeded("read", body, MAX_DEPTH) from None


@contextmanager
def at(step: str) -> Iterator[None]:
    """Name the part that is read."""
    try:
        yield
    except WrongShapeError as wrong:
        wrong.steps.append(step)
        raise


def safe(value: int) -> int:
    """Take a 64-bit field that must fit a float of TypeScript."""
    if value > MAX_SAFE:
        raise WrongShapeError(f"an int from 0 to {MAX_SAFE}")
    return value
