"""Bodies of MessagePack extensions to scalar values."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING
from uuid import UUID

from amphis._internal.codec import text
from amphis._internal.codec.msgpack import extension
from amphis._internal.codec.refusal import extension_unknown, unrepresentable
from amphis._internal.moments import instant
from amphis._internal.values import Ext, Handle

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from amphis._internal.codec.msgpack.reader import Reader
    from amphis._internal.values import Timestamp

_LAST_APPLICATION = 63

_SECONDS = Struct(">I")
_PACKED = Struct(">Q")
_FULL = Struct(">Iq")
_DURATION = Struct(">qI")
_COMPLEX = Struct(">dd")


def decode_scalar(reader: Reader, code: int, body: bytes) -> object:
    """Return what an extension means; it has just been passed."""
    try:
        value = decode_body(code, body)
    except text.UnrepresentableError as error:
        raise unrepresentable("msgpack", str(error)) from None
    except (ValueError, OverflowError) as error:
        raise reader.failed(f"extension {code} is malformed: {error}") from None
    if code == extension.HANDLE:
        reader.far += 1
    return value


def decode_body(code: int, body: bytes) -> object:
    """Return what the body of an extension of this code means.

    Raises:
        AmphisError: EXTENSION_UNKNOWN
        ValueError: when it is malformed; also OverflowError
    """
    decode = _SCALARS.get(code)
    if decode is not None:
        return decode(body)
    if code > _LAST_APPLICATION:
        raise extension_unknown("msgpack", code)
    return Ext(code, body)


def _timestamp(body: bytes) -> datetime | Timestamp:
    if len(body) == _SECONDS.size:
        return instant(_SECONDS.unpack(body)[0], 0)
    if len(body) == _PACKED.size:
        packed: int = _PACKED.unpack(body)[0]
        return instant(packed & 0x3_FFFF_FFFF, packed >> 34)
    _check_size(body, _FULL.size)
    nanoseconds, seconds = _FULL.unpack(body)
    return instant(seconds, nanoseconds)


def _int(body: bytes) -> int:
    if not 0 < len(body) <= text.MAX_INT_BYTES:
        raise ValueError(f"an int has 1 to {text.MAX_INT_BYTES} bytes")
    return int.from_bytes(body, "big", signed=True)


def _uuid(body: bytes) -> UUID:
    _check_size(body, 16)
    return UUID(bytes=body)


def _duration(body: bytes) -> timedelta:
    _check_size(body, _DURATION.size)
    return text.duration(*_DURATION.unpack(body))


def _complex(body: bytes) -> complex:
    _check_size(body, _COMPLEX.size)
    return complex(*_COMPLEX.unpack(body))


def _handle(body: bytes) -> Handle:
    if len(body) < _PACKED.size:
        raise ValueError("a handle has at least 8 bytes")
    return Handle(_PACKED.unpack_from(body)[0], body[_PACKED.size :].decode("utf-8"))


def _check_size(body: bytes, size: int) -> None:
    if len(body) != size:
        raise ValueError(f"it must have {size} bytes, not {len(body)}")


def _parsed(parse: Callable[[str], object], encoding: str) -> Callable[[bytes], object]:
    return lambda body: parse(body.decode(encoding))


_SCALARS: dict[int, Callable[[bytes], object]] = {
    extension.TIMESTAMP: _timestamp,
    extension.INT: _int,
    extension.DECIMAL: _parsed(text.parse_decimal, "ascii"),
    extension.UUID_BYTES: _uuid,
    extension.DATE: _parsed(text.parse_date, "ascii"),
    extension.TIME: _parsed(text.parse_time, "ascii"),
    extension.DATETIME: _parsed(text.parse_datetime, "ascii"),
    extension.DURATION: _duration,
    extension.COMPLEX: _complex,
    extension.PATH: _parsed(text.parse_path, "utf-8"),
    extension.HANDLE: _handle,
}
