"""What the hub tells of endpoints and members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from amphis._internal.bodies.place import MAX_SAFE, Place

HealthStatus: TypeAlias = Literal["healthy", "degraded", "unhealthy"]
ChangeKind: TypeAlias = Literal["up", "down", "health"]

if TYPE_CHECKING:
    from amphis._internal.bus.lasting import LastingState

_STATUSES: dict[str, HealthStatus] = {
    "healthy": "healthy",
    "degraded": "degraded",
    "unhealthy": "unhealthy",
}
_KINDS: dict[str, ChangeKind] = {"up": "up", "down": "down", "health": "health"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointInfo:
    """An endpoint anywhere on the bus.

    Attributes:
        peer: the member that it belongs to, unique on the hub
        member: the name of that member
        reason: why it is not healthy, or why it went; empty otherwise
    """

    name: str
    capabilities: tuple[str, ...]
    peer: str
    member: str
    shared: bool
    status: HealthStatus
    reason: str
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EndpointChange:
    """An endpoint came, went, or changed its health."""

    kind: ChangeKind
    endpoint: EndpointInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerHealth:
    """How one member is."""

    peer: str
    name: str
    status: HealthStatus
    reason: str
    queued_messages: int
    pending_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BusHealth:
    """How the bus is as a whole, and each member."""

    status: HealthStatus
    reason: str
    peers: tuple[PeerHealth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusStats:
    """Counts since the bus was opened, and what is under way now.

    Attributes:
        state: `connecting` while there is no connection
        peer: how the hub calls this member; empty before it was let in
        connections: how often the hub let this member in
        orphans: frames for calls that were over: late answers
        refused: messages that were none, or for endpoints that are not here
        pending_calls: calls of this member that are under way
        serving: requests that are handled
        queued_bytes: bytes that wait to be sent
        dropped: events that a slow subscription had no room for
    """

    state: Literal["connecting", "up", "closed"]
    peer: str
    connections: int
    requests: int
    timeouts: int
    published: int
    orphans: int
    refused: int
    pending_calls: int
    serving: int
    queued_bytes: int
    dropped: int
    endpoints: int
    subscriptions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStats:
    """Counts of one subscription.

    Attributes:
        delivered: events that the handler took
        dropped: events that there was no room for, or that waited when it was closed
        expired: events whose time was over when their turn came
        failed: events that the handler failed with, or that could not be decoded
        queued: events that wait for the handler
    """

    state: LastingState
    delivered: int
    dropped: int
    expired: int
    failed: int
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStats:
    """Counts of one endpoint of this process.

    Attributes:
        running: requests that are handled
        queued: requests that wait for their turn
        expired: requests whose time was over before they were answered
        refused: requests that there was no room for
    """

    state: LastingState
    running: int
    queued: int
    answered: int
    failed: int
    expired: int
    refused: int


def read_endpoint(value: object) -> EndpointInfo:
    """Read an endpoint.

    Raises:
        AmphisError: BODY_INVALID
    """
    return _endpoint(Place("endpoint", value))


def read_endpoints(value: object) -> list[EndpointInfo]:
    """Read the answer of `bus:find`.

    Raises:
        AmphisError: BODY_INVALID
    """
    return [_endpoint(place) for place in Place("endpoints", value).array(0)]


def read_change_kind(topic: str) -> ChangeKind | None:
    """What a topic `$endpoint.<kind>.<name>` says has happened."""
    return _KINDS.get(topic.split(".", 2)[1]) if topic.startswith("$endpoint.") else None


def read_health(value: object) -> BusHealth:
    """Read the answer of `bus:health`.

    Raises:
        AmphisError: BODY_INVALID
    """
    health = Place("health", value)
    return BusHealth(
        status=_status(health.key("status")),
        reason=health.key("reason").text(),
        peers=tuple(_peer(place) for place in health.key("peers").array(0)),
    )


def _peer(place: Place) -> PeerHealth:
    return PeerHealth(
        peer=place.key("peer").text(),
        name=place.key("name").text(),
        status=_status(place.key("status")),
        reason=place.key("reason").text(),
        queued_messages=place.key("queuedMessages").integer(0, MAX_SAFE),
        pending_calls=place.key("pendingCalls").integer(0, MAX_SAFE),
    )


def _endpoint(place: Place) -> EndpointInfo:
    metadata = place.key("metadata")
    return EndpointInfo(
        name=place.key("name").text(),
        capabilities=place.key("capabilities").texts(),
        peer=place.key("peer").text(),
        member=place.key("member").text(),
        shared=place.key("shared").boolean(),
        status=_status(place.key("status")),
        reason=place.key("reason").text(),
        metadata={} if metadata.is_absent else metadata.map(),
    )


def _status(place: Place) -> HealthStatus:
    status = _STATUSES.get(place.text())
    if status is None:
        raise place.invalid("healthy, degraded or unhealthy")
    return status
