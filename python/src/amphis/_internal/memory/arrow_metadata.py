"""The metadata of one Arrow IPC message: a FlatBuffer, read as far as Amphis must know it.

Message: 0 version, 1 kind, 2 header, 3 bytes of body. Schema: 0 endianness. DictionaryBatch: 1 a
RecordBatch. RecordBatch: 2 buffers (offset and length of each, 64 bits), 3 compression.
"""

from __future__ import annotations

import struct

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

_SCHEMA, _DICTIONARY_BATCH, _RECORD_BATCH = 1, 2, 3
_BIG_ENDIAN = 1
_CODECS = {0: "LZ4", 1: "ZSTD"}
_REGION_BYTES = 16


def invalid(reason: str) -> AmphisError:
    """Say that bytes are no table."""
    return AmphisError(ErrorCode.ARROW_INVALID, f"Cannot use table: {reason}", {"reason": reason})


def unsupported(feature: str) -> AmphisError:
    """Say that a table needs what is not supported."""
    return AmphisError(
        ErrorCode.ARROW_UNSUPPORTED,
        f"Cannot use table: {feature} is not supported",
        {"feature": feature},
    )


class Metadata:
    """A copy of the metadata of one message.

    Raises:
        AmphisError: ARROW_INVALID where a part lies outside
    """

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self._message = self._target(0)
        kind = self._field(self._message, 1)
        self._kind = 0 if kind is None else self._number("<B", kind)
        body = self._field(self._message, 3)
        self._body_bytes_at = body
        self.body_bytes = 0 if body is None else self._number("<q", body)

    @property
    def regions(self) -> list[tuple[int, int]]:
        """Offset and length of each buffer in the body."""
        start, count = self._regions()
        return [
            (
                self._number("<q", start + at * _REGION_BYTES),
                self._number("<q", start + at * _REGION_BYTES + 8),
            )
            for at in range(count)
        ]

    def check(self) -> None:
        """Refuse what is not read in place in both languages.

        Raises:
            AmphisError: ARROW_UNSUPPORTED
        """
        if self._kind == _SCHEMA:
            order = self._field(self._header(), 0)
            if order is not None and self._number("<h", order) == _BIG_ENDIAN:
                raise unsupported("big-endian data")
        batch = self._batch()
        compression = None if batch is None else self._field(batch, 3)
        if compression is not None:
            codec = self._field(self._target(compression), 0)
            number = 0 if codec is None else self._number("<b", codec)
            raise unsupported(f"{_CODECS.get(number, f'codec {number}')} compression")

    def move(self, offsets: list[int], body_bytes: int) -> None:
        """Say that the buffers lie elsewhere, in a body of another length."""
        start, _ = self._regions()
        for at, offset in enumerate(offsets):
            struct.pack_into("<q", self.data, start + at * _REGION_BYTES, offset)
        if self._body_bytes_at is not None:
            struct.pack_into("<q", self.data, self._body_bytes_at, body_bytes)

    def _regions(self) -> tuple[int, int]:
        batch = self._batch()
        field = None if batch is None else self._field(batch, 2)
        if field is None:
            return 0, 0
        start = self._target(field)
        count = self._number("<I", start)
        if start + 4 + count * _REGION_BYTES > len(self.data):
            raise invalid("its metadata is cut short")
        return start + 4, count

    def _batch(self) -> int | None:
        if self._kind == _RECORD_BATCH:
            return self._header()
        if self._kind != _DICTIONARY_BATCH:
            return None
        values = self._field(self._header(), 1)
        return None if values is None else self._target(values)

    def _header(self) -> int:
        header = self._field(self._message, 2)
        if header is None:
            raise invalid("a message holds nothing")
        return self._target(header)

    def _field(self, table: int, number: int) -> int | None:
        """Where a field of a table is, if it is there."""
        vtable = table - self._number("<i", table)
        slot = 4 + number * 2
        if slot >= self._number("<H", vtable):
            return None
        offset = self._number("<H", vtable + slot)
        return table + offset if offset else None

    def _target(self, at: int) -> int:
        return at + self._number("<I", at)

    def _number(self, kind: str, at: int) -> int:
        if at < 0 or at + struct.calcsize(kind) > len(self.data):
            raise invalid("its metadata is cut short")
        number: int = struct.unpack_from(kind, self.data, at)[0]
        return number
