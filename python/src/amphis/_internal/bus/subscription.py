"""A subscription: events that wait for their handler, one after the other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from amphis._internal.bus.failures import subscriber_slow
from amphis._internal.bus.lasting import Lasting, LastingOwner, logger
from amphis._internal.bus.session import Session
from amphis._internal.errors import AmphisError
from amphis._internal.message.message import MessageType
from amphis._internal.transport.line import PriorityLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.bus.options import SlowPolicy
    from amphis._internal.bus.runtime import Runtime
    from amphis._internal.frame.frame import Frame
    from amphis._internal.message.codec import MessageCodec
    from amphis._internal.message.message import Message
    from amphis._internal.priority import Priority


class _Arrived(NamedTuple):
    body: bytes
    codec: MessageCodec
    at_ns: int

    def message(self) -> Message[Any]:
        return self.codec.decode(self.body, now_ns=self.at_ns)


class _Made(NamedTuple):
    made: Message[Any]

    def message(self) -> Message[Any]:
        return self.made


class SubscriptionState(Lasting):
    """Events of one subscription. Handled in order, one at a time, while more may arrive.

    Args:
        policy: what becomes of events beyond `max_messages`
        busy: told when it begins and ends to handle events
    """

    def __init__(  # noqa: PLR0913, PLR0917 - built in one place
        self,
        owner: LastingOwner,
        runtime: Runtime,
        pattern: str,
        kwargs: dict[str, object],
        handler: Callable[..., object],
        policy: SlowPolicy,
        max_messages: int,
        busy: Callable[[int], None],
    ) -> None:
        super().__init__(owner, "bus:subscribe", kwargs, f"subscription of {pattern}")
        self.pattern = pattern
        self.delivered = 0
        self.dropped = 0
        self.expired = 0
        self.failed = 0
        self._runtime = runtime
        self._handler = handler
        self._policy = policy
        self._max_messages = max_messages
        self._busy = busy
        self._line: PriorityLine[_Arrived | _Made] = PriorityLine()
        self._is_running = False

    @property
    def queued(self) -> int:
        """Events that wait for the handler."""
        return len(self._line)

    def event(self, frame: Frame, session: Session) -> None:
        """Take an event that was sent to it."""
        codec = session.message_codecs.get(frame.codec)
        if self.state == "closed" or codec is None:
            session.orphans += 1
            return
        if len(self._line) >= self._max_messages and not self._make_room(session):
            return
        self._put(frame.priority, _Arrived(bytes(frame.body), codec, time.monotonic_ns()))

    def add(self, message: Message[Any]) -> None:
        """Take an event that this side made; call it with the lock held."""
        if self.state != "closed":
            self._put(message.priority, _Made(message))

    def _put(self, priority: Priority, event: _Arrived | _Made) -> None:
        self._line.put(priority, event)
        if not self._is_running:
            self._is_running = True
            self._busy(1)
            self._runtime.spawn(self._run())

    def close(self, error: AmphisError | None) -> None:
        """It is over; what waits is handled still when it was taken back in good order."""
        if error is not None or self.state != "closing":
            self.dropped += len(self._line.clear())
        super().close(error)

    def drop_waiting(self) -> None:
        """Handle nothing more."""
        self.dropped += len(self._line.clear())

    def _make_room(self, session: Session) -> bool:
        self.dropped += 1
        if self._policy == "drop-oldest":
            self._line.drop_oldest()
            return True
        if self._policy == "disconnect":
            if self.state == "held":
                self.take_back(session)
            self.close(subscriber_slow(self.pattern, self._max_messages))
        return False

    async def _run(self) -> None:
        while (arrived := self._next()) is not None:
            await self._deliver(arrived)
            await self._runtime.breathe()

    def _next(self) -> _Arrived | _Made | None:
        with self._runtime.lock:
            if len(self._line):
                return self._line.pop()
            # Under the same lock as an arrival: one that comes now starts a new run.
            self._is_running = False
            self._busy(-1)
            return None

    async def _deliver(self, arrived: _Arrived | _Made) -> None:
        try:
            message = arrived.message()
        except AmphisError as error:
            self.failed += 1
            logger.warning("Cannot deliver event to %s: %s", self.name, error)
            return
        if message.type is not MessageType.EVENT:
            self.failed += 1
        elif message.is_expired():
            self.expired += 1
        else:
            try:
                await self._runtime.invoke(self._handler, message.payload, message)
                self.delivered += 1
            except Exception:  # noqa: BLE001 - user code, and the next event wants it again
                self.failed += 1
                logger.exception("Handler of %s failed", self.name)
