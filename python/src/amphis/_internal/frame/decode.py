"""Bytes to frames: the only place where a connection's bytes are cut."""

from __future__ import annotations

import struct

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import AttachmentKind, Buffer, Frame, FrameAttachment
from amphis._internal.frame.header import (
    ENTRY_BYTES,
    HEADER_BYTES,
    MAX_CALL_ID,
    MAX_FRAME_BYTES,
    PLAIN_HEADS,
    PROTOCOL_VERSION,
    WORDS,
    FrameHeader,
    FrameKind,
    invalid,
    padded,
    read_header,
    too_large,
    truncated,
)

# length, kind, and three bytes that are zero: read as one word to check them together.
_ENTRY = struct.Struct("<II")
_KINDS = tuple(AttachmentKind)


class FrameDecoder:
    """Cuts a stream of bytes into frames, whatever the chunking.

    A frame that lies within one chunk is returned as views of that chunk; one that spans chunks is
    collected first. So memory grows with the bytes that arrived, never with the length that a
    peer claims, and a chunk that was fed must not be written to while its frames are in use.

    Args:
        max_frame_bytes: largest whole frame that is taken
        versions: lowest and highest protocol version that is taken; a hello of any version is,
            so that peers of different versions can tell each other so
    """

    __slots__ = ("_failure", "_header", "_limit", "_pending", "_takes_plain", "_versions")

    def __init__(
        self,
        *,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        versions: tuple[int, int] = (PROTOCOL_VERSION, PROTOCOL_VERSION),
    ) -> None:
        if max_frame_bytes < HEADER_BYTES:
            raise ValueError(f"Cannot decode frames: max_frame_bytes {max_frame_bytes} is below 24")
        self._limit = max_frame_bytes
        self._versions = versions
        self._takes_plain = versions[0] <= PROTOCOL_VERSION <= versions[1]
        self._pending = bytearray()
        self._header: FrameHeader | None = None
        self._failure: AmphisError | None = None

    @property
    def failure(self) -> AmphisError | None:
        """Why this decoder refuses everything from now on, or None while it is sound."""
        return self._failure

    @property
    def is_mid_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._pending)

    def feed(self, data: Buffer) -> list[Frame]:
        """Take the next bytes; return the frames that they complete.

        When a wrong frame follows good ones in the same chunk, the good ones are returned, and
        the error is in `failure` and raised by the next call.

        Raises:
            AmphisError: FRAME_INVALID, FRAME_TOO_LARGE, VERSION_UNSUPPORTED
        """
        self._raise_failure()
        frames: list[Frame] = []
        try:
            self._cut(memoryview(data).toreadonly().cast("B"), frames)
        except AmphisError as error:
            self._failure = error
            self._pending = bytearray()
            if not frames:
                raise
        return frames

    def whole(self, data: bytes) -> Frame | None:
        """Take bytes that are one plain frame, as most are; None, and nothing taken: feed them.

        Says of a frame exactly what `feed` says, and never refuses one.
        """
        if self._pending or self._failure is not None or not len(data) >= HEADER_BYTES:
            return None
        word, call_id, body_bytes, attached = WORDS.unpack_from(data)
        head = PLAIN_HEADS.get(word)
        if head is None or attached or call_id > MAX_CALL_ID or not self._takes_plain:
            return None
        if HEADER_BYTES + body_bytes != len(data) or len(data) > self._limit:
            return None
        kind, priority, codec = head
        body = memoryview(data)[HEADER_BYTES:]
        # As `Frame` does, without the call in between.
        fields = (kind, body, call_id, priority, codec, (), PROTOCOL_VERSION)
        return tuple.__new__(Frame, fields)

    def end(self) -> None:
        """Say that no more bytes come.

        Raises:
            AmphisError: FRAME_TRUNCATED inside a frame, or the error of before
        """
        self._raise_failure()
        if self._pending:
            expected = HEADER_BYTES if self._header is None else self._header.frame_bytes
            self._failure = truncated(expected, len(self._pending))
            self._pending = bytearray()
            raise self._failure

    def _raise_failure(self) -> None:
        if self._failure is not None:
            known = self._failure
            raise AmphisError(known.code, known.message, known.context)

    def _cut(self, chunk: memoryview, frames: list[Frame]) -> None:
        offset = self._resume(chunk, frames) if self._pending else 0
        size = len(chunk)
        while size - offset >= HEADER_BYTES:
            header = self._read_header(chunk, offset)
            end = offset + header.frame_bytes
            if end > size:
                self._header = header
                break
            frames.append(_read_frame(header, chunk[offset:end]))
            offset = end
        if offset < size:
            self._pending += chunk[offset:]

    def _resume(self, chunk: memoryview, frames: list[Frame]) -> int:
        """Complete the frame that began in an earlier chunk; return where the next one begins."""
        taken = 0
        if self._header is None:
            taken = self._take(chunk, 0, HEADER_BYTES)
            if len(self._pending) < HEADER_BYTES:
                return taken
            self._header = self._read_header(self._pending, 0)
        taken = self._take(chunk, taken, self._header.frame_bytes)
        if len(self._pending) == self._header.frame_bytes:
            whole = memoryview(self._pending).toreadonly()
            header, self._header, self._pending = self._header, None, bytearray()
            frames.append(_read_frame(header, whole))
        return taken

    def _take(self, chunk: memoryview, offset: int, wanted: int) -> int:
        end = min(len(chunk), offset + wanted - len(self._pending))
        self._pending += chunk[offset:end]
        return end

    def _read_header(self, data: memoryview | bytearray, offset: int) -> FrameHeader:
        header = read_header(data, offset)
        lowest, highest = self._versions
        if not lowest <= header.version <= highest and header.kind != FrameKind.HELLO:
            raise _version_unsupported(self._versions, header.version)
        if header.frame_bytes > self._limit:
            raise too_large(self._limit, header.frame_bytes)
        return header


def _read_frame(header: FrameHeader, data: memoryview) -> Frame:
    end = HEADER_BYTES + header.body_bytes
    attachments = _read_attachments(header, data, end) if header.attachment_count else ()
    return Frame(
        header.kind,
        data[HEADER_BYTES:end],
        header.call_id,
        header.priority,
        header.codec,
        attachments,
        header.version,
    )


def _read_attachments(
    header: FrameHeader, data: memoryview, body_end: int
) -> tuple[FrameAttachment, ...]:
    section = padded(body_end)
    _check_padding(data, body_end, section)
    offset = section + header.attachment_count * ENTRY_BYTES
    attachments: list[FrameAttachment] = []
    for length, kind in _ENTRY.iter_unpack(data[section:offset]):
        if kind >= len(_KINDS):
            raise invalid("attachmentKind", kind)
        end = offset + length
        following = padded(end)
        if following > len(data):
            raise invalid("attachmentLength", length)
        _check_padding(data, end, following)
        attachments.append(FrameAttachment(_KINDS[kind], data[offset:end]))
        offset = following
    if offset != len(data):
        raise invalid("attachmentBytes", header.attachment_bytes)
    return tuple(attachments)


def _check_padding(data: memoryview, start: int, end: int) -> None:
    for byte in data[start:end]:
        if byte != 0:
            raise invalid("padding", byte)


def _version_unsupported(local: tuple[int, int], version: int) -> AmphisError:
    return AmphisError(
        ErrorCode.VERSION_UNSUPPORTED,
        f"Cannot read frame: its version is {version}, negotiated were {local[0]} to {local[1]}",
        {"local": list(local), "remote": [version, version]},
    )
