"""A place inside a body: turns what a peer sent into an exact type, or fails with the path."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Final

MAX_SAFE: Final = 2**53 - 1


class Place:
    """What stands somewhere in a body. Every method raises BODY_INVALID for anything else."""

    __slots__ = ("_body", "_path", "value")

    def __init__(self, body: str, value: object, path: str = "$") -> None:
        self.value = value
        self._body = body
        self._path = path

    @property
    def is_absent(self) -> bool:
        """Tell whether nothing stands here: nil, or no such key."""
        return self.value is None

    def invalid(self, expected: str) -> AmphisError:
        """The error of this place."""
        return AmphisError(
            ErrorCode.BODY_INVALID,
            f"Cannot read {self._body}: {self._path} must be {expected}",
            {"body": self._body, "path": self._path, "expected": expected},
        )

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.invalid("a string")
        return self.value

    def one_of(self, names: Collection[str]) -> str:
        """One of these strings."""
        if not isinstance(self.value, str) or self.value not in names:
            raise self.invalid(" or ".join(f'"{name}"' for name in names))
        return self.value

    def number(self) -> float:
        """A float or an int; a bool is none."""
        if not isinstance(self.value, (int, float)) or isinstance(self.value, bool):
            raise self.invalid("a number")
        return self.value

    def boolean(self) -> bool:
        """A bool."""
        if not isinstance(self.value, bool):
            raise self.invalid("a bool")
        return self.value

    def integer(self, least: int, most: int) -> int:
        """An int within limits; a bool is none."""
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.invalid(f"an int from {least} to {most}")
        return value

    def octets(self, length: int) -> bytes:
        """So many bytes."""
        if not isinstance(self.value, bytes) or len(self.value) != length:
            raise self.invalid(f"{length} bytes")
        return self.value

    def items(self) -> list[object]:
        """A list."""
        if not isinstance(self.value, list):
            raise self.invalid("a list")
        return self.value

    def array(self, least: int) -> list[Place]:
        """The elements as places; more than needed is fine, for bodies grow at their end."""
        items = self.items()
        if len(items) < least:
            raise self.invalid(f"a list of {least} or more")
        return [Place(self._body, item, f"{self._path}[{i}]") for i, item in enumerate(items)]

    def map(self) -> dict[str, object]:
        """A map whose keys are all strings."""
        if not isinstance(self.value, dict) or not all(isinstance(key, str) for key in self.value):
            raise self.invalid("a map with string keys")
        return self.value

    def key(self, name: str) -> Place:
        """What stands under a key of this map."""
        return Place(self._body, self.map().get(name), f"{self._path}.{name}")

    def texts(self) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(place.text() for place in self.array(0))
