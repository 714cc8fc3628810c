"""Values that carry their kind in front, read: the counterpart of `write_value`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.codec.collisions import why_too_slow
from amphis._internal.codec.compact.scalar import SCALARS
from amphis._internal.codec.compact.write_value import (
    ATTACHMENT,
    BIG_INT,
    BOOL,
    BYTES,
    EXT,
    FLOAT,
    INT,
    LIST,
    MAP,
    NIL,
    SET,
    STRING,
    TUPLE,
    VARIANTS,
)
from amphis._internal.codec.kinds import is_meta, why_no_key
from amphis._internal.codec.text import MAX_INT_BYTES
from amphis._internal.values import MAX_INDEX, Attachment, Ext

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.codec.compact.reader import CompactReader


def read_value(reader: CompactReader) -> object:
    """Read one value.

    Raises:
        AmphisError: DECODE_FAILED, DEPTH_EXCEEDED, VALUE_OUT_OF_RANGE
        UnicodeDecodeError: for a string that is no UTF-8
    """
    variant = reader.variant()
    read = _READERS.get(variant)
    if read is None:
        raise reader.failed(f"there is no variant {variant} of a value")
    return read(reader)


def read_int(reader: CompactReader) -> int:
    """Read an int of any size."""
    variant = reader.variant()
    if variant == INT:
        return reader.signed(8)
    if variant == BIG_INT:
        return _big_int(reader)
    raise reader.failed(f"variant {variant} is no int")


def read_attachment(reader: CompactReader) -> Attachment:
    """Read the fields of an attachment."""
    index = reader.unsigned(4)
    if index > MAX_INDEX:
        raise reader.failed("the index of an attachment must be from 0 to 65535")
    format_ = reader.text()
    meta = _map(reader)
    if not is_meta(meta):
        raise reader.failed("the meta of an attachment must have string keys")
    return Attachment(index, format_, meta)


def check_collisions(reader: CompactReader, keys: list[object]) -> None:
    """Refuse keys that would make a map or set take quadratic time to build."""
    reason = why_too_slow(keys)
    if reason is not None:
        raise reader.failed(reason)


def check_decoded_key(reader: CompactReader, key: object) -> None:
    """Refuse a key of a map or an element of a set that Python cannot hash."""
    reason = why_no_key(key)
    if reason is not None:
        raise reader.failed(reason)


def _big_int(reader: CompactReader) -> int:
    body = reader.bytes()
    if not 0 < len(body) <= MAX_INT_BYTES:
        raise reader.failed(f"an int has 1 to {MAX_INT_BYTES} bytes")
    return int.from_bytes(body, "little", signed=True)


def _list(reader: CompactReader) -> list[object]:
    reader.enter()
    items = [read_value(reader) for _ in range(reader.length(1))]
    reader.room += 1
    return items


def _map(reader: CompactReader) -> dict[object, object]:
    reader.enter()
    keys: list[object] = []
    values: list[object] = []
    for _ in range(reader.length(2)):
        key = read_value(reader)
        if type(key) is not str:
            check_decoded_key(reader, key)
        keys.append(key)
        values.append(read_value(reader))
    check_collisions(reader, keys)
    reader.room += 1
    return dict(zip(keys, values, strict=True))


def _set(reader: CompactReader) -> set[object]:
    items = _list(reader)
    for item in items:
        check_decoded_key(reader, item)
    check_collisions(reader, items)
    return set(items)


def _ext(reader: CompactReader) -> Ext:
    code = reader.byte()
    code -= 0x100 if code >= 0x80 else 0
    if code == -1 or code > 63:
        raise reader.failed(f"{code} is no code of an extension")
    return Ext(code, reader.bytes())


_READERS: dict[int, Callable[[CompactReader], object]] = {
    NIL: lambda _reader: None,
    BOOL: lambda reader: reader.boolean(),
    INT: lambda reader: reader.signed(8),
    BIG_INT: _big_int,
    FLOAT: lambda reader: reader.f64(),
    STRING: lambda reader: reader.text(),
    BYTES: lambda reader: reader.bytes(),
    LIST: _list,
    MAP: _map,
    SET: _set,
    TUPLE: lambda reader: tuple(_list(reader)),
    ATTACHMENT: read_attachment,
    EXT: _ext,
    **{variant: SCALARS[kind].read for variant, kind in VARIANTS.items()},
}
