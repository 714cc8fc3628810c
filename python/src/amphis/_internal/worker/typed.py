"""Values of types that the program has given a form of their own.

They travel as a pair: a reserved handle that names the serializer, and plain values
(spec/worker.md).
"""

from __future__ import annotations

import sys

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.values import Handle
from amphis._internal.worker.names import names_of_worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PREFIX = "amphis.typed:"

_REASON = 400


class Serializer:
    """Both ways of one type."""

    __slots__ = ("from_plain", "handle", "kind", "name", "to_plain", "type_name")

    def __init__(self, name: str, type_name: str, to_plain: str, from_plain: str | None) -> None:
        self.name = name
        self.type_name = type_name
        self.to_plain = to_plain
        self.from_plain = from_plain
        self.handle = Handle(0, PREFIX + name)
        self.kind: type | None = None


class Marker:
    """Stands in a pair that came, until the whole pair is what it means."""

    __slots__ = ("serializer",)

    def __init__(self, serializer: Serializer) -> None:
        self.serializer = serializer


serializers: dict[str, Serializer] = {}
"""By name; empty in most workers."""


def register(given: list[dict[str, Any]]) -> None:
    """Have values of these types converted from now on."""
    for each in given:
        name = each["name"]
        serializers[name] = Serializer(name, each["type"], each["toPlain"], each.get("fromPlain"))


def serializer_of(value: object) -> Serializer | None:
    """The serializer of a value's type, or of the nearest type that it is derived from."""
    best: Serializer | None = None
    line = type(value).__mro__
    place = len(line)
    for each in serializers.values():
        kind = each.kind or _resolve(each)
        if kind is not None and kind in line and line.index(kind) < place:
            best, place = each, line.index(kind)
    return best


def to_plain(serializer: Serializer, value: object) -> Any:  # noqa: ANN401 - what the function gives
    """Make plain values of an object.

    Raises:
        AmphisError: SERIALIZER_FAILED
    """
    return _convert(serializer, serializer.to_plain, value, "toPlain in Python")


def marker(handle: Handle) -> Marker:
    """What stands for the serializer that a handle names.

    Raises:
        AmphisError: SERIALIZER_FAILED when there is none
    """
    name = handle.type[len(PREFIX) :]
    serializer = serializers.get(name)
    if serializer is None:
        raise _failed(name, "registration", "this worker has none of this name")
    return Marker(serializer)


def from_plain(mark: Marker, value: object) -> Any:  # noqa: ANN401 - what the function gives
    """Make an object of plain values.

    Raises:
        AmphisError: SERIALIZER_FAILED
    """
    serializer = mark.serializer
    if serializer.from_plain is None:
        raise _failed(serializer.name, "fromPlain in Python", "it has no fromPlain")
    return _convert(serializer, serializer.from_plain, value, "fromPlain in Python")


def same(value: object) -> object:
    """Give a value back, for who checks a serializer."""
    return value


def name_of_type(value: object) -> str:
    """Tell what a value is here, for who checks a serializer."""
    kind = type(value)
    return f"{kind.__module__}:{kind.__qualname__}"


def _resolve(serializer: Serializer) -> type | None:
    # An object can only be of a type whose module is loaded.
    if serializer.type_name.partition(":")[0] not in sys.modules:
        return None
    kind = names_of_worker().resolve(serializer.type_name)
    if not isinstance(kind, type):
        raise _failed(serializer.name, "registration", f"{serializer.type_name} is no type")
    serializer.kind = kind
    return kind


def _convert(serializer: Serializer, function: str, value: object, step: str) -> Any:  # noqa: ANN401 - as above
    try:
        # As calls by name do it: where there is a policy, it is judged.
        from amphis._internal.worker.around import find  # noqa: PLC0415 - only with serializers

        return find(function)(value)
    except Exception as error:  # a function of the user
        reason = f"{type(error).__name__}: {error}"
        raise _failed(serializer.name, step, reason) from error


def _failed(name: str, step: str, reason: str) -> AmphisError:
    reason = reason if len(reason) <= _REASON else f"{reason[:_REASON]}…"
    return AmphisError(
        ErrorCode.SERIALIZER_FAILED,
        f"Cannot convert value by serializer {name}: {step} failed: {reason}",
        {"serializer": name, "step": step, "reason": reason},
    )
