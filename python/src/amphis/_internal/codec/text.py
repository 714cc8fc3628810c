"""The canonical text of each kind that travels as text (table in spec/values.md).

Every `parse_` raises ValueError for any other spelling, whatever the text holds.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from pathlib import PurePath
from uuid import UUID

MAX_DECIMAL = 4_096
MAX_INT_BYTES = 8_192

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.(?!000000)[0-9]{6})?")
_DATETIME = re.compile(_DATE.pattern + "T" + _TIME.pattern)
_DURATION = re.compile(r"(-?)(0|[1-9][0-9]{0,13})(?:\.([0-9]{0,5}[1-9]))?")
_DECIMAL = re.compile(
    r"-?(?:(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,18})?|Infinity|s?NaN[0-9]*)"
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INT = re.compile(r"-?[1-9][0-9]{0,19728}")

# The context of the caller may round, trap or print otherwise, so it is never consulted.
_EXACT = Context(
    prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, capitals=1, clamp=0, traps=[InvalidOperation]
)
# CPython refuses longer conversions in one piece (sys.set_int_max_str_digits), and is quadratic.
_CHUNK = 4_000
_CHUNK_VALUE = 10**_CHUNK


class UnrepresentableError(ValueError):
    """The text is canonical, but no Python object can hold what it says."""


def parse_date(text: str) -> date:
    """Read `YYYY-MM-DD`."""
    return date.fromisoformat(_match(_DATE, text))


def parse_time(text: str) -> time:
    """Read `HH:MM:SS[.ffffff]`."""
    return time.fromisoformat(_match(_TIME, text))


def parse_datetime(text: str) -> datetime:
    """Read a date and a time joined by `T`."""
    return datetime.fromisoformat(_match(_DATETIME, text))


def parse_duration(text: str) -> timedelta:
    """Read seconds as a decimal."""
    match = _DURATION.fullmatch(text)
    if match is None or text == "-0":
        raise ValueError("it is no canonical duration")
    sign, whole, fraction = match.groups()
    micros = int(whole) * 1_000_000 + int((fraction or "").ljust(6, "0"))
    return duration(*divmod(-micros if sign else micros, 1_000_000))


def format_duration(value: timedelta) -> str:
    """Write seconds as a decimal."""
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    whole, fraction = divmod(abs(micros), 1_000_000)
    text = f"{'-' if micros < 0 else ''}{whole}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def duration(seconds: int, microseconds: int) -> timedelta:
    """Join whole seconds (floor) and microseconds; OverflowError beyond 999,999,999 days."""
    if not 0 <= microseconds < 1_000_000:
        raise ValueError("microseconds must be below 1000000")
    return timedelta(0, seconds, microseconds)


def parse_decimal(text: str) -> Decimal:
    """Read a decimal number exactly, whatever the context of the caller is."""
    if len(text) > MAX_DECIMAL:
        raise ValueError(f"a decimal has at most {MAX_DECIMAL} characters")
    try:
        return Decimal(_match(_DECIMAL, text), _EXACT)
    except InvalidOperation:
        raise UnrepresentableError("its exponent is beyond Python's decimal") from None


def format_decimal(value: Decimal) -> str:
    """Write a decimal number as Python prints it."""
    text = _EXACT.to_sci_string(value)
    if len(text) > MAX_DECIMAL or _DECIMAL.fullmatch(text) is None:
        raise ValueError(
            f"a decimal has at most {MAX_DECIMAL} characters and 18 digits of exponent"
        )
    return text


def parse_uuid(text: str) -> UUID:
    """Read 8-4-4-4-12 lower-case hexadecimal digits."""
    return UUID(_match(_UUID, text))


def parse_path(text: str) -> PurePath:
    """Read a path as one of this platform."""
    if "\0" in text:
        raise ValueError("a path holds no NUL")
    return PurePath(text)


def parse_int(text: str) -> int:
    """Read a whole number of any size that the values allow."""
    digits = _match(_INT, text).lstrip("-")
    value = 0
    for start in range(0, len(digits), _CHUNK):
        chunk = digits[start : start + _CHUNK]
        value = value * 10 ** len(chunk) + int(chunk)
    return check_magnitude(-value if text[0] == "-" else value)


def format_int(value: int) -> str:
    """Write a whole number of any size that the values allow."""
    chunks = []
    rest = abs(value)
    while rest >= _CHUNK_VALUE:
        rest, chunk = divmod(rest, _CHUNK_VALUE)
        chunks.append(str(chunk).zfill(_CHUNK))
    chunks.append(f"{'-' if value < 0 else ''}{rest}")
    return "".join(reversed(chunks))


def check_magnitude(value: int) -> int:
    """Return an int that is not too large to travel."""
    if int_size(value) > MAX_INT_BYTES:
        raise ValueError(f"an int has at most {MAX_INT_BYTES} bytes")
    return value


def int_size(value: int) -> int:
    """Count the bytes of the shortest two's complement."""
    return (value if value >= 0 else ~value).bit_length() // 8 + 1


def _match(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError("it is not in canonical form")
    return text
