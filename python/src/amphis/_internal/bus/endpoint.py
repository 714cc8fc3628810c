"""An endpoint: requests that wait for a handler, and those that are handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bus.failures import endpoint_busy, stream_unexpected
from amphis._internal.bus.lasting import Lasting, LastingOwner
from amphis._internal.bus.passage import Passage
from amphis._internal.bus.writer import has_room, write_items
from amphis._internal.errors import AmphisError
from amphis._internal.message.message import MessageType
from amphis._internal.transport.line import PriorityLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.bus.info import HealthStatus
    from amphis._internal.bus.runtime import Runtime
    from amphis._internal.bus.served import Served
    from amphis._internal.bus.session import Session
    from amphis._internal.message.message import Message


class EndpointState(Lasting):
    """Requests of one endpoint; so many are handled at the same time, the others wait.

    Args:
        present: makes what the handler is shown of a request
        serving: the requests of the member that are handled or wait
        flush: writes what waits to be sent
        busy: told when it begins and ends to handle requests
    """

    def __init__(  # noqa: PLR0913, PLR0917 - built in one place
        self,
        owner: LastingOwner,
        runtime: Runtime,
        name: str,
        kwargs: dict[str, object],
        handler: Callable[..., object],
        present: Callable[[Message[Any], Served, Passage], object],
        concurrency: int,
        max_queued: int,
        serving: set[Served],
        flush: Callable[[], None],
        busy: Callable[[int], None],
    ) -> None:
        super().__init__(owner, "bus:register", kwargs, name)
        self.status: HealthStatus = "healthy"
        self.reason = ""
        self.running = 0
        self.answered = 0
        self.failed = 0
        self.expired = 0
        self.refused = 0
        self._runtime = runtime
        self._handler = handler
        self._present = present
        self._concurrency = concurrency
        self._max_queued = max_queued
        self._serving = serving
        self._flush = flush
        self._busy = busy
        self._line: PriorityLine[Served] = PriorityLine()

    @property
    def queued(self) -> int:
        """Requests that wait for their turn."""
        return len(self._line)

    def take(self, served: Served) -> None:
        """Take a request.

        Raises:
            AmphisError: ENDPOINT_BUSY
        """
        if self.running < self._concurrency:
            self.running += 1
            self._busy(1)
            self._serving.add(served)
            self._runtime.spawn(self._run(served))
        elif len(self._line) >= self._max_queued:
            self.refused += 1
            raise endpoint_busy(self.name, self._max_queued)
        else:
            self._serving.add(served)
            self._line.put(served.priority, served)

    def restored(self, session: Session) -> None:
        """Say again how it is."""
        if self.status != "healthy":
            session.call("bus:report", report_kwargs(self), _Unheard())

    async def _run(self, first: Served) -> None:
        served: Served | None = first
        while served is not None:
            await self._serve(served)
            served = self._next()
            await self._runtime.breathe()

    def _next(self) -> Served | None:
        with self._runtime.lock:
            if len(self._line):
                return self._line.pop()
            self.running -= 1
            self._busy(-1)
            return None

    async def _serve(self, served: Served) -> None:
        error: Exception | None = None
        try:
            message = served.message()
            _check_worth(message, served)
            with self._runtime.guard(served):
                await self._handle(message, served)
        except Exception as raised:  # noqa: BLE001 - a handler may raise anything; its caller hears of it
            error = raised
        self._finish(served, error)

    async def _handle(self, message: Message[Any], served: Served) -> None:
        passage = Passage(
            self._runtime,
            served.session,
            served.call_id,
            served.priority,
            served.codec,
            self._flush,
            None if served.deadline_ns is None else served.deadline_ns / 1_000_000_000,
            served.why_over,
        )
        request = self._present(message, served, passage)
        value = await self._runtime.invoke(self._handler, message.payload, request)
        if self._runtime.is_stream(value):
            if not served.wants.credit:
                await self._runtime.dispose(value)
                raise stream_unexpected(self.name)
            await write_items(passage, served.outflow, value)
        elif served.time_left == 0:
            raise served.why_over()
        elif await has_room(passage, served.outflow):
            with self._runtime.lock:
                served.answer(value)

    def _finish(self, served: Served, error: Exception | None) -> None:
        with self._runtime.lock:
            if error is None:
                self.answered += 1
            else:
                if isinstance(error, AmphisError) and error.code == ErrorCode.REQUEST_TIMEOUT:
                    self.expired += 1
                else:
                    self.failed += 1
                served.fail(error)
            served.finish()
            self._serving.discard(served)
        self._flush()


class _Unheard:
    """A call whose answer nobody waits for."""

    def receive(self, frame: object, session: object) -> bool:  # noqa: ARG002 - of Exchange
        return True

    def lost(self, error: AmphisError) -> None:
        """Nobody waits."""


def report_kwargs(endpoint: EndpointState) -> dict[str, object]:
    """What `bus:report` takes."""
    return {"name": endpoint.name, "status": endpoint.status, "reason": endpoint.reason}


def _check_worth(message: Message[Any], served: Served) -> None:
    """Refuse a message that nobody waits for any more, or that is no request."""
    if served.is_over:
        raise served.why_over()
    if message.type is not MessageType.REQUEST:
        raise AmphisError(
            ErrorCode.MESSAGE_INVALID,
            "Cannot take message: an endpoint takes requests only",
            {
                "field": "type",
                "expected": "request",
                "received": message.type.name.lower(),
            },
        )
