"""The fields of each scalar kind, with and without a schema (table in spec/values.md)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID

from amphis._internal.codec import text
from amphis._internal.codec.refusal import unrepresentable
from amphis._internal.codec.scalars import (
    decimal_text,
    duration_parts,
    is_aware,
    naive_text,
    path_text,
    time_text,
    timestamp_parts,
)
from amphis._internal.moments import instant
from amphis._internal.values import Handle, Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter

Made = TypeVar("Made")


class Scalar(NamedTuple):
    """One kind: which objects are of it, its fields both ways, and the fewest bytes they take."""

    word: str
    accepts: Callable[[object], bool]
    # The object is one that `accepts` takes, which its type cannot say.
    write: Callable[[CompactWriter, Any], None]
    read: Callable[[CompactReader], object]
    least: int


def _write_timestamp(writer: CompactWriter, value: datetime | Timestamp) -> None:
    seconds, nanoseconds = timestamp_parts(value)
    writer.signed(seconds, 8)
    writer.unsigned(nanoseconds, 4)


def _read_timestamp(reader: CompactReader) -> datetime | Timestamp:
    return _checked(reader, instant, reader.signed(8), reader.unsigned(4))


def _write_duration(writer: CompactWriter, value: timedelta) -> None:
    seconds, microseconds = duration_parts(value)
    writer.signed(seconds, 8)
    writer.unsigned(microseconds, 4)


def _read_duration(reader: CompactReader) -> timedelta:
    return _checked(reader, text.duration, reader.signed(8), reader.unsigned(4))


def _write_uuid(writer: CompactWriter, value: UUID) -> None:
    writer.out += value.bytes


def _write_complex(writer: CompactWriter, value: complex) -> None:
    writer.f64(value.real)
    writer.f64(value.imag)


def _write_handle(writer: CompactWriter, value: Handle) -> None:
    writer.unsigned(value.id, 8)
    writer.text(value.type)


def _read_handle(reader: CompactReader) -> Handle:
    return _checked(reader, Handle, reader.unsigned(8), reader.text())


def _checked(reader: CompactReader, make: Callable[..., Made], *fields: object) -> Made:
    try:
        return make(*fields)
    except text.UnrepresentableError as error:
        raise unrepresentable("compact", str(error)) from None
    except (ValueError, OverflowError) as error:
        raise reader.failed(str(error)) from None


def _textual(
    word: str,
    accepts: Callable[[object], bool],
    format_: Callable[[Any], str],
    parse: Callable[[str], object],
) -> Scalar:
    return Scalar(
        word,
        accepts,
        lambda writer, value: writer.text(format_(value)),
        lambda reader: _checked(reader, parse, reader.text()),
        1,
    )


def _is_timestamp(value: object) -> bool:
    return isinstance(value, Timestamp) or (isinstance(value, datetime) and is_aware(value))


def _is_datetime(value: object) -> bool:
    return isinstance(value, datetime) and not is_aware(value)


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _of(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


SCALARS: dict[str, Scalar] = {
    "timestamp": Scalar("a timestamp", _is_timestamp, _write_timestamp, _read_timestamp, 2),
    "date": _textual("a date", _is_date, date.isoformat, text.parse_date),
    "time": _textual("a time", _of(time), time_text, text.parse_time),
    "datetime": _textual("a datetime", _is_datetime, naive_text, text.parse_datetime),
    "duration": Scalar("a duration", _of(timedelta), _write_duration, _read_duration, 2),
    "decimal": _textual("a decimal", _of(Decimal), decimal_text, text.parse_decimal),
    "uuid": Scalar("a uuid", _of(UUID), _write_uuid, lambda r: UUID(bytes=r.take(16)), 16),
    "complex": Scalar(
        "a complex number", _of(complex), _write_complex, lambda r: complex(r.f64(), r.f64()), 16
    ),
    "path": _textual("a path", _of(PurePath), path_text, text.parse_path),
    "handle": Scalar("a handle", _of(Handle), _write_handle, _read_handle, 2),
}
