"""One frame: a header's meaning, a body and its attachments."""

from __future__ import annotations

from enum import IntEnum

from amphis._internal.frame.header import PROTOCOL_VERSION, BodyCodec, FrameKind
from amphis._internal.light import NamedTuple
from amphis._internal.priority import Priority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

Buffer: TypeAlias = "bytes | bytearray | memoryview"


class AttachmentKind(IntEnum):
    """How an attachment carries its data."""

    INLINE = 0
    REFERENCE = 1


class FrameAttachment(NamedTuple):
    """Bulk data beside a body: the bytes themselves, or an encoded shared-memory reference."""

    kind: AttachmentKind
    data: Buffer


class Frame(NamedTuple):
    """What crosses a connection in one piece.

    A frame that was received borrows its body and attachments: read-only views of the bytes that
    were fed to the decoder. Copy what must outlive them.
    """

    kind: FrameKind
    body: Buffer = b""
    call_id: int = 0
    priority: Priority = Priority.NORMAL
    codec: BodyCodec = "msgpack"
    attachments: tuple[FrameAttachment, ...] = ()
    version: int = PROTOCOL_VERSION
