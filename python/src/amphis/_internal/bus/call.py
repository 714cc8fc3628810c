"""A call that this side makes, while it is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.bus.answer import Answer, credit_of
from amphis._internal.bus.failures import stream_overrun
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from amphis._internal.bus.flow import Inflow, Outflow
    from amphis._internal.bus.session import Session
    from amphis._internal.frame.frame import Frame
    from amphis._internal.transport.waiting import Waiter

_ENDS = frozenset((FrameKind.RESULT, FrameKind.ERROR, FrameKind.END))


class Call:
    """A request, or something asked of the hub itself.

    Args:
        waiter: woken when the call is over
        priority: of all its frames, so that none overtakes another
        inflow: where items of the answer go, when a stream was asked for
        outflow: what lets the items of the input go, when there is one
    """

    __slots__ = ("answer", "call_id", "inflow", "outflow", "priority", "session", "waiter")

    def __init__(
        self,
        waiter: Waiter,
        priority: Priority = Priority.NORMAL,
        inflow: Inflow | None = None,
        outflow: Outflow | None = None,
    ) -> None:
        self.waiter = waiter
        self.priority = priority
        self.inflow = inflow
        self.outflow = outflow
        self.answer: Answer | None = None
        self.call_id = 0
        self.session: Session | None = None

    def receive(self, frame: Frame, session: Session) -> bool:
        """Take a part of the answer; see `Exchange`."""
        kind = frame.kind
        if kind in _ENDS:
            self.settle(Answer(kind, bytes(frame.body), session.codecs.get(frame.codec)))
            return True
        try:
            if kind is FrameKind.ITEM:
                self._item(frame, session)
            elif kind is FrameKind.CREDIT and self.outflow is not None:
                self.outflow.give(credit_of(frame, session.codecs.get(frame.codec)))
            else:
                session.orphans += 1
        except AmphisError as error:
            session.cancel(frame.call_id, self.priority, error.message)
            self.settle(Answer.failed(error))
            return True
        return False

    def lost(self, error: AmphisError) -> None:
        """The connection ended."""
        self.settle(Answer.failed(error))

    def settle(self, answer: Answer) -> None:
        """The call is over."""
        if self.answer is not None:
            return
        self.answer = answer
        if self.inflow is not None:
            self.inflow.finish(answer)
        if self.outflow is not None:
            self.outflow.stop()
        self.waiter.wake()

    def abandon(self, reason: str) -> None:
        """Nobody waits for the answer any more; call it with the lock held."""
        session = self.session
        if self.answer is None and session is not None:
            if session.calls.pop(self.call_id, None) is not None:
                session.cancel(self.call_id, self.priority, reason)
            if self.outflow is not None:
                self.outflow.stop()

    def _item(self, frame: Frame, session: Session) -> None:
        item = Answer(frame.kind, bytes(frame.body), session.codecs.get(frame.codec))
        if self.inflow is None or not self.inflow.take(item):
            raise stream_overrun(0 if self.inflow is None else self.inflow.window)
