"""A chunk of a stream as a frame (spec/bodies.md)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.stream import ItemBody
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import AttachmentKind, Frame, FrameAttachment
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.device_carrier import FORMAT as DEVICE
from amphis._internal.memory.device_carrier import let_go_of_named
from amphis._internal.values import Attachment

if TYPE_CHECKING:
    from amphis._internal.memory.carrier import Carried
    from amphis._internal.memory.guest import GuestMemory


class ChunkFrame(NamedTuple):
    """A chunk as it came, not opened yet."""

    sequence: int
    attachment: FrameAttachment
    value: Attachment


def encode_chunk(call_id: int, sequence: int, chunk: Carried) -> Frame:
    """Make the frame of a chunk."""
    value = Attachment(0, chunk.format, chunk.meta)
    body = ItemBody(sequence, value).encode()
    return Frame(FrameKind.ITEM, body, call_id, attachments=(chunk.attachment,))


def decode_chunk(frame: Frame) -> ChunkFrame:
    """Read the frame of a chunk.

    Raises:
        AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
    """
    item = ItemBody.decode(frame.body)
    if not isinstance(item.value, Attachment) or item.value.index != 0:
        raise _invalid("$[1]", "attachment 0")
    if len(frame.attachments) != 1:
        raise _invalid("$", "one attachment beside it")
    return ChunkFrame(item.sequence, frame.attachments[0], item.value)


def let_go(frame: Frame, guest: GuestMemory | None) -> None:
    """Let go of the memory and the device tensors that came with a frame which nobody takes."""
    if guest is None:
        return
    for attachment in frame.attachments:
        with suppress(AmphisError):
            if attachment.kind == AttachmentKind.REFERENCE:
                guest.accept(attachment.data)
            elif (value := decode_chunk(frame).value).format == DEVICE:
                let_go_of_named(value.meta, guest)


def _invalid(path: str, expected: str) -> AmphisError:
    return AmphisError(
        ErrorCode.BODY_INVALID,
        f"Cannot take chunk: {path} must have {expected}",
        {"body": "item", "path": path, "expected": expected},
    )
