"""The objects of this worker that the program has handles of."""

from __future__ import annotations

import itertools

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.values import Handle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Handles whose type begins so are no objects of this table (spec/worker.md).
RESERVED = "amphis."


class Objects:
    """Objects by number, each alive until the program lets it go. For all threads.

    Numbers are never used again, so that a handle that outlived its object cannot mean another
    one. Adding, reading and removing are single steps of a dict, which need no lock.
    """

    __slots__ = ("_held", "_ids")

    def __init__(self) -> None:
        self._held: dict[int, object] = {}
        self._ids = itertools.count(1)

    def __len__(self) -> int:
        return len(self._held)

    def put(self, value: object) -> Handle:
        """Keep an object, and name it anew, also when it has a handle already."""
        number = next(self._ids)
        handle = Handle(number, type_name(value))
        self._held[number] = value
        return handle

    def get(self, number: int, kind: str = "") -> object:
        """The object of a handle.

        Raises:
            AmphisError: HANDLE_GONE
        """
        try:
            return self._held[number]
        except KeyError:
            raise _gone(number, kind) from None

    def release(self, numbers: Iterable[int]) -> None:
        """Let objects go. What their end runs, such as `__del__`, runs here."""
        for number in numbers:
            self._held.pop(number, None)


def type_name(value: object) -> str:
    """Module and name of an object's class, as handles say it."""
    kind = type(value)
    # Both can be anything in a class that was made by hand.
    name = f"{kind.__module__}.{kind.__qualname__}"
    # Classes of Amphis itself, so that they cannot be taken for something reserved.
    return f"python:{name}" if name.startswith(RESERVED) else name


def _gone(number: int, kind: str) -> AmphisError:
    reason = "it was let go, or another worker has it"
    of = f" of {kind}" if kind else ""
    return AmphisError(
        ErrorCode.HANDLE_GONE,
        f"Cannot use handle {number}{of}: {reason}",
        {"id": number, "type": kind, "reason": reason},
    )
