"""What a member has the hub hold for it, and how it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bus.endpoint import EndpointState, report_kwargs
from amphis._internal.bus.failures import bus_closed, connection_closed, fresh, request_timeout
from amphis._internal.bus.info import read_endpoints, read_health
from amphis._internal.bus.lasting import Lasting
from amphis._internal.bus.subscription import SubscriptionState
from amphis._internal.bus.wishes import Watcher
from amphis._internal.errors import AmphisError
from amphis._internal.transport.waiting import wait_among

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.bus.caller import Caller
    from amphis._internal.bus.info import BusHealth, EndpointInfo, HealthStatus
    from amphis._internal.bus.member import Member

# How long a side that drains waits for the hub to have read everything, in seconds.
_LINGER = 2.0


class Holder:
    """Sets up and takes back what lasts, and ends the member."""

    def __init__(self, member: Member, caller: Caller) -> None:
        self._member = member
        self._runtime = member.runtime
        self._caller = caller

    async def opened(self) -> None:
        """Wait until the hub let this member in.

        Raises:
            AmphisError: CONNECT_FAILED, AUTHENTICATION_FAILED, ACCESS_DENIED and why else not
        """
        member = self._member
        await self._wait(lambda: member.phase != "connecting", None)
        if member.phase == "closed":
            member.check_open()

    async def ended(self) -> None:
        """Wait until the member has ended, whoever ended it."""
        await self._wait(lambda: self._member.is_finished, None)

    async def hold(self, lasting: Lasting) -> None:
        """Ask the hub for something that lasts, and wait until it holds it.

        Raises:
            AmphisError: what the hub refused with; CONNECTION_CLOSED, BUS_CLOSED
        """
        member, options = self._member, self._member.options
        member.check_open()
        deadline = time.monotonic() + options.timeout
        timeout_ms = round(min(options.timeout, 1e9) * 1_000)
        session = await member.ready(options.while_down, deadline, lasting.name, timeout_ms)
        with member.lock:
            if not member.is_current(session):
                raise connection_closed(session.address, "the connection ended")
            self._admit(lasting)
            try:
                member.hold(lasting, session)
            except BaseException:
                member.ended(lasting)
                raise
        member.flush()
        try:
            is_settled = await self._until(lasting, lambda: lasting.state != "asking")
        finally:
            if lasting.state == "asking":
                with member.lock:
                    lasting.take_back(member.current())
        if not is_settled:
            raise request_timeout(lasting.name, timeout_ms)
        if lasting.state == "closed" and lasting.error is not None:
            raise fresh(lasting.error)

    async def take_back(self, lasting: Lasting) -> None:
        """Ask the hub to hold it no longer, and wait until nothing more comes for it."""
        with self._member.lock:
            lasting.take_back(self._member.current())
        self._member.flush()
        if not await self._until(lasting, lambda: lasting.state == "closed"):
            with self._member.lock:
                lasting.close(None)

    async def report(self, endpoint: EndpointState, status: HealthStatus, reason: str) -> None:
        """Tell everyone how an endpoint is; told again after each new connection.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED and what the hub refuses with
        """
        endpoint.status, endpoint.reason = status, reason
        await self._caller.control("bus:report", report_kwargs(endpoint))

    async def find(self, query: dict[str, object]) -> list[EndpointInfo]:
        """Endpoints anywhere on the bus.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED and what the hub refuses with
        """
        return read_endpoints(await self._caller.control("bus:find", query))

    async def health(self) -> BusHealth:
        """How the bus is.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED and what the hub refuses with
        """
        return read_health(await self._caller.control("bus:health", {}))

    async def watch(self, subscription: SubscriptionState) -> None:
        """Begin to watch: those that are there first.

        Raises:
            AmphisError: CONNECTION_CLOSED, BUS_CLOSED and what the hub refuses with
        """
        await self.hold(subscription)
        try:
            endpoints = await self.find({})
        except BaseException:
            with self._member.lock:
                subscription.take_back(self._member.current())
            self._member.flush()
            raise
        with self._member.lock:
            for endpoint in endpoints:
                subscription.add(Watcher.there(endpoint))

    async def drain(self, timeout: float | None) -> None:
        """Take nothing new, finish what was accepted, and close."""
        member = self._member
        deadline = None if timeout is None else time.monotonic() + timeout
        with member.lock:
            member.is_draining = True
            for lasting in list(member.lasting):
                lasting.take_back(member.current())
        member.flush()
        await self._wait(lambda: member.active == 0 and not member.lasting, deadline)
        await self._sent(deadline)
        member.finish()
        linger = time.monotonic() + _LINGER
        await self._wait(
            lambda: member.phase != "up", linger if deadline is None else min(deadline, linger)
        )
        await self.close()

    async def close(self) -> None:
        """End everything now, and wait until the connection is gone."""
        member = self._member
        member.end(bus_closed("it was closed"))
        self._runtime.stop()
        await self._wait(lambda: member.is_finished, None)
        await self._runtime.stopped()

    async def _sent(self, deadline: float | None) -> None:
        member = self._member
        while True:
            waiter = self._runtime.waiter()
            with member.lock:
                session = member.current()
                if session is None or not session.outbox.bytes:
                    return
                session.outbox.high_water = 0
                session.outbox.waiters.append(waiter)
            member.flush()
            left = None if deadline is None else deadline - time.monotonic()
            if not await wait_among(session.outbox.waiters, waiter, left, member.lock):
                return

    async def _until(self, lasting: Lasting, reached: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + self._member.options.timeout
        while True:
            waiter = self._runtime.waiter()
            with self._member.lock:
                if reached():
                    return True
                lasting.waiters.append(waiter)
            left = deadline - time.monotonic()
            if not await wait_among(lasting.waiters, waiter, left, self._member.lock):
                return reached()

    async def _wait(self, reached: Callable[[], bool], deadline: float | None) -> None:
        member = self._member
        while True:
            waiter = self._runtime.waiter()
            with member.lock:
                if reached() or (member.phase == "closed" and member.is_finished):
                    return
                member.waiters.append(waiter)
            left = None if deadline is None else deadline - time.monotonic()
            if not await wait_among(member.waiters, waiter, left, member.lock):
                return

    def _admit(self, lasting: Lasting) -> None:
        member = self._member
        if isinstance(lasting, SubscriptionState):
            member.subscriptions.append(lasting)
        elif isinstance(lasting, EndpointState):
            if lasting.name in member.endpoints:
                raise AmphisError(
                    ErrorCode.ENDPOINT_EXISTS,
                    f"Cannot register {lasting.name}: this member has it already",
                    {"endpoint": lasting.name},
                )
            member.endpoints[lasting.name] = lasting
