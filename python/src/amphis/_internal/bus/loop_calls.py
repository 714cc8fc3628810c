"""What a bus in an event loop asks and says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.bus.caller import Caller, Said
from amphis._internal.bus.loop import LoopRuntime
from amphis._internal.bus.loop_parts import AsyncStream
from amphis._internal.bus.names import check_target, check_topic
from amphis._internal.bus.options import check_credit
from amphis._internal.message.message import MessageType
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable, Mapping

    from amphis._internal.bus.options import WhileDown


class AsyncCalls:
    """Requests, streams, messages and events."""

    _caller: Caller
    _runtime: LoopRuntime

    async def request(  # noqa: PLR0913 - what a request is made of
        self,
        target: str,
        payload: object = None,
        *,
        timeout: float | None = None,
        input: Iterable[object] | AsyncIterable[object] | None = None,  # noqa: A002 - the word of the bus
        priority: Priority = Priority.NORMAL,
        metadata: Mapping[str, object] | None = None,
        schema: str | None = None,
        version: int = 1,
        while_down: WhileDown | None = None,
    ) -> object:
        """Ask an endpoint, and wait for its answer.

        Args:
            target: an endpoint, or `@capability`, or what a route leads on
            payload: a value
            timeout: seconds to wait, `math.inf` for ever; by default that of the bus, 30
            input: items for the handler's `request.input`
            priority: where messages wait, the more urgent go first
            metadata: for the handler and whoever routes
            schema: name of the payload's contract
            version: of that contract
            while_down: `fail` or `queue` while there is no connection; by default as the bus

        Raises:
            AmphisError: what the endpoint answered with; ENDPOINT_NOT_FOUND, ENDPOINT_BUSY,
                ENDPOINT_GONE, REQUEST_TIMEOUT, ACCESS_DENIED, CONNECTION_CLOSED, BUS_CLOSED
        """
        check_target(target)
        said = Said(priority, metadata, schema, version, while_down)
        return await self._caller.request(target, payload, said, timeout, input)

    def stream(  # noqa: PLR0913 - what a request is made of
        self,
        target: str,
        payload: object = None,
        *,
        timeout: float | None = None,
        input: Iterable[object] | AsyncIterable[object] | None = None,  # noqa: A002 - the word of the bus
        credit: int = 64,
        priority: Priority = Priority.NORMAL,
        metadata: Mapping[str, object] | None = None,
        schema: str | None = None,
        version: int = 1,
        while_down: WhileDown | None = None,
    ) -> AsyncStream:
        """Ask an endpoint for a stream; the request is sent when it is first read.

        The `timeout` is for the whole stream, and `credit` how many items may be under way; the
        rest is as for `request`.

        Raises:
            AmphisError: as for `request`, while the stream is read
        """
        check_target(target)
        check_credit(credit)
        said = Said(priority, metadata, schema, version, while_down)
        return AsyncStream(
            lambda: self._caller.open_stream(target, payload, said, timeout, input, credit),
            self._runtime,
        )

    async def send(  # noqa: PLR0913 - what a message is made of
        self,
        target: str,
        payload: object = None,
        *,
        ttl: float | None = None,
        priority: Priority = Priority.NORMAL,
        metadata: Mapping[str, object] | None = None,
        schema: str | None = None,
        version: int = 1,
        while_down: WhileDown | None = None,
    ) -> None:
        """Send to an endpoint and want no answer; returns when it is accepted.

        The `ttl` is how many seconds it is worth delivering, by default for ever; the rest is as
        for `request`.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED, FRAME_TOO_LARGE, VALUE_UNSUPPORTED
        """
        check_target(target)
        said = Said(priority, metadata, schema, version, while_down)
        await self._caller.say(MessageType.REQUEST, target, payload, said, ttl)

    async def publish(  # noqa: PLR0913 - what a message is made of
        self,
        topic: str,
        payload: object = None,
        *,
        ttl: float | None = None,
        priority: Priority = Priority.NORMAL,
        metadata: Mapping[str, object] | None = None,
        schema: str | None = None,
        version: int = 1,
        while_down: WhileDown | None = None,
    ) -> None:
        """Send to every subscription that matches; returns when it is accepted.

        Raises:
            AmphisError: as for `send`
        """
        check_topic(topic)
        said = Said(priority, metadata, schema, version, while_down)
        await self._caller.say(MessageType.EVENT, topic, payload, said, ttl)
