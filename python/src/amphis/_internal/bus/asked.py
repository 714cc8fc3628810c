"""A call under way, as whoever made it sees it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bus.answer import Answer
from amphis._internal.bus.failures import request_cancelled, request_timeout
from amphis._internal.bus.passage import Passage
from amphis._internal.bus.reader import Reader
from amphis._internal.bus.writer import write_items
from amphis._internal.errors import AmphisError

if TYPE_CHECKING:
    from amphis._internal.bus.call import Call
    from amphis._internal.bus.member import Member
    from amphis._internal.bus.session import Session


class Asked:
    """A call under way. Whoever made it finishes it, whatever happens.

    Args:
        target: for people
        ttl_ms: how long the caller waits; None for ever
    """

    __slots__ = ("_member", "call", "deadline", "is_finished", "is_timed_out", "target", "ttl_ms")

    def __init__(self, member: Member, call: Call, target: str, ttl_ms: int | None) -> None:
        self.call = call
        self.target = target
        self.ttl_ms = ttl_ms
        self.deadline = None if ttl_ms is None else time.monotonic() + ttl_ms / 1_000
        self.is_timed_out = False
        self._member = member
        self.is_finished = False

    async def result(self) -> object:
        """Wait for the one value that answers it, and finish it.

        Raises:
            AmphisError: what it was answered with; REQUEST_TIMEOUT, CONNECTION_CLOSED
        """
        call, deadline = self.call, self.deadline
        try:
            while call.answer is None:
                left = None if deadline is None else deadline - time.monotonic()
                if not await call.waiter.wait(left):
                    break
            if call.answer is None:
                raise self.expired()
        finally:
            self.finish()
        try:
            return call.answer.result()
        except AmphisError as error:
            # The side that answers keeps the deadline too, and may be the first to say so.
            if error.code == ErrorCode.REQUEST_TIMEOUT:
                with self._member.lock:
                    self._member.timeouts += 1
            raise

    def reader(self, session: Session) -> Reader:
        """Read the stream that answers it."""
        if self.call.inflow is None:
            raise TypeError("Cannot read stream: one value was asked for")
        return Reader(self._passage(session), self.call.inflow)

    async def write(self, session: Session, source: object) -> None:
        """Send the items of an iterator as its input."""
        call = self.call
        if call.outflow is None:
            raise TypeError("Cannot write stream: the call has no input")
        try:
            await write_items(self._passage(session), call.outflow, source)
        except Exception as raised:  # noqa: BLE001 - the iterator is user code; its owner gets it
            with self._member.lock:
                call.abandon(f"the input failed: {raised}")
                call.settle(Answer.failed(raised))
            self._member.flush()

    def expired(self) -> AmphisError:
        """The error of a call whose time is over."""
        self.is_timed_out = True
        return request_timeout(self.target, self.ttl_ms or 0)

    def finish(self) -> None:
        """Nobody waits any more: cancels the call if it is not over."""
        if self.is_finished:
            return
        self.is_finished = True
        why = f"no answer within {self.ttl_ms} ms" if self.is_timed_out else "the caller gave up"
        with self._member.lock:
            is_open = self.call.answer is None
            if is_open:
                self.call.abandon(why)
                # Another thread may be reading.
                self.call.settle(Answer.failed(request_cancelled(self.target, why)))
            self._member.end_call()
            self._member.timeouts += self.is_timed_out
        if is_open:
            self._member.flush()

    def _passage(self, session: Session) -> Passage:
        return Passage(
            self._member.runtime,
            session,
            self.call.call_id,
            self.call.priority,
            "msgpack",
            self._member.flush,
            self.deadline,
            self.expired,
        )
