"""Instants between `datetime` and `Timestamp` (spec/values.md).

Apart from the classes, as most workers see no time at all, and `datetime` takes a while to load.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from amphis._internal.values import MAX_SECONDS, Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_DATETIME = -62_135_596_800
# The Gregorian calendar repeats after 400 years, so year 0 is read and written as year 400.
_CYCLE_SECONDS = 146_097 * 86_400
_TEXT = re.compile(
    r"([0-9]{4})(-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{0,8}[1-9]))?Z"
)


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


def datetime_of(moment: Timestamp) -> datetime:
    """The instant in UTC, rounded down to the microsecond.

    Raises:
        ValueError: in year 0, which `datetime` does not have
    """
    if moment.seconds < _FIRST_DATETIME:
        raise ValueError("Cannot make datetime: it has no year 0")
    return _EPOCH + timedelta(0, moment.seconds, moment.nanoseconds // 1_000)


def parse_iso(text: str) -> tuple[int, int]:
    """Read the canonical form: seconds since 1970 and nanoseconds.

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
    return seconds, int((fraction or "").ljust(9, "0"))


def format_iso(instant: Timestamp) -> str:
    """The canonical form, with as many digits as there are."""
    is_zero = instant.seconds < _FIRST_DATETIME
    moment = _EPOCH + timedelta(0, instant.seconds + (_CYCLE_SECONDS if is_zero else 0))
    text = moment.replace(tzinfo=None).isoformat()
    whole = f"0000{text[4:]}" if is_zero else text
    if instant.nanoseconds == 0:
        return f"{whole}Z"
    return f"{whole}.{instant.nanoseconds:09d}".rstrip("0") + "Z"
