"""An Arrow IPC stream as its messages, and laid out so that buffers begin at multiples of 64.

Arrow's own writer pads buffers to 8 bytes and has no setting for it in Python. It hands its buffers
over without copying them, so a stream is collected first, and copied once to where it belongs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from amphis._internal.memory.arrow_metadata import Metadata, invalid

_ALIGNMENT = 64
_PREFIX = struct.Struct("<II")
_CONTINUATION = 0xFFFF_FFFF
_END = _PREFIX.pack(_CONTINUATION, 0)


def aligned(count: int) -> int:
    """Round up to where the next buffer may begin."""
    return -(-count // _ALIGNMENT) * _ALIGNMENT


def messages_in(data: memoryview, start: int = 0) -> Iterator[Metadata]:
    """Metadata of each message of a stream, copied.

    Raises:
        AmphisError: ARROW_INVALID where a message is longer than what is there
    """
    at = start
    while at + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        if length == _CONTINUATION:
            if at + 4 > len(data):
                raise invalid("it is cut short")
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        if length == 0:
            return
        if at + length > len(data):
            raise invalid("it is cut short")
        metadata = Metadata(bytes(data[at : at + length]))
        at += length + metadata.body_bytes
        if metadata.body_bytes < 0 or at > len(data):
            raise invalid("it is cut short")
        yield metadata


class Collected:
    """A file for Arrow's writer that keeps the pieces it is given, without copying them."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[memoryview] = []

    def write(self, piece: Any) -> int:  # noqa: ANN401 - bytes, or a buffer of Arrow
        """Keep one piece."""
        view = memoryview(piece).cast("B")
        if len(view) > 0:
            self._pieces.append(view)
        return len(view)

    def flush(self) -> None:
        """Do nothing: nothing waits."""

    def close(self) -> None:
        """Keep the pieces: they are read afterwards."""

    def messages(self) -> list[Message]:
        """Put the pieces together as messages, the end left out."""
        reader = _Pieces(self._pieces)
        found: list[Message] = []
        while True:
            marker, length = _PREFIX.unpack(reader.take(_PREFIX.size))
            if marker != _CONTINUATION:
                raise invalid("Arrow wrote a stream of before 0.15")
            if length == 0:
                return found
            metadata = Metadata(reader.take(length))
            found.append(Message.planned(metadata, reader.body(metadata)))


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it will be written."""

    metadata: bytes
    buffers: list[tuple[int, memoryview]]
    body_bytes: int

    @staticmethod
    def planned(metadata: Metadata, buffers: list[memoryview]) -> Message:
        """Find a place for each buffer."""
        offsets: list[int] = []
        end = 0
        for buffer in buffers:
            offsets.append(end)
            end += aligned(len(buffer))
        metadata.move(offsets, end)
        return Message(bytes(metadata.data), list(zip(offsets, buffers, strict=True)), end)

    @property
    def byte_length(self) -> int:
        """Bytes of all of it."""
        return aligned(_PREFIX.size + len(self.metadata)) + self.body_bytes

    def write(self, target: memoryview) -> None:
        """Write it, with zeros wherever nothing is."""
        start = aligned(_PREFIX.size + len(self.metadata))
        _PREFIX.pack_into(target, 0, _CONTINUATION, start - _PREFIX.size)
        end = _PREFIX.size + len(self.metadata)
        target[_PREFIX.size : end] = self.metadata
        for offset, buffer in self.buffers:
            at = start + offset
            target[end:at] = bytes(at - end)
            end = at + len(buffer)
            target[at:end] = buffer
        target[end : self.byte_length] = bytes(self.byte_length - end)


def stream_bytes(messages: list[Message]) -> int:
    """Bytes of a stream of these messages."""
    return sum(message.byte_length for message in messages) + len(_END)


def write_stream(messages: list[Message], target: memoryview) -> None:
    """Write the messages one after another, and the end."""
    at = 0
    for message in messages:
        message.write(target[at : at + message.byte_length])
        at += message.byte_length
    target[at : at + len(_END)] = _END


class _Pieces:
    """Pieces read one after another."""

    def __init__(self, pieces: list[memoryview]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def take(self, count: int) -> bytes:
        """Take so many bytes, copied."""
        return b"".join(self._parts(count))

    def body(self, metadata: Metadata) -> list[memoryview]:
        """Take the buffers of a body, and leave out what is between them."""
        found: list[memoryview] = []
        at = 0
        for offset, length in metadata.regions:
            self._skip(offset - at)
            parts = list(self._parts(length))
            found.append(parts[0] if len(parts) == 1 else memoryview(b"".join(parts)))
            at = offset + length
        self._skip(metadata.body_bytes - at)
        return found

    def _skip(self, count: int) -> None:
        for _ in self._parts(count):
            pass

    def _parts(self, count: int) -> Iterator[memoryview]:
        while count > 0:
            if len(self._rest) == 0:
                self._rest = next(self._pieces)
            part = self._rest[:count]
            self._rest = self._rest[len(part) :]
            count -= len(part)
            yield part
