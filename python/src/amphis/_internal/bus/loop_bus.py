"""A bus in an event loop of asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from amphis._internal.bus import wishes
from amphis._internal.bus.caller import Caller
from amphis._internal.bus.holder import Holder
from amphis._internal.bus.lasting import logger
from amphis._internal.bus.life import live
from amphis._internal.bus.loop import LoopRuntime
from amphis._internal.bus.loop_calls import AsyncCalls
from amphis._internal.bus.loop_parts import (
    AsyncClosing,
    AsyncEndpoint,
    AsyncRegistration,
    AsyncRequest,
    AsyncSubscription,
    Opening,
)
from amphis._internal.bus.member import Member
from amphis._internal.bus.serve import until_told_in_loop
from amphis._internal.bus.stats import stats_of
from amphis._internal.errors import AmphisError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from amphis._internal.bus.info import (
        BusHealth,
        BusStats,
        EndpointChange,
        EndpointInfo,
        HealthStatus,
    )
    from amphis._internal.bus.options import BusOptions, Destination, SlowPolicy

H = TypeVar("H", bound="Callable[..., object]")


class AsyncBus(AsyncCalls, AsyncClosing):
    """A member of a bus, for one event loop of asyncio; see `Bus` for what holds.

    Handlers are plain functions or `async def`. One that is async is cancelled as soon as nobody
    waits for its answer any more; a plain one runs in the loop, so it should be short. Made by
    `open_bus_async`; close it, or leave its `async with`.
    """

    def __init__(self, destination: Destination, options: BusOptions) -> None:
        self._runtime = LoopRuntime()
        self._member = Member(self._runtime, destination, options)
        self._caller = Caller(self._member)
        self._holder = Holder(self._member, self._caller)
        self._runtime.start(live(self._member))

    def __repr__(self) -> str:
        return f"<bus {self.name} at {self._member.destination.text}: {self._member.phase}>"

    @property
    def name(self) -> str:
        """What this member is: a role, not unique."""
        return self._member.options.name

    @property
    def stats(self) -> BusStats:
        """Counts since the bus was opened, and what is under way now."""
        return stats_of(self._member)

    def subscribe(  # noqa: PLR0913 - what a subscription is made of
        self,
        pattern: str,
        handler: Callable[..., object],
        *,
        group: str | None = None,
        filter: Mapping[str, object] | None = None,  # noqa: A002 - the word of the bus
        policy: SlowPolicy = "drop-oldest",
        max_messages: int = wishes.DEFAULT_MAX_MESSAGES,
    ) -> Opening[AsyncSubscription]:
        """Have `handler(payload, message)` called for each event, one after the other.

        Args:
            pattern: a topic in which a level may be `*`, and the last `#`
            handler: what it raises is logged, and the next event comes
            group: members of one group share: each event goes to one of them
            filter: evaluated by the hub before anything is sent to this member
            policy: what becomes of events beyond `max_messages`; each that is lost is counted
            max_messages: events that may wait, at the hub and here

        Raises:
            AmphisError: NAME_INVALID, FILTER_INVALID, ACCESS_DENIED, CONNECTION_CLOSED, BUS_CLOSED
        """
        lasting = wishes.subscription_of(
            self._member,
            pattern,
            handler,
            group=group,
            filter=filter,
            policy=policy,
            max_messages=max_messages,
        )

        async def begin() -> AsyncSubscription:
            await self._holder.hold(lasting)
            return AsyncSubscription(lasting, self._holder)

        return Opening(begin)

    def register(  # noqa: PLR0913 - what an endpoint is made of
        self,
        name: str,
        handler: Callable[..., object],
        *,
        capabilities: Sequence[str] = (),
        callers: Sequence[str] | None = None,
        shared: bool = False,
        metadata: Mapping[str, object] | None = None,
        concurrency: int = 1_024,
        max_queued: int = wishes.DEFAULT_MAX_QUEUED,
    ) -> Opening[AsyncEndpoint]:
        """Have `handler(payload, request)` answer requests with what it returns or raises.

        A handler that returns an iterator, such as a generator, answers with a stream.

        Args:
            name: levels are parted by dots; unique on the bus unless shared
            handler: its `request` tells of the message, the deadline, the input
            capabilities: requests to `@capability` reach it
            callers: globs over the names of members that may call it; by default everyone
            shared: whether several endpoints may have this name
            metadata: for people and tools that look for endpoints
            concurrency: requests that are handled at the same time
            max_queued: requests that wait; more are refused with ENDPOINT_BUSY

        Raises:
            AmphisError: NAME_INVALID, ENDPOINT_EXISTS, ACCESS_DENIED, CONNECTION_CLOSED
        """
        lasting = wishes.endpoint_of(
            self._member,
            name,
            handler,
            AsyncRequest,
            capabilities=capabilities,
            callers=callers,
            shared=shared,
            metadata=metadata,
            concurrency=concurrency,
            max_queued=max_queued,
        )

        async def begin() -> AsyncEndpoint:
            await self._holder.hold(lasting)
            return AsyncEndpoint(lasting, self._holder)

        return Opening(begin)

    def endpoint(  # noqa: PLR0913 - what an endpoint is made of
        self,
        name: str,
        *,
        capabilities: Sequence[str] = (),
        callers: Sequence[str] | None = None,
        shared: bool = False,
        metadata: Mapping[str, object] | None = None,
        concurrency: int = 1_024,
        max_queued: int = wishes.DEFAULT_MAX_QUEUED,
    ) -> Callable[[H], H]:
        """Register the function below as an endpoint, in the background; see `register`.

        What goes wrong is logged, as there is nobody to raise it to.
        """

        def registered(handler: H) -> H:
            opening = self.register(
                name,
                handler,
                capabilities=capabilities,
                callers=callers,
                shared=shared,
                metadata=metadata,
                concurrency=concurrency,
                max_queued=max_queued,
            )
            self._runtime.spawn(_in_background(name, opening))
            return handler

        return registered

    def route(self, pattern: str, to: str, *, priority: int = 0) -> Opening[AsyncRegistration]:
        """Lead targets that no endpoint has as its name elsewhere.

        Args:
            pattern: a glob over targets
            to: an endpoint, or `@capability`
            priority: the highest wins

        Raises:
            AmphisError: NAME_INVALID, ACCESS_DENIED, CONNECTION_CLOSED, BUS_CLOSED
        """
        lasting = wishes.route_of(self._member, pattern, to, priority)

        async def begin() -> AsyncRegistration:
            await self._holder.hold(lasting)
            return AsyncRegistration(lasting, self._holder)

        return Opening(begin)

    async def find(
        self, *, name: str | None = None, capability: str | None = None
    ) -> list[EndpointInfo]:
        """Look for endpoints anywhere on the bus, by a glob over names and a capability."""
        return await self._holder.find(wishes.query_of(name, capability))

    def watch(self, listener: Callable[[EndpointChange], object]) -> Opening[AsyncSubscription]:
        """Tell of each endpoint that is there, then of each that comes, goes or changes."""
        lasting = wishes.watch_of(self._member, listener)

        async def begin() -> AsyncSubscription:
            await self._holder.watch(lasting)
            return AsyncSubscription(lasting, self._holder)

        return Opening(begin)

    async def health(self) -> BusHealth:
        """Ask how the bus is as a whole, and each member."""
        return await self._holder.health()

    async def report(self, endpoint: AsyncEndpoint, status: HealthStatus, reason: str = "") -> None:
        """Tell everyone how an endpoint of this process is."""
        await endpoint.report(status, reason)

    async def serve_forever(self) -> None:
        """Wait until the bus ends; SIGINT and SIGTERM drain it, a second one closes it.

        Raises:
            AmphisError: what ended the bus, when that was not this side
        """
        await until_told_in_loop(self._member, self._holder)

    async def drain(self, timeout: float | None = None) -> None:
        """Take nothing new, finish what was accepted, and close.

        Args:
            timeout: seconds after which it closes all the same
        """
        await self._holder.drain(timeout)

    async def close(self) -> None:
        """End everything now; calls under way fail with BUS_CLOSED. Can be called twice."""
        await self._holder.close()


async def open_loop_bus(destination: Destination, options: BusOptions) -> AsyncBus:
    """Open a bus and wait until the hub let it in."""
    bus = AsyncBus(destination, options)
    try:
        await bus._holder.opened()  # noqa: SLF001 - the other half of its making
    except BaseException:
        await bus.close()
        raise
    return bus


async def _in_background(name: str, opening: Opening[AsyncEndpoint]) -> None:
    try:
        await opening
    except AmphisError as error:
        logger.error("Cannot register %s: %s", name, error)
