"""The counts of a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.bus.info import BusStats

if TYPE_CHECKING:
    from amphis._internal.bus.member import Member


def stats_of(member: Member) -> BusStats:
    """Read all counts at one moment."""
    with member.lock:
        session = member.current()
        return BusStats(
            state=member.phase,
            peer=member.peer,
            connections=member.connections,
            requests=member.requests,
            timeouts=member.timeouts,
            published=member.published,
            orphans=member.orphans,
            refused=member.refused_messages,
            pending_calls=member.pending,
            serving=sum(one.running for one in member.endpoints.values()),
            queued_bytes=0 if session is None else session.outbox.bytes,
            dropped=member.dropped,
            endpoints=len(member.endpoints),
            subscriptions=len(member.subscriptions),
        )
