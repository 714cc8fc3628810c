"""What a program may have the hub hold, from the arguments that it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amphis._internal.bus.endpoint import EndpointState
from amphis._internal.bus.info import (
    EndpointChange,
    read_change_kind,
    read_endpoint,
)
from amphis._internal.bus.lasting import Lasting
from amphis._internal.bus.names import check_glob, check_name, check_pattern, check_target
from amphis._internal.bus.options import SlowPolicy, check_count, check_policy
from amphis._internal.bus.subscription import SubscriptionState
from amphis._internal.message.message import Message, MessageType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from amphis._internal.bus.info import EndpointInfo
    from amphis._internal.bus.member import Member
    from amphis._internal.bus.passage import Passage
    from amphis._internal.bus.served import Served

WATCHED = "$endpoint.#"
DEFAULT_MAX_MESSAGES = 65_536
DEFAULT_MAX_QUEUED = 65_536


def endpoint_of(  # noqa: PLR0913 - what an endpoint is made of
    member: Member,
    name: str,
    handler: Callable[..., object],
    present: Callable[[Message[Any], Served, Passage], object],
    *,
    capabilities: Sequence[str],
    callers: Sequence[str] | None,
    shared: bool,
    metadata: Mapping[str, object] | None,
    concurrency: int,
    max_queued: int,
) -> EndpointState:
    """An endpoint.

    Raises:
        AmphisError: NAME_INVALID
        TypeError: a handler that cannot be called
    """
    check_name("endpoint", name)
    for capability in capabilities:
        check_name("capability", capability)
    for glob in callers or ():
        check_glob("callers", glob)
    check_count("concurrency", concurrency)
    check_count("max_queued", max_queued, 0)
    member.runtime.check_handler(handler)
    kwargs: dict[str, object] = {"name": name, "shared": shared}
    if capabilities:
        kwargs["capabilities"] = list(capabilities)
    if callers is not None:
        kwargs["callers"] = list(callers)
    if metadata is not None:
        kwargs["metadata"] = dict(metadata)
    return EndpointState(
        member,
        member.runtime,
        name,
        kwargs,
        handler,
        present,
        concurrency,
        max_queued,
        member.serving,
        member.flush,
        member.busy,
    )


def subscription_of(  # noqa: PLR0913 - what a subscription is made of
    member: Member,
    pattern: str,
    handler: Callable[..., object],
    *,
    group: str | None,
    filter: Mapping[str, object] | None,  # noqa: A002 - the word of the bus
    policy: SlowPolicy,
    max_messages: int,
) -> SubscriptionState:
    """A subscription.

    Raises:
        AmphisError: NAME_INVALID
        TypeError: a handler that cannot be called
    """
    check_pattern(pattern)
    check_policy(policy)
    check_count("max_messages", max_messages)
    member.runtime.check_handler(handler)
    kwargs: dict[str, object] = {
        "pattern": pattern,
        "policy": policy,
        "maxMessages": max_messages,
    }
    if group is not None:
        check_name("group", group)
        kwargs["group"] = group
    if filter is not None:
        kwargs["filter"] = dict(filter)
    return SubscriptionState(
        member, member.runtime, pattern, kwargs, handler, policy, max_messages, member.busy
    )


def watch_of(member: Member, listener: Callable[[EndpointChange], object]) -> SubscriptionState:
    """A subscription that tells of endpoints.

    Raises:
        TypeError: a listener that cannot be called
    """
    member.runtime.check_handler(listener)
    return subscription_of(
        member,
        WATCHED,
        Watcher(listener),
        group=None,
        filter=None,
        policy="disconnect",
        max_messages=DEFAULT_MAX_MESSAGES,
    )


def route_of(member: Member, pattern: str, to: str, priority: int) -> Lasting:
    """A route.

    Raises:
        AmphisError: NAME_INVALID
    """
    check_glob("pattern", pattern)
    check_target(to)
    check_count("priority", priority, -(2**31))
    kwargs: dict[str, object] = {"pattern": pattern, "to": to, "priority": priority}
    return Lasting(member, "bus:route", kwargs, f"route of {pattern}")


def query_of(name: str | None, capability: str | None) -> dict[str, object]:
    """What `bus:find` takes.

    Raises:
        AmphisError: NAME_INVALID
    """
    kwargs: dict[str, object] = {}
    if name is not None:
        check_glob("name", name)
        kwargs["name"] = name
    if capability is not None:
        check_name("capability", capability)
        kwargs["capability"] = capability
    return kwargs


class Watcher:
    """Tells a listener of endpoints: each that is there, then each change.

    The list of those that are there and the first changes may overlap; each is told once.
    """

    def __init__(self, listener: Callable[[EndpointChange], object]) -> None:
        self._listener = listener
        self._known: set[tuple[str, str]] = set()

    def __call__(self, payload: object, event: Message[Any]) -> object:
        """Handle an event of the hub."""
        kind = read_change_kind(event.target)
        if kind is None:
            return None
        endpoint = read_endpoint(payload)
        identity = (endpoint.name, endpoint.peer)
        if kind == "down":
            self._known.discard(identity)
        elif kind == "up":
            if identity in self._known:
                return None
            self._known.add(identity)
        return self._listener(EndpointChange(kind, endpoint))

    @staticmethod
    def there(endpoint: EndpointInfo) -> Message[dict[str, object]]:
        """The event of an endpoint that was there before the watch began."""
        payload: dict[str, object] = {
            "name": endpoint.name,
            "capabilities": list(endpoint.capabilities),
            "peer": endpoint.peer,
            "member": endpoint.member,
            "shared": endpoint.shared,
            "status": endpoint.status,
            "reason": endpoint.reason,
            "metadata": dict(endpoint.metadata),
        }
        return Message(
            type=MessageType.EVENT, payload=payload, target=f"$endpoint.up.{endpoint.name}"
        )
