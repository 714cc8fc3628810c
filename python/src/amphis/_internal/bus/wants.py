"""What the attachment of a message says beside it (spec/bus.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from amphis._internal.bodies.place import Place
from amphis._internal.bus.failures import body_invalid
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.frame import AttachmentKind, FrameAttachment

if TYPE_CHECKING:
    from amphis._internal.frame.frame import Frame

MAX_CREDIT = 2**31 - 1
_MSGPACK = msgpack()


class Wants(NamedTuple):
    """What a caller wants besides one value, and which endpoint the hub chose."""

    endpoint: str | None = None
    credit: int = 0
    input: bool = False

    def attachments(self) -> tuple[FrameAttachment, ...]:
        """As attachments of the frame of a request: none when there is nothing to say."""
        said: dict[str, object] = {}
        if self.credit:
            said["credit"] = self.credit
        if self.input:
            said["input"] = True
        if not said:
            return ()
        return (FrameAttachment(AttachmentKind.INLINE, _MSGPACK.encode(said)),)

    @staticmethod
    def of(frame: Frame) -> Wants:
        """Read those of a frame.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        if not frame.attachments:
            return NO_WANTS
        first = frame.attachments[0]
        if len(frame.attachments) != 1 or first.kind is not AttachmentKind.INLINE:
            raise body_invalid("message", "$", "with one inline attachment at most")
        said = Place("attachment", _MSGPACK.decode(first.data))
        endpoint, credit, wants_input = said.key("endpoint"), said.key("credit"), said.key("input")
        return Wants(
            None if endpoint.is_absent else endpoint.text(),
            0 if credit.is_absent else credit.integer(1, MAX_CREDIT),
            not wants_input.is_absent and wants_input.boolean(),
        )


NO_WANTS = Wants()
