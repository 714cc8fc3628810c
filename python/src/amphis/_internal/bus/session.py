"""One connection to a hub without its socket: bytes in, frames out, and the calls in between."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from amphis._internal.bodies.call import CallBody, CancelBody
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.bus.failures import (
    connection_closed,
    frame_invalid,
    peer_lost,
)
from amphis._internal.bus.joining import hello_of, join
from amphis._internal.codec.choose import codec as value_codec
from amphis._internal.errors import AmphisError
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame, frame_parts
from amphis._internal.frame.frame import Frame, FrameAttachment
from amphis._internal.frame.header import BodyCodec, FrameKind
from amphis._internal.hello import Negotiated
from amphis._internal.message.choose import message_codec
from amphis._internal.printing.text import cut_text
from amphis._internal.priority import Priority
from amphis._internal.transport.heartbeat import Heartbeat
from amphis._internal.transport.outbox import Outbox

if TYPE_CHECKING:
    from amphis._internal.bus.exchange import Exchange, SessionHost
    from amphis._internal.bus.options import BusOptions, Destination
    from amphis._internal.codec.codec import Codec
    from amphis._internal.frame.frame import Buffer
    from amphis._internal.message.codec import MessageCodec

# What a program asks of the hub goes before what it says to other members.
CONTROL_PRIORITY = Priority.HIGH
_MAX_REASON = 1_000


class Session:
    """Everything about one connection but the bytes' way. Used under the lock of its member.

    Whoever moves the bytes calls `receive` with what came and `tick` when it is due, and writes
    what is in `outbox`. Both raise what ends the connection.
    """

    def __init__(
        self, options: BusOptions, destination: Destination, host: SessionHost, now: float
    ) -> None:
        self.outbox = Outbox(options.send_queue_bytes)
        self.calls: dict[int, Exchange] = {}
        self.orphans = 0
        # Whether `tick` should be called before the time that it said.
        self.is_due_sooner = False
        self.peer = ""
        self.address = destination.text
        self.codecs: dict[str, Codec] = {}
        self.message_codecs: dict[str, MessageCodec] = {}
        self._options = options
        self._host = host
        self._decoder = FrameDecoder(max_frame_bytes=options.max_frame_bytes)
        self._heartbeat = Heartbeat(options.heartbeat, now)
        self._let_in_by = now + options.connect_timeout
        self._began_at = now
        self._max_frame_bytes = options.max_frame_bytes
        self._last_id = -1
        self._is_joined = False
        self._is_receiving = False
        self._hello = hello_of(options)
        self.put(FrameKind.HELLO, 0, Priority.CRITICAL, self._hello.encode())

    def receive(self, data: Buffer, now: float) -> None:
        """Take bytes that came.

        Raises:
            AmphisError: what no hub would send; the connection is over then
        """
        self.hear(self._decoder.feed(data), now)
        if self._decoder.failure is not None:
            raise self._decoder.failure

    def hear(self, frames: list[Frame], now: float) -> None:
        """Take frames that came.

        Raises:
            AmphisError: what no hub would send; the connection is over then
        """
        self._heartbeat.heard(now)
        self._is_receiving = True
        try:
            for frame in frames:
                self._take(frame)
        finally:
            self._is_receiving = False

    def ended(self) -> AmphisError:
        """No more bytes come; say why that ends the session."""
        try:
            self._decoder.end()
        except AmphisError as error:
            return error
        return connection_closed(self.address, "the hub closed the connection")

    def progressed(self, now: float) -> None:
        """The hub took bytes, which is a sign of life while this side does not read."""
        self._heartbeat.heard(now)

    def tick(self, now: float) -> float:
        """Do what is due and say when to call again.

        Raises:
            AmphisError: PEER_LOST
        """
        self.is_due_sooner = False
        if not self._is_joined:
            if now >= self._let_in_by:
                silent_ms = round((now - self._began_at) * 1_000)
                raise peer_lost(self.address, silent_ms, "answer to the join")
            return self._let_in_by
        due = self._heartbeat.tick(now)
        if due == "ask":
            self.put(FrameKind.PING, 0, Priority.CRITICAL, b"")
        elif due == "lost":
            raise peer_lost(self.address, self._heartbeat.silent_ms(now))
        return min(self._heartbeat.due_at, self._host.tick(now))

    def put(  # noqa: PLR0913, PLR0917 - the fields of a frame, on the hot path
        self,
        kind: FrameKind,
        call_id: int,
        priority: Priority,
        body: Buffer,
        codec: BodyCodec = "msgpack",
        attachments: tuple[FrameAttachment, ...] = (),
    ) -> None:
        """Say something to the hub.

        Raises:
            AmphisError: FRAME_TOO_LARGE for what the hub takes; nothing was said then
        """
        frame = Frame(kind, body, call_id, priority, codec, attachments)
        parts = frame_parts(frame, max_frame_bytes=self._max_frame_bytes)
        self.outbox.put(priority, parts, is_owed=self._is_receiving)

    def open(self, exchange: Exchange) -> int:
        """Begin a call of this side; return its id."""
        self._last_id += 2
        self.calls[self._last_id] = exchange
        return self._last_id

    def call(self, function: str, kwargs: dict[str, object], exchange: Exchange) -> int:
        """Ask something of the hub itself; return the id of the call."""
        body = CallBody(function=function, kwargs=kwargs).encode()
        call_id = self.open(exchange)
        try:
            self.put(FrameKind.CALL, call_id, CONTROL_PRIORITY, body)
        except AmphisError:
            del self.calls[call_id]
            raise
        return call_id

    def cancel(self, call_id: int, priority: Priority, reason: str) -> None:
        """Say that a call is not wanted any more."""
        # A hub that takes hardly anything gets as much of it as it takes.
        for said in (cut_text(reason, _MAX_REASON), ""):
            with suppress(AmphisError):
                self.put(FrameKind.CANCEL, call_id, priority, CancelBody(said).encode())
                return

    def fail(self, call_id: int, priority: Priority, error: BaseException) -> None:
        """Answer a call with an error."""
        try:
            self.put(FrameKind.ERROR, call_id, priority, ErrorBody(error).encode())
        except AmphisError as too_large:
            with suppress(AmphisError):
                self.put(FrameKind.ERROR, call_id, priority, ErrorBody(too_large).encode())

    def accept(self, call_id: int) -> None:
        """Take the id of a request.

        Raises:
            AmphisError: FRAME_INVALID when it is taken
        """
        # Ids grow, and yet may come in another order: the more urgent overtakes at the hub.
        if call_id in self.calls:
            raise frame_invalid("callId", call_id, f"the call {call_id} is under way already")

    def lost(self, error: AmphisError) -> None:
        """The connection ended: tell every call."""
        calls, self.calls = self.calls, {}
        for exchange in calls.values():
            exchange.lost(error)

    def _take(self, frame: Frame) -> None:
        kind = frame.kind
        if not self.codecs:
            join(self, frame, self._hello, self._options)
        elif kind is FrameKind.PING:
            # Echoed whole; the hub's limit was agreed on, and its ping was within it.
            pong = Frame(FrameKind.PONG, bytes(frame.body), priority=Priority.CRITICAL)
            self.outbox.put_pong(encode_frame(pong))
        elif kind in _PARTS:
            self._hear(frame)
        elif kind is FrameKind.MESSAGE and self._is_joined:
            self._message(frame)
        elif kind is not FrameKind.PONG:
            raise frame_invalid("kind", int(kind), f"none of kind {kind.name.lower()} may come now")

    def _hear(self, frame: Frame) -> None:
        exchange = self.calls.get(frame.call_id)
        if exchange is None:
            self.orphans += 1
        elif exchange.receive(frame, self):
            self.calls.pop(frame.call_id, None)

    def _message(self, frame: Frame) -> None:
        call_id = frame.call_id
        if call_id % 2:
            self._hear(frame)
            return
        if call_id:
            self.accept(call_id)
        self._host.message(frame, self)

    def agree(self, agreed: Negotiated) -> None:
        """Put in force what both hellos led to."""
        self._max_frame_bytes = agreed.max_frame_bytes
        for name in agreed.codecs:
            self.codecs[name] = value_codec(name, max_depth=agreed.max_depth)
            self.message_codecs[name] = message_codec(name, max_depth=agreed.max_depth)

    def let_in(self, peer: str) -> None:
        """The hub answered the join."""
        self._is_joined = True
        self.is_due_sooner = True
        self.peer = peer
        self._host.joined(self)


_PARTS = frozenset(
    (
        FrameKind.RESULT,
        FrameKind.ERROR,
        FrameKind.ITEM,
        FrameKind.END,
        FrameKind.CREDIT,
        FrameKind.CANCEL,
    )
)
