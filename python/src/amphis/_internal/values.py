"""Kinds of value that Python has no class for (spec/values.md)."""

from __future__ import annotations

from amphis._internal.light import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Final

MIN_SECONDS: Final = -62_167_219_200
"""Midnight at the start of year 0."""
MAX_SECONDS: Final = 253_402_300_799
"""The last second of year 9999."""
MAX_SAFE: Final = 2**53 - 1
MAX_INDEX: Final = 65_535


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """An instant to the nanosecond, in the years 0000 to 9999.

    A decoder returns an aware `datetime` when nothing is lost by it.

    Attributes:
        seconds: whole seconds since 1970, rounded down
        nanoseconds: 0 to 999,999,999

    Raises:
        ValueError: when a part is out of range
    """

    seconds: int
    nanoseconds: int = 0

    def __post_init__(self) -> None:
        _check_int("Timestamp", "seconds", self.seconds, MIN_SECONDS, MAX_SECONDS)
        _check_int("Timestamp", "nanoseconds", self.nanoseconds, 0, 999_999_999)

    @classmethod
    def from_datetime(cls, moment: datetime) -> Timestamp:
        """Take over an aware `datetime`.

        Raises:
            ValueError: when it is naive, or in UTC beyond year 9999
        """
        from amphis._internal.moments import instant_parts  # noqa: PLC0415 - as all of it below

        seconds, microseconds = instant_parts(moment)
        return cls(seconds, microseconds * 1_000)

    def to_datetime(self) -> datetime:
        """Return the instant in UTC, rounded down to the microsecond.

        Raises:
            ValueError: in year 0, which `datetime` does not have
        """
        from amphis._internal.moments import datetime_of  # noqa: PLC0415

        return datetime_of(self)

    @classmethod
    def from_iso(cls, text: str) -> Timestamp:
        """Parse the canonical form, `2026-11-21T08:50:22.123Z`.

        Raises:
            ValueError: for any other form
        """
        from amphis._internal.moments import parse_iso  # noqa: PLC0415

        return cls(*parse_iso(text))

    def to_iso(self) -> str:
        """Format the canonical form, with as many digits as there are."""
        from amphis._internal.moments import format_iso  # noqa: PLC0415

        return format_iso(self)


@dataclass(frozen=True, slots=True)
class Handle:
    """Names an object that lives in a worker.

    Attributes:
        id: 0 to 2^53-1
        type: Python's name of its class, `numpy.ndarray`
    """

    id: int
    type: str

    def __post_init__(self) -> None:
        _check_int("Handle", "id", self.id, 0, MAX_SAFE)
        _check_text("Handle", "type", self.type)


@dataclass(frozen=True, slots=True)
class Attachment:
    """Stands in a body for bulk data that travels beside it.

    Attributes:
        index: place among the attachments of the frame, 0 to 65,535
        format: how to read the data: `bytes`, `tensor`, `arrow`, or an application's own word
        meta: what the format needs to know, a map with string keys
    """

    index: int
    format: str
    meta: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_int("Attachment", "index", self.index, 0, MAX_INDEX)
        _check_text("Attachment", "format", self.format)
        if not isinstance(self.meta, dict):
            raise TypeError(f"Cannot make Attachment: meta must be a dict, got {_name(self.meta)}")


@dataclass(frozen=True, slots=True)
class Ext:
    """An application's own MessagePack extension; Amphis passes it through.

    Attributes:
        code: -128 to 63, without -1
        data: the body
    """

    code: int
    data: bytes

    def __post_init__(self) -> None:
        _check_int("Ext", "code", self.code, -128, 63)
        if self.code == -1:
            raise ValueError("Cannot make Ext: code -1 is the timestamp of MessagePack")
        if not isinstance(self.data, bytes):
            raise TypeError(f"Cannot make Ext: data must be bytes, got {_name(self.data)}")


def _check_int(kind: str, field_name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"Cannot make {kind}: {field_name} must be an int, got {_name(value)}")
    if not least <= value <= most:
        raise ValueError(f"Cannot make {kind}: {field_name} must be from {least} to {most}")


def _check_text(kind: str, field_name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"Cannot make {kind}: {field_name} must be a str, got {_name(value)}")


def _name(value: object) -> str:
    return type(value).__name__
