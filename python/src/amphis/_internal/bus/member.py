"""A member of a bus across its connections: what it holds, and what it comes back with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bus.endpoint import EndpointState
from amphis._internal.bus.failures import (
    body_invalid,
    bus_closed,
    connection_closed,
    endpoint_not_found,
    fresh,
    request_timeout,
)
from amphis._internal.bus.lasting import Lasting
from amphis._internal.bus.served import Served
from amphis._internal.bus.session import Session
from amphis._internal.bus.subscription import SubscriptionState
from amphis._internal.bus.wants import Wants
from amphis._internal.errors import AmphisError
from amphis._internal.message.message import MessageType
from amphis._internal.transport.waiting import Waiter, wait_among, wake_all

if TYPE_CHECKING:
    from amphis._internal.bus.options import BusOptions, Destination, WhileDown
    from amphis._internal.bus.runtime import Link, Runtime
    from amphis._internal.frame.frame import Frame


class Member:
    """One member, connected or not; `live` gives it its connections."""

    def __init__(self, runtime: Runtime, destination: Destination, options: BusOptions) -> None:
        self.runtime = runtime
        self.lock = runtime.lock
        self.destination = destination
        self.options = options
        self.phase: Literal["connecting", "up", "closed"] = "connecting"
        self.is_draining = False
        self.endpoints: dict[str, EndpointState] = {}
        self.subscriptions: list[SubscriptionState] = []
        self.lasting: list[Lasting] = []
        self.connections = 0
        self.requests = 0
        self.timeouts = 0
        self.published = 0
        self.pending = 0
        self.refused_messages = 0
        self.peer = ""
        # Requests that are handled here or wait for it, those without an answer too.
        self.serving: set[Served] = set()
        # Flows under way: calls, handlers, subscriptions that deliver.
        self.active = 0
        self.error: AmphisError | None = None
        self.is_finished = False
        # Woken at each change of phase, and when the last flow ends.
        self.waiters: list[Waiter] = []
        self._up: Session | None = None
        self._session: Session | None = None
        self._link: Link | None = None
        self._restoring: set[Lasting] = set()
        self._orphans = 0
        self._dropped = 0
        self.is_drained = False

    def end(self, error: AmphisError) -> None:
        """Close now: every call fails with the error, and nothing more is taken."""
        with self.lock:
            if self.phase == "closed":
                return
            self.error = error
            self.phase = "closed"
            self._forget(error)
            for lasting in list(self.lasting):
                lasting.close(error)
            for served in list(self.serving):
                served.cancel(error.message)
            wake_all(self.waiters)
            link = self._link
        if link is not None:
            link.close()

    def forked(self, error: AmphisError) -> None:
        """End in a child of the process that opened it; call it with the lock held."""
        link, self._link = self._link, None
        if link is not None:
            link.abandon()
        self.is_finished = True
        self.end(error)

    def raise_failure(self) -> None:
        """Raise what ended the bus, when that was not this side."""
        if self.error is not None and self.error.code != ErrorCode.BUS_CLOSED:
            raise self._end_error()

    def is_closed(self) -> bool:
        """Tell whether it has ended, or is about to."""
        return self.phase == "closed"

    def check_open(self) -> None:
        """Refuse new work when there is an end in sight."""
        if self.phase == "closed":
            raise self._end_error()
        if self.is_draining:
            raise bus_closed("it is draining")

    def free(self) -> Session | None:
        """The session, if something may be sent over it right now."""
        up = self._up
        return None if up is None or up.outbox.is_full else up

    async def ready(
        self, while_down: WhileDown, deadline: float | None, target: str, timeout_ms: int
    ) -> Session:
        """The session, as soon as something may be sent over it.

        Raises:
            AmphisError: CONNECTION_CLOSED, REQUEST_TIMEOUT, BUS_CLOSED or why the bus ended
        """
        while True:
            up = self._up
            if up is not None and not up.outbox.is_full:
                return up
            with self.lock:
                if self.phase == "closed":
                    raise self._end_error()
                up = self._up
                if up is None and while_down == "fail":
                    raise connection_closed(self.destination.text, "there is no connection")
                waiter = self.runtime.waiter()
                waiters = self.waiters if up is None else up.outbox.waiters
                waiters.append(waiter)
                if up is not None and not up.outbox.is_full:
                    return up
            left = None if deadline is None else deadline - time.monotonic()
            if not await wait_among(waiters, waiter, left, self.lock):
                raise request_timeout(target, timeout_ms)

    def is_current(self, session: Session) -> bool:
        """Whether something said over a session still has a way out; ask with the lock held."""
        return self._up is session

    def current(self) -> Session | None:
        """The session, if the member is up."""
        return self._up

    def flush(self) -> None:
        """Write what waits."""
        link = self._link
        if link is not None:
            link.flush()

    def finish(self) -> None:
        """Say that nothing more is sent."""
        self.is_drained = True
        link = self._link
        if link is not None:
            link.finish()

    def busy(self, change: int) -> None:
        """A flow begins or ends; call it with the lock held."""
        self.active += change
        if self.active == 0 and self.is_draining:
            wake_all(self.waiters)

    def begin_call(self) -> None:
        """A call begins, if that is still allowed; call it with the lock held.

        Raises:
            AmphisError: BUS_CLOSED, or why the bus ended
        """
        if self.is_draining or self.phase == "closed":
            self.check_open()
        self.active += 1
        self.pending += 1

    def end_call(self) -> None:
        """A call is over; call it with the lock held."""
        self.pending -= 1
        self.busy(-1)

    def hold(self, lasting: Lasting, session: Session) -> None:
        """Ask for something that lasts; call it with the lock held."""
        lasting.ask(session)
        self.lasting.append(lasting)

    @property
    def orphans(self) -> int:
        """Frames for calls that were over."""
        return self._orphans + (0 if self._session is None else self._session.orphans)

    @property
    def dropped(self) -> int:
        """Events that subscriptions had no room for."""
        return self._dropped + sum(one.dropped for one in self.subscriptions)

    # What a session tells, with the lock held.

    def joined(self, session: Session) -> None:
        """The hub let this member in: ask for everything again, before anything else."""
        self.peer = session.peer
        self.connections += 1
        self._restoring = {one for one in self.lasting if one.state == "restoring"}
        for lasting in list(self._restoring):
            lasting.ask(session)
        self._come_up(session)

    def message(self, frame: Frame, session: Session) -> None:
        """A request came."""
        try:
            self._request(frame, session)
        except AmphisError as error:
            self.refused_messages += 1
            if frame.call_id:
                session.fail(frame.call_id, frame.priority, error)

    def tick(self, now: float) -> float:
        """Ask again for what the hub did not take back at once."""
        due = float("inf")
        for lasting in self.lasting:
            if lasting.retry_at <= now and self._session is not None:
                lasting.ask(self._session)
            due = min(due, lasting.retry_at)
        return due

    # What lasts tells, with the lock held.

    def settled(self, lasting: Lasting) -> None:
        """The hub answered: it holds it, or refused."""
        self._restoring.discard(lasting)
        if self._session is not None and self.phase == "connecting":
            self._come_up(self._session)

    def refused(self, lasting: Lasting) -> None:
        """The hub would not take it back, for now."""
        lasting.retry_at = time.monotonic() + self.options.backoff.delay(lasting.failures)
        if self._session is not None:
            self._session.is_due_sooner = True

    def ended(self, lasting: Lasting) -> None:
        """It is over."""
        if lasting in self.lasting:
            self.lasting.remove(lasting)
        if isinstance(lasting, SubscriptionState) and lasting in self.subscriptions:
            self.subscriptions.remove(lasting)
            self._dropped += lasting.dropped
        if self.endpoints.get(lasting.name) is lasting:
            del self.endpoints[lasting.name]
        if self.is_draining and not self.lasting:
            wake_all(self.waiters)

    def _request(self, frame: Frame, session: Session) -> None:
        codec = session.message_codecs.get(frame.codec)
        if codec is None:
            raise body_invalid("message", "$", "in a codec that was agreed on")
        wants = Wants.of(frame)
        head = codec.peek(frame.body)
        if head.type is not MessageType.REQUEST:
            raise AmphisError(
                ErrorCode.MESSAGE_INVALID,
                "Cannot take message: only requests come to members",
                {"field": "type", "expected": "request", "received": head.type.name.lower()},
            )
        name = wants.endpoint or head.target
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            raise endpoint_not_found(name)
        served = Served(self.runtime, frame, session, name, wants)
        endpoint.take(served)
        if frame.call_id:
            session.calls[frame.call_id] = served

    def _come_up(self, session: Session) -> None:
        if not self._restoring and self.phase == "connecting":
            self._up = session
            self.phase = "up"
            wake_all(self.waiters)

    def begin(self) -> Session:
        """Make the session of a new connection."""
        with self.lock:
            self._session = Session(self.options, self.destination, self, time.monotonic())
            return self._session

    def linked(self, link: Link) -> None:
        """A link moves the bytes of the session."""
        self._link = link
        if self.phase == "closed":
            link.close()

    def lost(self, error: AmphisError) -> None:
        """The link ended."""
        with self.lock:
            self._link = None
            self._forget(error)
            if self.phase == "up":
                self.phase = "connecting"
                wake_all(self.waiters)

    def over(self) -> None:
        """Nothing of the member is left."""
        with self.lock:
            self.is_finished = True
            wake_all(self.waiters)

    def _forget(self, error: AmphisError) -> None:
        session, self._session, self._up = self._session, None, None
        self._restoring.clear()
        if session is None:
            return
        self._orphans += session.orphans
        session.lost(lost_with(self.destination.text, error))
        wake_all(session.outbox.waiters)

    def _end_error(self) -> AmphisError:
        """Why the bus ended."""
        return fresh(self.error or bus_closed("it is closed"))


def lost_with(address: str, error: AmphisError) -> AmphisError:
    """What calls fail with when the connection ends."""
    if error.code in (ErrorCode.CONNECTION_CLOSED, ErrorCode.BUS_CLOSED):
        return error
    return connection_closed(address, f"the connection ended: {error.message}", error)
