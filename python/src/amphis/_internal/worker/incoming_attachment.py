"""Attachments of a frame, each opened once, as whoever gets them wants to have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import AttachmentKind
from amphis._internal.memory.carrier import BYTES, open_attachment
from amphis._internal.memory.device_carrier import FORMAT as DEVICE
from amphis._internal.memory.device_carrier import let_go_of_named
from amphis._internal.values import Attachment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amphis._internal.frame.frame import FrameAttachment
    from amphis._internal.memory.guest import GuestMemory


class Opening:
    """Opens attachments of one frame; two values that name the same one get the same object."""

    __slots__ = ("_attachments", "_guest", "_opened")

    def __init__(self, attachments: Sequence[FrameAttachment], guest: GuestMemory | None) -> None:
        self._attachments = attachments
        self._guest = guest
        self._opened: dict[int, object] = {}

    def open(self, value: Attachment) -> Any:  # noqa: ANN401 - an array, a table, bytes, or a tensor
        """What an attachment holds: bytes are copied, unless the program says to show them.

        Raises:
            AmphisError: BODY_INVALID when the frame has no such attachment; as `open_attachment`
        """
        index = value.index
        if index in self._opened:
            return self._opened[index]
        if index >= len(self._attachments):
            raise AmphisError(
                ErrorCode.BODY_INVALID,
                f"Cannot read attachment {index}: the frame has {len(self._attachments)}",
                {"body": "attachment", "path": "$.index", "expected": "one that the frame has"},
            )
        # Taken over by the attempt, whether it succeeds or not.
        self._opened[index] = None
        opened = open_attachment(self._attachments[index], value, self._guest)
        if value.format == BYTES and value.meta.get("shown") is not True:
            opened = bytes(opened)
        self._opened[index] = opened
        return opened

    def discard(self, value: object) -> None:
        """Let go of what a value names and nobody opened."""
        kind = type(value)
        if isinstance(value, Attachment):
            self._let_go(value)
        elif kind in (list, tuple, dict):
            for item in value.values() if isinstance(value, dict) else value:  # type: ignore[attr-defined]
                self.discard(item)

    def _let_go(self, value: Attachment) -> None:
        index = value.index
        if index in self._opened or index >= len(self._attachments) or self._guest is None:
            return
        self._opened[index] = None
        kind, data = self._attachments[index]
        try:
            if kind == AttachmentKind.REFERENCE:
                self._guest.accept(data)
            elif value.format == DEVICE:
                let_go_of_named(value.meta, self._guest)
        except AmphisError:
            # Then there was nothing in it to let go.
            return
