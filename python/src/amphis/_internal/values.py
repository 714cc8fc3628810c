"""Kinds of value that Python has no class for (spec/values.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Final

MIN_SECONDS: Final = -62_167_219_200
"""Midnight at the start of year 0."""
MAX_SECONDS: Final = 253_402_300_799
"""The last second of year 9999."""
MAX_SAFE: Final = 2**53 - 1
MAX_INDEX: Final = 65_535

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_DATETIME = -62_135_596_800
# The Gregorian calendar repeats after 400 years, so year 0 is read and written as year 400.
_CYCLE_SECONDS = 146_097 * 86_400
_TEXT = re.compile(
    r"([0-9]{4})(-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{0,8}[1-9]))?Z"
)


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
        seconds, microseconds = instant_parts(moment)
        return cls(seconds, microseconds * 1_000)

    def to_datetime(self) -> datetime:
        """Return the instant in UTC, rounded down to the microsecond.

        Raises:
            ValueError: in year 0, which `datetime` does not have
        """
        if self.seconds < _FIRST_DATETIME:
            raise ValueError("Cannot make datetime: it has no year 0")
        return _EPOCH + timedelta(0, self.seconds, self.nanoseconds // 1_000)

    @classmethod
    def from_iso(cls, text: str) -> Timestamp:
        """Parse the canonical form, `2026-11-21T08:50:22.123Z`.

        Raises:
            ValueError: for any other form
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("Cannot parse timestamp: expected YYYY-MM-DDTHH:MM:SS[.fraction]Z")
        year, rest, fraction = match.groups()
        is_zero = year == "0000"
        moment = datetime.fromisoformat(f"{'0400' if is_zero else year}{rest}+00:00")
        seconds = (moment - _EPOCH) // timedelta(seconds=1) - (_CYCLE_SECONDS if is_zero else 0)
        return cls(seconds, int((fraction or "").ljust(9, "0")))

    def to_iso(self) -> str:
        """Format the canonical form, with as many digits as there are."""
        is_zero = self.seconds < _FIRST_DATETIME
        moment = _EPOCH + timedelta(0, self.seconds + (_CYCLE_SECONDS if is_zero else 0))
        text = moment.replace(tzinfo=None).isoformat()
        whole = f"0000{text[4:]}" if is_zero else text
        if self.nanoseconds == 0:
            return f"{whole}Z"
        return f"{whole}.{self.nanoseconds:09d}".rstrip("0") + "Z"


def instant_parts(moment: datetime) -> tuple[int, int]:
    """Split an aware `datetime` into seconds since 1970 (floor) and microseconds."""
    if moment.utcoffset() is None:
        raise ValueError("Cannot make timestamp: the datetime has no zone")
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds


def instant(seconds: int, nanoseconds: int) -> datetime | Timestamp:
    """Return the instant as a `datetime`, or as a `Timestamp` where that would lose something.

    Raises:
        ValueError: outside the years 0000 to 9999, or when nanoseconds are a second or more
    """
    if nanoseconds % 1_000 or not _FIRST_DATETIME <= seconds <= MAX_SECONDS:
        return Timestamp(seconds, nanoseconds)
    if not 0 <= nanoseconds < 1_000_000_000:
        raise ValueError("Cannot make timestamp: nanoseconds must be below 1000000000")
    return _EPOCH + timedelta(0, seconds, nanoseconds // 1_000)


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
