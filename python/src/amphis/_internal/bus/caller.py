"""What a member asks and says: requests, streams, events, and questions to the hub."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from amphis._internal.bus.asked import Asked
from amphis._internal.bus.call import Call
from amphis._internal.bus.failures import connection_closed
from amphis._internal.bus.flow import Inflow, Outflow
from amphis._internal.bus.options import WhileDown, check_while_down
from amphis._internal.bus.session import CONTROL_PRIORITY
from amphis._internal.bus.wants import Wants
from amphis._internal.frame.header import FrameKind
from amphis._internal.message.message import Message, MessageType
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from amphis._internal.bus.member import Member
    from amphis._internal.bus.reader import Reader
    from amphis._internal.bus.session import Session
    from amphis._internal.frame.frame import FrameAttachment

_NO_METADATA: dict[str, object] = {}
_MAX_TTL_MS = 2**53 - 1


class Said(NamedTuple):
    """What a message says besides its payload, and what becomes of it without a connection."""

    priority: Priority = Priority.NORMAL
    metadata: Mapping[str, object] | None = None
    schema: str | None = None
    version: int = 1
    while_down: WhileDown | None = None


class _Wait(NamedTuple):
    """How long something may wait until it is sent."""

    while_down: WhileDown
    deadline: float | None
    target: str
    timeout_ms: int

    def check(self, session: Session) -> None:
        """The session ended before anything was put in it: go on only if that is wanted."""
        if self.while_down == "fail":
            raise connection_closed(session.address, "the connection ended")


class Caller:
    """The calls of a member."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._runtime = member.runtime

    async def say(
        self, kind: MessageType, target: str, payload: object, said: Said, ttl: float | None
    ) -> None:
        """Send a message that is not answered; returns when it is accepted.

        Raises:
            AmphisError: CONNECTION_CLOSED, REQUEST_TIMEOUT when its TTL ends before, BUS_CLOSED,
                FRAME_TOO_LARGE, VALUE_UNSUPPORTED
        """
        ttl_ms = None if ttl is None else _milliseconds("ttl", ttl)
        message = self._message(kind, target, payload, said, ttl_ms)
        deadline = None if message.deadline_ns is None else message.deadline_ns / 1e9
        wait = _Wait(self._while_down(said), deadline, target, ttl_ms or 0)

        def put(session: Session, body: bytes) -> None:
            session.put(FrameKind.MESSAGE, 0, message.priority, body)
            self._member.published += kind is MessageType.EVENT

        await self._send(wait, message, put)
        self._end()

    async def request(
        self, target: str, payload: object, said: Said, timeout: float | None, source: object
    ) -> object:
        """Ask an endpoint for one value; `source` is iterated for its input, unless None.

        Raises:
            AmphisError: what it was answered with; REQUEST_TIMEOUT, CONNECTION_CLOSED, BUS_CLOSED
        """
        asked, _ = await self._ask(target, payload, said, timeout, source, 0)
        return await asked.result()

    async def open_stream(  # noqa: PLR0913, PLR0917 - what a request is made of
        self,
        target: str,
        payload: object,
        said: Said,
        timeout: float | None,
        source: object,
        credit: int,
    ) -> tuple[Asked, Reader]:
        """Ask an endpoint for a stream. The caller finishes what it gets.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED, REQUEST_TIMEOUT
        """
        asked, session = await self._ask(target, payload, said, timeout, source, credit)
        return asked, asked.reader(session)

    async def control(self, function: str, kwargs: dict[str, object]) -> object:
        """Ask the hub itself.

        Raises:
            AmphisError: what the hub answered with; CONNECTION_CLOSED, REQUEST_TIMEOUT, BUS_CLOSED
        """
        ttl_ms = self._ttl_ms(None)
        call = Call(self._runtime.waiter(), CONTROL_PRIORITY)
        asked = Asked(self._member, call, function, ttl_ms)

        def put(session: Session, _body: bytes) -> None:
            call.session = session
            call.call_id = session.call(function, kwargs, call)

        wait = _Wait(self._member.options.while_down, asked.deadline, function, ttl_ms or 0)
        await self._send(wait, None, put)
        return await asked.result()

    async def _ask(  # noqa: PLR0913, PLR0917 - what a request is made of
        self,
        target: str,
        payload: object,
        said: Said,
        timeout: float | None,
        source: object,
        credit: int,
    ) -> tuple[Asked, Session]:
        ttl_ms = self._ttl_ms(timeout)
        message = self._message(MessageType.REQUEST, target, payload, said, ttl_ms)
        iterator = None if source is None else self._runtime.iterator(source)
        waiter = self._runtime.waiter()
        inflow = Inflow(credit, waiter, given=credit) if credit else None
        outflow = None if iterator is None else Outflow(0, self._runtime.waiter())
        call = Call(waiter, message.priority, inflow, outflow)
        asked = Asked(self._member, call, target, ttl_ms)
        wants: tuple[FrameAttachment, ...] = ()
        if credit or iterator is not None:
            wants = Wants(None, credit, iterator is not None).attachments()

        def put(session: Session, body: bytes) -> None:
            call.session = session
            call.call_id = session.open(call)
            try:
                session.put(FrameKind.MESSAGE, call.call_id, call.priority, body, "msgpack", wants)
            except BaseException:
                del session.calls[call.call_id]
                raise
            self._member.requests += 1

        wait = _Wait(self._while_down(said), asked.deadline, target, ttl_ms or 0)
        session = await self._send(wait, message, put)
        if iterator is not None:
            self._runtime.spawn(asked.write(session, iterator))
        return asked, session

    async def _send(
        self, wait: _Wait, message: Message[Any] | None, put: Callable[[Session, bytes], None]
    ) -> Session:
        """Put something in a session, when there is one with room; `_end` says when it is over."""
        member, is_begun = self._member, False
        try:
            while True:
                session = member.free()
                if session is None:
                    if not is_begun:
                        self._begin()
                        is_begun = True
                    session = await member.ready(*wait)
                # Not under the lock, as a large payload takes its time.
                codec = session.message_codecs["msgpack"]
                body = b"" if message is None else codec.encode(message)
                with self._runtime.lock:
                    if not is_begun:
                        member.begin_call()
                        is_begun = True
                    if member.is_current(session):
                        put(session, body)
                        break
                wait.check(session)
        except BaseException:
            if is_begun:
                self._end()
            raise
        member.flush()
        return session

    def _while_down(self, said: Said) -> WhileDown:
        if said.while_down is None:
            return self._member.options.while_down
        check_while_down(said.while_down)
        return said.while_down

    def _message(
        self, kind: MessageType, target: str, payload: object, said: Said, ttl_ms: int | None
    ) -> Message[Any]:
        return Message(
            type=kind,
            payload=payload,
            target=target,
            source=self._member.options.name,
            priority=said.priority,
            ttl_ms=ttl_ms,
            schema=said.schema,
            version=said.version,
            metadata=_NO_METADATA if said.metadata is None else said.metadata,
        )

    def _ttl_ms(self, timeout: float | None) -> int | None:
        seconds = self._member.options.timeout if timeout is None else timeout
        return None if seconds == math.inf else _milliseconds("timeout", seconds)

    def _begin(self) -> None:
        with self._runtime.lock:
            self._member.begin_call()

    def _end(self) -> None:
        with self._runtime.lock:
            self._member.end_call()


def _milliseconds(name: str, seconds: float) -> int:
    # Written so that not-a-number is refused too.
    if not seconds >= 0:
        raise ValueError(f"Cannot use {name}: it must be 0 or more seconds, got {seconds!r}")
    return min(math.ceil(seconds * 1_000), _MAX_TTL_MS)
