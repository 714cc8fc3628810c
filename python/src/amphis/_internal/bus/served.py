"""A request that this side answers, while it is under way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from amphis._internal.bodies.call import CancelBody, ResultBody
from amphis._internal.bodies.stream import EndBody
from amphis._internal.bus.answer import Answer, credit_of
from amphis._internal.bus.failures import (
    request_cancelled,
    request_timeout,
    stream_overrun,
)
from amphis._internal.bus.flow import Inflow, Outflow
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.bus.runtime import Runtime
    from amphis._internal.bus.session import Session
    from amphis._internal.bus.wants import Wants
    from amphis._internal.frame.frame import Frame
    from amphis._internal.frame.header import BodyCodec
    from amphis._internal.message.message import Message

# Items of a caller that may be under way.
_WINDOW = 64
_NS_PER_S = 1_000_000_000


class Served:
    """One request: what arrived of it, and what its caller says further.

    Args:
        endpoint: the name of the endpoint that is meant
        wants: what the caller wants besides one value
    """

    def __init__(
        self, runtime: Runtime, frame: Frame, session: Session, endpoint: str, wants: Wants
    ) -> None:
        self.endpoint = endpoint
        self.session = session
        self.call_id = frame.call_id
        self.priority = frame.priority
        self.wants = wants
        self.codec: BodyCodec = "msgpack" if frame.codec == "compact" else frame.codec
        self.outflow = Outflow(wants.credit, runtime.waiter())
        self.inflow = Inflow(_WINDOW, runtime.waiter())
        # Why the caller gave up, once it did.
        self.reason: str | None = None
        self.interrupt: Callable[[], object] | None = None
        self.deadline_ns: int | None = None
        self._body: bytes = bytes(frame.body)
        self._message_codec = session.message_codecs[frame.codec]
        self._arrived_ns = time.monotonic_ns()
        self._ttl_ms = 0
        if not wants.input:
            self.inflow.finish(_NO_ITEMS)

    def message(self) -> Message[Any]:
        """Decode it, and start to watch its deadline.

        Raises:
            AmphisError: what the codec raises for bytes that are no message
        """
        message = self._message_codec.decode(self._body, now_ns=self._arrived_ns)
        self.deadline_ns = message.deadline_ns
        self._ttl_ms = message.ttl_ms or 0
        self._body = b""
        return message

    @property
    def time_left(self) -> float | None:
        """Seconds until nobody waits for the answer; None for ever."""
        if self.deadline_ns is None:
            return None
        return max(0.0, (self.deadline_ns - time.monotonic_ns()) / _NS_PER_S)

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self.reason is not None or self.time_left == 0

    def why_over(self) -> AmphisError:
        """The error of one that nobody waits for."""
        if self.reason is not None:
            return request_cancelled(self.endpoint, self.reason)
        return request_timeout(self.endpoint, self._ttl_ms)

    def receive(self, frame: Frame, session: Session) -> bool:
        """Take what the caller says further; see `Exchange`."""
        kind = frame.kind
        codec = session.codecs.get(frame.codec)
        try:
            if kind is FrameKind.CREDIT:
                self.outflow.give(credit_of(frame, codec))
            elif kind is FrameKind.ITEM:
                if not self.inflow.take(Answer(kind, bytes(frame.body), codec)):
                    raise stream_overrun(self.inflow.window)
            elif kind is FrameKind.END:
                self.inflow.finish(Answer(kind, bytes(frame.body), codec))
            elif kind is FrameKind.CANCEL:
                self.cancel(_reason(frame))
            else:
                session.orphans += 1
        except AmphisError as error:
            session.fail(self.call_id, self.priority, error)
            self.cancel(error.message)
        return self.reason is not None

    def lost(self, error: AmphisError) -> None:
        """The connection ended."""
        self.cancel(error.message)

    def cancel(self, reason: str) -> None:
        """Nobody waits for the answer any more: tell the handler."""
        if self.reason is not None:
            return
        self.reason = reason
        self.outflow.stop()
        self.inflow.finish(Answer.failed(request_cancelled(self.endpoint, reason)))
        if self.interrupt is not None:
            self.interrupt()

    def answer(self, value: object) -> None:
        """Send one value; call it with the lock held.

        Raises:
            AmphisError: a value that cannot travel
        """
        if self.call_id and self.reason is None:
            body = ResultBody(value).encode(self.session.codecs[self.codec])
            self.session.put(FrameKind.RESULT, self.call_id, self.priority, body, self.codec)

    def fail(self, error: BaseException) -> None:
        """Send an error; call it with the lock held."""
        if self.call_id and self.reason is None:
            self.session.fail(self.call_id, self.priority, error)

    def finish(self) -> None:
        """Nothing more is said; call it with the lock held."""
        self.session.calls.pop(self.call_id, None)
        if self.reason is None:
            self.interrupt = None
            self.cancel("it is answered")


def _reason(frame: Frame) -> str:
    try:
        return CancelBody.decode(frame.body).reason
    except AmphisError:
        # It is cancelled all the same.
        return "the caller gave up"


# The end of a stream without items, which is the input of a caller that streams none.
_NO_ITEMS = Answer(FrameKind.END, EndBody(0).encode(), msgpack())
