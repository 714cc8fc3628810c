"""The life of a member: it connects, and connects again, until it is closed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from amphis._internal.bus.failures import bus_closed, connection_closed
from amphis._internal.bus.lasting import logger
from amphis._internal.errors import AmphisError
from amphis._internal.transport.waiting import wait_among

if TYPE_CHECKING:
    from amphis._internal.bus.member import Member

# A connection that holds for so many seconds is no failure.
_STABLE = 10.0


async def live(member: Member) -> None:
    """Connect, and connect again, until closed."""
    failures = 0
    try:
        while not member.is_closed():
            connections, began_at = member.connections, time.monotonic()
            error = await _connection(member)
            was_up = member.connections > connections
            stable = was_up and time.monotonic() - began_at >= _STABLE
            failures = 0 if stable else failures + 1
            if not _goes_on(member, error, was_up=was_up):
                member.end(bus_closed("it is drained") if member.is_drained else error)
                return
            logger.warning("Lost the bus at %s, trying again: %s", member.destination.text, error)
            await _pause(member, member.options.backoff.delay(failures))
    except BaseException as error:
        # The loop was stopped, or something here is wrong: nobody must wait in vain for it.
        member.end(bus_closed("it broke off", error))
        raise
    finally:
        member.over()


async def _connection(member: Member) -> AmphisError:
    destination = member.destination
    try:
        link = await member.runtime.connect(destination, member.options, member.begin)
        member.linked(link)
        await link.run()
        error = connection_closed(destination.text, "this side closed the connection")
    except AmphisError as raised:
        error = raised
    member.lost(error)
    return error


def _goes_on(member: Member, error: AmphisError, *, was_up: bool) -> bool:
    if member.is_closed() or member.is_draining or not member.options.reconnect:
        return False
    # Opening fails at once; later on, what no further attempt can mend ends the bus.
    return was_up or (member.connections > 0 and error.retryable)


async def _pause(member: Member, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not member.is_closed() and (left := until - time.monotonic()) > 0:
        waiter = member.runtime.waiter()
        with member.lock:
            if member.is_closed():
                return
            member.waiters.append(waiter)
        await wait_among(member.waiters, waiter, left, member.lock)
