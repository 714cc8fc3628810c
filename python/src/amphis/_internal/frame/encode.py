"""Frames to bytes."""

from __future__ import annotations

import struct

from amphis._internal.frame.header import (
    BODY_CODECS,
    ENTRY_BYTES,
    HEADER,
    HEADER_BYTES,
    MAGIC,
    MAX_CALL_ID,
    MAX_FRAME_BYTES,
    PLAIN_WORDS,
    PROTOCOL_VERSION,
    WORDS,
    FrameKind,
    flags_of,
    padded,
    too_large,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.frame.frame import Buffer, Frame, FrameAttachment

_ENTRY = struct.Struct("<IB3x")
_ZEROS = bytes(7)
_MAX_ATTACHMENTS = 65_535
_MAX_U32 = 2**32 - 1
_MAX_VERSION = 255
# Copying as much costs less than a second buffer.
_SMALL_BYTES = 4_096


def encode_frame(frame: Frame, *, max_frame_bytes: int = MAX_FRAME_BYTES) -> bytes:
    """One frame as contiguous bytes.

    Raises:
        AmphisError: FRAME_TOO_LARGE beyond `max_frame_bytes`
        ValueError: a field that no frame can hold
    """
    return b"".join(frame_parts(frame, max_frame_bytes=max_frame_bytes))


def plain_frame(frame: Frame, max_frame_bytes: int) -> bytes | None:
    """One small frame without attachments as contiguous bytes; None for any other.

    Gives what `encode_frame` gives, and leaves it to that to refuse what no frame can hold.
    """
    kind, body, call_id, priority, codec, attachments, version = frame
    if attachments or version != PROTOCOL_VERSION or not 0 <= call_id <= MAX_CALL_ID:
        return None
    word = PLAIN_WORDS.get((int(kind), int(priority), codec))
    size = body.nbytes if isinstance(body, memoryview) else len(body)
    if word is None or size > _SMALL_BYTES or HEADER_BYTES + size > max_frame_bytes:
        return None
    return WORDS.pack(word, call_id, size, 0) + body


def frame_parts(frame: Frame, *, max_frame_bytes: int = MAX_FRAME_BYTES) -> list[Buffer]:
    """One frame as buffers for `socket.sendmsg`; body and attachments are not copied.

    Raises:
        AmphisError: FRAME_TOO_LARGE beyond `max_frame_bytes`
        ValueError: a field that no frame can hold
    """
    _check(frame)
    body_bytes = _size(frame.body)
    attached = _attached_bytes(frame.attachments)
    total = HEADER_BYTES + body_bytes if attached == 0 else padded(24 + body_bytes) + attached
    limit = min(max_frame_bytes, _MAX_U32)
    if total > limit:
        raise too_large(limit, total)
    flags = flags_of(frame.priority, frame.codec)
    count = len(frame.attachments)
    parts: list[Buffer] = [
        HEADER.pack(
            MAGIC, frame.version, frame.kind, flags, count, frame.call_id, body_bytes, attached
        )
    ]
    if body_bytes:
        parts.append(frame.body)
    if count:
        _append_attachments(parts, frame.attachments, -body_bytes % 8)
    return parts


def _append_attachments(
    parts: list[Buffer], attachments: tuple[FrameAttachment, ...], padding: int
) -> None:
    entries = (_ENTRY.pack(_size(data), kind) for kind, data in attachments)
    parts.append(_ZEROS[:padding] + b"".join(entries))
    for _, data in attachments:
        size = _size(data)
        if size:
            parts.append(data)
        if size % 8:
            parts.append(_ZEROS[: -size % 8])


def _attached_bytes(attachments: tuple[FrameAttachment, ...]) -> int:
    return sum(ENTRY_BYTES + padded(_size(data)) for _, data in attachments)


def _size(data: Buffer) -> int:
    return data.nbytes if isinstance(data, memoryview) else len(data)


def _check(frame: Frame) -> None:
    if not 0 <= frame.call_id <= MAX_CALL_ID:
        raise ValueError(f"Cannot encode frame: call_id {frame.call_id} is not in 0 to 2^53-1")
    if not 0 <= frame.version <= _MAX_VERSION:
        raise ValueError(f"Cannot encode frame: version {frame.version} is not in 0 to 255")
    if frame.codec not in BODY_CODECS:
        raise ValueError(f"Cannot encode frame: there is no codec {frame.codec!r}")
    if frame.kind == FrameKind.HELLO and frame.codec != "msgpack":
        raise ValueError("Cannot encode frame: a hello is always msgpack")
    if len(frame.attachments) > _MAX_ATTACHMENTS:
        raise ValueError(f"Cannot encode frame: {len(frame.attachments)} attachments, 65535 fit")
