"""What stands under each tag of a scalar in JSON."""

from __future__ import annotations

from base64 import b64decode, b64encode
from math import isfinite
from typing import TYPE_CHECKING

from amphis._internal.codec import text
from amphis._internal.codec.json_text.number import narrow
from amphis._internal.codec.kinds import NAN
from amphis._internal.moments import instant
from amphis._internal.values import Ext, Handle, Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import PurePath

_NO_NUMBERS = {"-0": -0.0, "NaN": NAN, "Infinity": float("inf"), "-Infinity": float("-inf")}


class Malformed(ValueError):  # noqa: N818 - it never leaves the codec
    """The text is JSON, but not of a value."""


def _string(body: object) -> str:
    if not isinstance(body, str):
        raise Malformed("a tag needs a string")
    return body


def _float(body: object) -> float:
    if isinstance(body, str):
        value = _NO_NUMBERS.get(body)
        if value is not None:
            return value
    if isinstance(body, (int, float)) and not isinstance(body, bool) and isfinite(body):
        return float(body)
    raise Malformed('a float is a number, "-0", "NaN", "Infinity" or "-Infinity"')


def _bytes(body: object) -> bytes:
    encoded = _string(body)
    data = b64decode(encoded, validate=True)
    # Python ignores surplus bits in the last character; the canonical form has none.
    if b64encode(data).decode() != encoded:
        raise Malformed("base64 is not in canonical form")
    return data


def _timestamp(body: object) -> datetime | Timestamp:
    moment = Timestamp.from_iso(_string(body))
    return instant(moment.seconds, moment.nanoseconds)


def _path(body: object) -> PurePath:
    path = _string(body)
    path.encode("utf-8")
    return text.parse_path(path)


def _complex(body: object) -> complex:
    re, im = _pair(body)
    return complex(_float(re), _float(im))


def _handle(body: object) -> Handle:
    number, name = _pair(body)
    _string(name).encode("utf-8")
    return Handle(_whole(number), _string(name))


def _ext(body: object) -> Ext:
    code, data = _pair(body)
    return Ext(_whole(code), _bytes(data))


def _pair(body: object) -> tuple[object, object]:
    if not isinstance(body, list) or len(body) != 2:
        raise Malformed("a list of two is needed")
    return body[0], body[1]


def _whole(body: object) -> int:
    value = narrow(body) if isinstance(body, float) else body
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("an int is needed")
    return value


def _parsed(parse: Callable[[str], object]) -> Callable[[object], object]:
    return lambda body: parse(_string(body))


TAGS: dict[str, Callable[[object], object]] = {
    "$int": _parsed(text.parse_int),
    "$float": _float,
    "$bytes": _bytes,
    "$timestamp": _timestamp,
    "$date": _parsed(text.parse_date),
    "$time": _parsed(text.parse_time),
    "$datetime": _parsed(text.parse_datetime),
    "$duration": _parsed(text.parse_duration),
    "$decimal": _parsed(text.parse_decimal),
    "$uuid": _parsed(text.parse_uuid),
    "$path": _path,
    "$complex": _complex,
    "$handle": _handle,
    "$ext": _ext,
}
"""Every one raises ValueError, which `Malformed` and UnicodeError are, for any other content."""
