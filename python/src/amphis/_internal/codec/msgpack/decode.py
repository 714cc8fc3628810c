"""MessagePack to values: one function for each first byte."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, TypeAlias

from amphis._internal.codec.collisions import MAX_COLLISIONS, why_too_slow
from amphis._internal.codec.kinds import NAN, is_meta, why_no_key
from amphis._internal.codec.msgpack.decode_extension import decode_scalar
from amphis._internal.codec.msgpack.extension import ATTACHMENT, SET, TUPLE
from amphis._internal.values import MAX_INDEX, Attachment

if TYPE_CHECKING:
    from amphis._internal.codec.msgpack.reader import Reader

# Reads the item whose first byte is given and already passed.
ItemReader: TypeAlias = Callable[["Reader", int], object]


def read_value(reader: Reader) -> object:
    """Read one value.

    Raises:
        AmphisError: DECODE_FAILED, DEPTH_EXCEEDED, EXTENSION_UNKNOWN, VALUE_OUT_OF_RANGE
        IndexError: when the input ends before a first byte
        struct.error: when the input ends inside a number or length
        UnicodeDecodeError: for a string that is no UTF-8
    """
    pos = reader.pos
    byte = reader.data[pos]
    reader.pos = pos + 1
    return byte if byte < 0x80 else _ITEMS[byte](reader, byte)


def read_items(reader: Reader, count: int) -> list[object]:
    """Read the elements of an array."""
    reader.enter(count)
    data = reader.data
    items: list[object] = []
    append = items.append
    for _ in range(count):
        pos = reader.pos
        byte = data[pos]
        reader.pos = pos + 1
        append(byte if byte < 0x80 else _ITEMS[byte](reader, byte))
    reader.room += 1
    return items


def _read_entries(reader: Reader, count: int) -> dict[object, object]:
    reader.enter(2 * count)
    if count > MAX_COLLISIONS:
        return _read_many_entries(reader, count)
    data = reader.data
    entries: dict[object, object] = {}
    for _ in range(count):
        pos = reader.pos
        byte = data[pos]
        reader.pos = pos + 1
        key = byte if byte < 0x80 else _ITEMS[byte](reader, byte)
        if type(key) is not str:
            _check_key(reader, key)
        pos = reader.pos
        byte = data[pos]
        reader.pos = pos + 1
        entries[key] = byte if byte < 0x80 else _ITEMS[byte](reader, byte)
    reader.room += 1
    return entries


def _read_many_entries(reader: Reader, count: int) -> dict[object, object]:
    """Look at all keys before the first of them is put anywhere."""
    keys: list[object] = []
    values: list[object] = []
    for _ in range(count):
        key = read_value(reader)
        _check_key(reader, key)
        keys.append(key)
        values.append(read_value(reader))
    _check_collisions(reader, keys)
    reader.room += 1
    return dict(zip(keys, values, strict=True))


def _check_collisions(reader: Reader, keys: list[object]) -> None:
    reason = why_too_slow(keys)
    if reason is not None:
        raise reader.failed(reason)


def _check_key(reader: Reader, key: object) -> None:
    reason = why_no_key(key)
    if reason is not None:
        raise reader.failed(reason)


def _constant(value: object) -> ItemReader:
    return lambda _reader, _byte: value


def _negative(_reader: Reader, byte: int) -> int:
    return byte - 0x100


def _never_used(reader: Reader, _byte: int) -> object:
    raise reader.failed("the byte 0xc1 is never used")


def _number(format_: str) -> ItemReader:
    shape = Struct(format_)
    unpack, size = shape.unpack_from, shape.size

    def read(reader: Reader, _byte: int) -> object:
        pos = reader.pos
        reader.pos = pos + size
        return unpack(reader.data, pos)[0]

    return read


def _float(format_: str) -> ItemReader:
    shape = Struct(format_)
    unpack, size = shape.unpack_from, shape.size

    def read(reader: Reader, _byte: int) -> float:
        pos = reader.pos
        reader.pos = pos + size
        value: float = unpack(reader.data, pos)[0]
        return value if value == value else NAN  # noqa: PLR0124 - only NaN differs from itself

    return read


def _counted(format_: str, read_body: Callable[[Reader, int], object]) -> ItemReader:
    """Read a length of this width, then a body of that length."""
    shape = Struct(format_)
    unpack, size = shape.unpack_from, shape.size

    def read(reader: Reader, _byte: int) -> object:
        pos = reader.pos
        reader.pos = pos + size
        return read_body(reader, unpack(reader.data, pos)[0])

    return read


def _short_str(reader: Reader, byte: int) -> str:
    start = reader.pos
    stop = start + (byte & 0x1F)
    if stop > reader.end:
        raise reader.truncated()
    reader.pos = stop
    return reader.data[start:stop].decode("utf-8")


def _str(reader: Reader, size: int) -> str:
    return reader.take(size).decode("utf-8")


def _bytes(reader: Reader, size: int) -> bytes:
    return reader.take(size)


def _extension(reader: Reader, size: int) -> object:
    code = reader.take(1)[0]
    code -= 0x100 if code >= 0x80 else 0
    read_container = _CONTAINERS.get(code)
    if read_container is None:
        return decode_scalar(reader, code, reader.take(size))
    stop, outer = reader.pos + size, reader.end
    if stop > outer:
        raise reader.truncated()
    reader.end = stop
    value = read_container(reader)
    if reader.pos != stop:
        raise reader.failed("an extension does not end where its length says")
    reader.end = outer
    return value


def _array(reader: Reader) -> list[object]:
    byte = reader.take(1)[0]
    if byte & 0xF0 != 0x90 and byte not in (0xDC, 0xDD):
        raise reader.failed("an extension must hold an array")
    items = _ITEMS[byte](reader, byte)
    assert isinstance(items, list)  # noqa: S101 - the byte says so; it narrows the type
    return items


def _set(reader: Reader) -> set[object]:
    items = _array(reader)
    for item in items:
        _check_key(reader, item)
    _check_collisions(reader, items)
    return set(items)


def _tuple(reader: Reader) -> tuple[object, ...]:
    return tuple(_array(reader))


def _attachment(reader: Reader) -> Attachment:
    reader.room += 1  # The array that holds the three parts is no level of the value.
    parts = _array(reader)
    reader.room -= 1
    if len(parts) != 3:
        raise reader.failed("an attachment must have three parts")
    index, format_, meta = parts
    if type(index) is not int or not 0 <= index <= MAX_INDEX:
        raise reader.failed("the index of an attachment must be from 0 to 65535")
    if not isinstance(format_, str) or not is_meta(meta):
        raise reader.failed("an attachment must have a format and a map with string keys")
    reader.far += 1
    return Attachment(index, format_, meta)


def _items_of(first: int, last: int, read: ItemReader) -> dict[int, ItemReader]:
    return dict.fromkeys(range(first, last + 1), read)


def _masked(mask: int, read_body: Callable[[Reader, int], object]) -> ItemReader:
    return lambda reader, byte: read_body(reader, byte & mask)


def _sized(size: int) -> ItemReader:
    return lambda reader, _byte: _extension(reader, size)


_CONTAINERS: dict[int, Callable[[Reader], object]] = {
    SET: _set,
    TUPLE: _tuple,
    ATTACHMENT: _attachment,
}
_BY_FIRST_BYTE: dict[int, ItemReader] = {
    **_items_of(0x00, 0x7F, lambda _reader, byte: byte),
    **_items_of(0x80, 0x8F, _masked(0x0F, _read_entries)),
    **_items_of(0x90, 0x9F, _masked(0x0F, read_items)),
    **_items_of(0xA0, 0xBF, _short_str),
    0xC0: _constant(None),
    0xC1: _never_used,
    0xC2: _constant(value=False),
    0xC3: _constant(value=True),
    0xC4: _counted(">B", _bytes),
    0xC5: _counted(">H", _bytes),
    0xC6: _counted(">I", _bytes),
    0xC7: _counted(">B", _extension),
    0xC8: _counted(">H", _extension),
    0xC9: _counted(">I", _extension),
    0xCA: _float(">f"),
    0xCB: _float(">d"),
    0xCC: _number(">B"),
    0xCD: _number(">H"),
    0xCE: _number(">I"),
    0xCF: _number(">Q"),
    0xD0: _number(">b"),
    0xD1: _number(">h"),
    0xD2: _number(">i"),
    0xD3: _number(">q"),
    0xD4: _sized(1),
    0xD5: _sized(2),
    0xD6: _sized(4),
    0xD7: _sized(8),
    0xD8: _sized(16),
    0xD9: _counted(">B", _str),
    0xDA: _counted(">H", _str),
    0xDB: _counted(">I", _str),
    0xDC: _counted(">H", read_items),
    0xDD: _counted(">I", read_items),
    0xDE: _counted(">H", _read_entries),
    0xDF: _counted(">I", _read_entries),
    **_items_of(0xE0, 0xFF, _negative),
}
_ITEMS: list[ItemReader] = [_BY_FIRST_BYTE[byte] for byte in range(0x100)]
