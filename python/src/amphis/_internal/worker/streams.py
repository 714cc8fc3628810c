"""Answers that go item by item, for the credit that the program gives."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.worker.awaiting import DONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from amphis._internal.worker.answers import Answers
    from amphis._internal.worker.requests import Options

__all__ = ["DONE", "Stream", "iterator_of"]


class Stream:
    """One answer that is under way. Without credit nothing of it runs.

    Attributes:
        call_id: of the call
        name: of what was called
        options: of the call
        iterator: what brings the items; None before the call has returned it
        is_async: whether that is an async iterator
        given: credit that the program gave; whoever hears of it counts, and nobody else
        is_busy: whether a thread makes items, or is about to
    """

    __slots__ = (
        "_answers",
        "_sequence",
        "call_id",
        "given",
        "is_async",
        "is_busy",
        "iterator",
        "name",
        "options",
    )

    def __init__(self, call_id: int, options: Options, answers: Answers) -> None:
        self.call_id = call_id
        self.options = options
        self.name = ""
        self.iterator: Any = None
        self.is_async = False
        self.is_busy = False
        self.given = 0
        self._answers = answers
        self._sequence = 0

    def open(self, name: str, iterator: object) -> None:
        """Take what `iterator_of` made."""
        self.name = name
        self.is_async = hasattr(type(iterator), "__anext__") and not hasattr(
            type(iterator), "__next__"
        )
        self.iterator = iterator

    def send(self, value: object) -> None:
        """Send the next item, or the end.

        Raises:
            AmphisError: the item cannot travel, or the channel is over
        """
        if value is DONE:
            self._answers.end(self.call_id, self._sequence)
            return
        self._answers.item(self.call_id, self._sequence, value, self.options.mode)
        self._sequence += 1

    @property
    def has_credit(self) -> bool:
        """Whether an item may be sent."""
        return self.given > self._sequence

    @property
    def closing(self) -> Any:  # noqa: ANN401 - a method of the user's generator
        """What ends the generator before its time; None for an iterator that is none."""
        iterator = self.iterator
        # Other things have a `close` too, such as files, which are not the stream's to close.
        if self.is_async:
            return getattr(iterator, "aclose", None) if hasattr(iterator, "athrow") else None
        return getattr(iterator, "close", None) if hasattr(iterator, "throw") else None


def iterator_of(value: Any, name: str) -> object:  # noqa: ANN401 - of the user
    """An iterator over it, async or not; this runs code of the user.

    Raises:
        AmphisError: STREAM_UNEXPECTED
    """
    if hasattr(type(value), "__iter__") or hasattr(type(value), "__getitem__"):
        return iter(value)
    if hasattr(type(value), "__next__") or hasattr(type(value), "__anext__"):
        return value
    if hasattr(type(value), "__aiter__"):
        return value.__aiter__()
    kind = type(value).__name__
    raise AmphisError(
        ErrorCode.STREAM_UNEXPECTED,
        f"Cannot stream {name}: what it returned is no iterable but of type {kind}",
        {"target": name, "received": kind},
    )
