"""A bus among threads: every call blocks, handlers run in threads of their own."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, TypeVar

from amphis._internal.bus import fork, wishes
from amphis._internal.bus.caller import Caller
from amphis._internal.bus.failures import bus_closed
from amphis._internal.bus.holder import Holder
from amphis._internal.bus.life import live
from amphis._internal.bus.member import Member
from amphis._internal.bus.serve import until_told
from amphis._internal.bus.stats import stats_of
from amphis._internal.bus.thread_calls import Calls
from amphis._internal.bus.thread_parts import (
    Closing,
    Endpoint,
    Registration,
    Request,
    Subscription,
)
from amphis._internal.bus.threads import ThreadRuntime
from amphis._internal.bus.workers import run

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


class Bus(Calls, Closing):
    """A member of a bus, for programs with threads: any thread may call, and calls block.

    Requests have a deadline. Handlers run in threads of their own, as many at a time as their
    endpoint's `concurrency` says; the handler of one subscription runs for one event after the
    other. When the connection to the hub ends, calls under way fail with CONNECTION_CLOSED, and
    the bus joins again by itself; endpoints, subscriptions and routes come back before anything
    else goes out. Made by `open_bus`; close it, or leave its `with`.
    """

    def __init__(self, destination: Destination, options: BusOptions) -> None:
        self._runtime = ThreadRuntime(f"amphis-bus-{options.name}")
        self._member = Member(self._runtime, destination, options)
        self._caller = Caller(self._member)
        self._holder = Holder(self._member, self._caller)
        # For one that is forgotten, or open when the program ends.
        weakref.finalize(self, _forget, self._member, self._runtime)
        fork.watch(self._member, self._runtime)
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
    ) -> Subscription:
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
        run(self._holder.hold(lasting))
        return Subscription(lasting, self._holder)

    def register(  # noqa: PLR0913 - what an endpoint is made of
        self,
        name: str,
        handler: Callable[..., object],
        *,
        capabilities: Sequence[str] = (),
        callers: Sequence[str] | None = None,
        shared: bool = False,
        metadata: Mapping[str, object] | None = None,
        concurrency: int = 8,
        max_queued: int = wishes.DEFAULT_MAX_QUEUED,
    ) -> Endpoint:
        """Have `handler(payload, request)` answer requests with what it returns or raises.

        A handler that returns an iterator, such as a generator, answers with a stream.

        Args:
            name: levels are parted by dots; unique on the bus unless shared
            handler: its `request` tells of the message, the deadline, the input
            capabilities: requests to `@capability` reach it
            callers: globs over the names of members that may call it; by default everyone
            shared: whether several endpoints may have this name
            metadata: for people and tools that look for endpoints
            concurrency: requests that are handled at the same time, each in a thread
            max_queued: requests that wait; more are refused with ENDPOINT_BUSY

        Raises:
            AmphisError: NAME_INVALID, ENDPOINT_EXISTS, ACCESS_DENIED, CONNECTION_CLOSED
        """
        lasting = wishes.endpoint_of(
            self._member,
            name,
            handler,
            Request,
            capabilities=capabilities,
            callers=callers,
            shared=shared,
            metadata=metadata,
            concurrency=concurrency,
            max_queued=max_queued,
        )
        run(self._holder.hold(lasting))
        return Endpoint(lasting, self._holder)

    def endpoint(  # noqa: PLR0913 - what an endpoint is made of
        self,
        name: str,
        *,
        capabilities: Sequence[str] = (),
        callers: Sequence[str] | None = None,
        shared: bool = False,
        metadata: Mapping[str, object] | None = None,
        concurrency: int = 8,
        max_queued: int = wishes.DEFAULT_MAX_QUEUED,
    ) -> Callable[[H], H]:
        """Register the function below as an endpoint; see `register`."""

        def registered(handler: H) -> H:
            self.register(
                name,
                handler,
                capabilities=capabilities,
                callers=callers,
                shared=shared,
                metadata=metadata,
                concurrency=concurrency,
                max_queued=max_queued,
            )
            return handler

        return registered

    def route(self, pattern: str, to: str, *, priority: int = 0) -> Registration:
        """Lead targets that no endpoint has as its name elsewhere.

        Args:
            pattern: a glob over targets
            to: an endpoint, or `@capability`
            priority: the highest wins

        Raises:
            AmphisError: NAME_INVALID, ACCESS_DENIED, CONNECTION_CLOSED, BUS_CLOSED
        """
        lasting = wishes.route_of(self._member, pattern, to, priority)
        run(self._holder.hold(lasting))
        return Registration(lasting, self._holder)

    def find(self, *, name: str | None = None, capability: str | None = None) -> list[EndpointInfo]:
        """Look for endpoints anywhere on the bus, by a glob over names and a capability."""
        return run(self._holder.find(wishes.query_of(name, capability)))

    def watch(self, listener: Callable[[EndpointChange], object]) -> Subscription:
        """Tell of each endpoint that is there, then of each that comes, goes or changes."""
        lasting = wishes.watch_of(self._member, listener)
        run(self._holder.watch(lasting))
        return Subscription(lasting, self._holder)

    def health(self) -> BusHealth:
        """Ask how the bus is as a whole, and each member."""
        return run(self._holder.health())

    def report(self, endpoint: Endpoint, status: HealthStatus, reason: str = "") -> None:
        """Tell everyone how an endpoint of this process is."""
        endpoint.report(status, reason)

    def serve_forever(self) -> None:
        """Wait until the bus ends; SIGINT and SIGTERM drain it, a second one closes it.

        Raises:
            AmphisError: what ended the bus, when that was not this side
        """
        until_told(self._member, self._holder)

    def drain(self, timeout: float | None = None) -> None:
        """Take nothing new, finish what was accepted, and close.

        Args:
            timeout: seconds after which it closes all the same
        """
        run(self._holder.drain(timeout))

    def close(self) -> None:
        """End everything now; calls under way fail with BUS_CLOSED. Can be called twice."""
        run(self._holder.close())


def open_thread_bus(destination: Destination, options: BusOptions) -> Bus:
    """Open a bus and wait until the hub let it in."""
    bus = Bus(destination, options)
    try:
        run(bus._holder.opened())  # noqa: SLF001 - the other half of its making
    except BaseException:
        bus.close()
        raise
    return bus


def _forget(member: Member, runtime: ThreadRuntime) -> None:
    runtime.stop()
    runtime.defer(lambda: member.end(bus_closed("nobody holds it any more")))
