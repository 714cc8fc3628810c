"""Puts what came of a call into the channel."""

from __future__ import annotations

import sys
from time import perf_counter_ns

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.channel.plain import BULK_BYTES
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import AttachmentKind, Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.exceptions import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from amphis._internal.channel.channel import Channel
    from amphis._internal.memory.carrier import Carried
    from amphis._internal.worker.cancel import Why
    from amphis._internal.worker.objects import Objects
    from amphis._internal.worker.outgoing import Outgoing

# Arrays are made by hand around values that are packed already.
_ARRAY_OF_ONE, _ARRAY_OF_TWO = b"\x91", b"\x92"
_RESULT, _ITEM = FrameKind.RESULT, FrameKind.ITEM
_INLINE = AttachmentKind.INLINE
# The modes in which what is plain travels as it is.
_COPYING = frozenset(("auto", "value"))


class Answers:
    """Sends results, items and errors. For all threads; nothing of it may be broken off.

    Attributes:
        send_plain: see `Channel.send_plain`
    """

    __slots__ = ("_channel", "_encode", "_objects", "_outgoing", "send_plain")

    def __init__(self, channel: Channel, outgoing: Outgoing, objects: Objects) -> None:
        self._channel = channel
        self.send_plain = channel.send_plain
        self._outgoing = outgoing
        self._objects = objects
        self._encode = msgpack().encode

    def result(self, call_id: int, value: object, mode: str) -> None:
        """Answer a call.

        Raises:
            AmphisError: the value cannot travel, or the channel is over
        """
        if mode not in _COPYING or not self.send_plain(_RESULT, call_id, [value]):
            self.result_in_parts(call_id, value, mode)

    def result_in_parts(self, call_id: int, value: object, mode: str) -> None:
        """As `result`, of what is not plain: what belongs beside the body goes there."""
        packed, carried = self._outgoing.pack(value, mode)
        self.send(_RESULT, call_id, _ARRAY_OF_ONE + packed, carried)

    def timed_result(
        self, call_id: int, value: object, mode: str, began: int, decoded: int
    ) -> None:
        """Answer a call and say how long it took: times of `perf_counter_ns`; errors as above."""
        ran = perf_counter_ns()
        packed, carried = self._outgoing.pack(value, mode)
        figures = {
            "decode": decoded - began,
            "run": ran - decoded,
            "encode": perf_counter_ns() - ran,
        }
        body = _ARRAY_OF_TWO + packed + self._encode(figures)
        self.send(FrameKind.RESULT, call_id, body, carried)

    def item(self, call_id: int, sequence: int, value: object, mode: str) -> None:
        """Send one item of a stream; errors as above."""
        if mode in _COPYING and self.send_plain(_ITEM, call_id, [sequence, value]):
            return
        packed, carried = self._outgoing.pack(value, mode)
        body = _ARRAY_OF_TWO + self._encode(sequence) + packed
        self.send(_ITEM, call_id, body, carried)

    def end(self, call_id: int, sequence: int) -> None:
        """End a stream."""
        self.send(FrameKind.END, call_id, self._encode([sequence]), ())

    def error(  # noqa: PLR0913 - what there is to say of an error
        self,
        call_id: int,
        error: BaseException,
        *,
        call: str,
        why: Why | None = None,
        arguments: Sequence[object] = (),
        step: int | None = None,
        target: object = None,
    ) -> None:
        """Answer that the call failed; this cannot fail, unless the channel is over.

        Args:
            call_id: of the call
            error: what was raised
            call: name of what was called
            why: the program wanted no more of it
            arguments: what it was called with
            step: of a program
            target: the function itself, where its name does not tell which
        """
        if why is not None and is_cancelled(error):
            error = broken_off(call, why, error)
        from amphis._internal.worker.failure import error_body  # noqa: PLC0415 - few calls fail

        body = error_body(
            error, call=call, arguments=arguments, step=step, target=target, objects=self._objects
        )
        try:
            self.send(FrameKind.ERROR, call_id, body, ())
        except AmphisError as refused:
            if refused.code != ErrorCode.FRAME_TOO_LARGE:
                raise
            self.send(FrameKind.ERROR, call_id, error_body(refused, call=call[:1_000]), ())

    def send(self, kind: FrameKind, call_id: int, body: bytes, carried: Sequence[Carried]) -> None:
        """Send a frame with its attachments."""
        # They are kept until here: references name memory that lives as long as they do.
        attachments = tuple(one.attachment for one in carried)
        try:
            self._channel.send(Frame(kind, body, call_id, attachments=attachments))
        except AmphisError as refused:
            if refused.code != ErrorCode.FRAME_TOO_LARGE:
                raise
            inline = (len(one.data) for one in attachments if one.kind == _INLINE)
            unplaced = sum(size for size in inline if size >= BULK_BYTES)
            if unplaced == 0 or self._channel.memory is None:
                raise
            raise _without_room(refused, unplaced) from None
        for one in carried:
            if one.journey is not None:
                one.journey.arrived()


def _without_room(refused: AmphisError, unplaced: int) -> AmphisError:
    """What is large goes into the frame only where shared memory did not take it."""
    return AmphisError(
        refused.code,
        f"{refused.message}; {unplaced} bytes of it are arrays, tables or bytes that found no room"
        " in shared memory: raise memory.maxBytes, or release results that are not needed",
        refused.context,
    )


def is_cancelled(error: BaseException) -> bool:
    """Whether it is what is raised in a call that is not wanted any more."""
    if isinstance(error, Cancelled):
        return True
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(error, asyncio.CancelledError)


def broken_off(call: str, why: Why, cause: BaseException | None = None) -> AmphisError:
    """The error of a call that the program wanted no more."""
    return AmphisError(
        why.code,
        f"Cannot finish {call}: {why.reason}",
        {"target": call, "reason": why.reason},
        cause=cause,
    )
