# ruff: noqa: ANN401 - payloads, requests and options of tests are of any kind
"""Events reach the subscriptions that match, in order, and what is lost is counted."""

from __future__ import annotations

from typing import Any

import pytest
from tests.bus.process import HubProcess
from tests.bus.shells import BusFace, Gate, Shell, code_of, until

from amphis import AmphisError, Message, MessageType, Priority


def test_an_event_reaches_every_subscription_that_matches(shell: Shell, hub: HubProcess) -> None:
    bus, other = shell.open(hub.address, "shop"), shell.open(hub.address, "other")
    seen: list[Message[Any]] = []
    all_prices: list[object] = []
    bus.subscribe("prices.*.gold", lambda _payload, message: seen.append(message))
    bus.subscribe("prices.#", lambda payload, _message: all_prices.append(payload))
    other.publish("prices.eu.gold", 1932.5, priority=Priority.HIGH, metadata={"a": 1})
    other.publish("prices.eu.silver", 25)
    until(lambda: len(all_prices) == 2, "both events")
    until(lambda: len(seen) == 1, "the event of gold")
    (message,) = seen
    assert (message.type, message.target, message.source) == (
        MessageType.EVENT,
        "prices.eu.gold",
        "other",
    )
    assert (message.payload, message.metadata) == (1932.5, {"a": 1})
    assert other.stats.published == 2


def test_events_of_one_topic_are_handled_in_order_one_at_a_time(
    shell: Shell, hub: HubProcess
) -> None:
    bus = shell.open(hub.address)
    got: list[object] = []
    running: list[int] = []

    def note(payload: object, _message: object) -> None:
        running.append(1)
        assert len(running) == 1
        got.append(payload)
        running.pop()

    subscription = bus.subscribe("numbers", note)
    for number in range(1_000):
        bus.publish("numbers", number)
    until(lambda: len(got) == 1_000, "all events")
    assert got == list(range(1_000))
    until(lambda: subscription.stats.delivered == 1_000, "the count")
    assert (subscription.stats.failed, subscription.stats.dropped) == (0, 0)


def test_members_of_a_group_share_the_events(shell: Shell, hub: HubProcess) -> None:
    first, second = shell.open(hub.address), shell.open(hub.address)
    got: tuple[list[object], list[object]] = ([], [])
    first.subscribe("jobs", lambda payload, _message: got[0].append(payload), group="workers")
    second.subscribe("jobs", lambda payload, _message: got[1].append(payload), group="workers")
    for number in range(200):
        first.publish("jobs", number)
    until(lambda: len(got[0]) + len(got[1]) == 200, "all events")
    assert sorted(map(str, got[0] + got[1])) == sorted(map(str, range(200)))
    assert got[0]
    assert got[1]


def test_nothing_comes_after_a_subscription_was_closed(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    got: list[object] = []
    with bus.subscribe("a", lambda payload, _message: got.append(payload)) as subscription:
        bus.publish("a", 1)
        until(lambda: got == [1], "the event")
    subscription.close()
    assert (subscription.stats.state, bus.stats.subscriptions) == ("closed", 0)
    others: list[object] = []
    bus.subscribe("a", lambda payload, _message: others.append(payload))
    bus.publish("a", 2)
    until(lambda: others == [2], "the event of the other")
    assert got == [1]


def test_a_slow_handler_loses_the_oldest_or_the_newest_as_it_chose(
    shell: Shell, small_hub: HubProcess
) -> None:
    bus, other = shell.open(small_hub.address), shell.open(small_hub.address)
    for policy, left in (("drop-oldest", [0, 8, 9]), ("drop-newest", [0, 1, 2])):
        lose_seven(shell, bus, other, policy, left)
    assert bus.stats.dropped == 14


def lose_seven(shell: Shell, bus: BusFace, other: BusFace, policy: str, left: list[int]) -> None:
    gate = Gate()
    got: list[object] = []
    wait = gate.handler(shell.kind)

    def note(payload: object, _message: object) -> object:
        got.append(payload)
        return wait(payload, NeverCancelled())

    with bus.subscribe(policy, note, policy=policy, max_messages=2) as subscription:
        other.publish(policy, 0)
        until(lambda: gate.arrived == 1, "the first event")
        for number in range(1, 10):
            other.publish(policy, number)
        until(lambda: subscription.stats.dropped == 7, "the drops")
        gate.open()
        until(lambda: len(got) == 3, "the rest")
        assert got == left


class NeverCancelled:
    cancelled = False


def test_a_slow_subscription_that_wants_to_end_ends(shell: Shell, small_hub: HubProcess) -> None:
    bus, other = shell.open(small_hub.address), shell.open(small_hub.address)
    gate = Gate()
    wait = gate.handler(shell.kind)
    subscription = bus.subscribe(
        "a",
        lambda payload, _message: wait(payload, NeverCancelled()),
        policy="disconnect",
        max_messages=1,
    )
    for number in range(3):
        other.publish("a", number)
    until(lambda: subscription.stats.state == "closed", "the end")
    assert subscription.error is not None
    assert subscription.error.code == "SUBSCRIBER_SLOW"
    gate.open()


def test_a_handler_that_fails_gets_the_next_event(
    shell: Shell, hub: HubProcess, caplog: pytest.LogCaptureFixture
) -> None:
    bus = shell.open(hub.address)
    got: list[object] = []

    def note(payload: Any, _message: object) -> None:
        got.append(payload)
        if payload == 1:
            raise LookupError("not one")

    subscription = bus.subscribe("a", note)
    for number in (1, 2):
        bus.publish("a", number)
    until(lambda: subscription.stats.delivered == 1, "the second event")
    assert (got, subscription.stats.failed) == ([1, 2], 1)
    assert "not one" in caplog.text


@pytest.mark.parametrize("hub", ["real"], indirect=True)
def test_a_filter_decides_at_the_real_hub(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    got: list[object] = []
    bus.subscribe(
        "prices",
        lambda payload, _message: got.append(payload),
        filter={"metadata.region": "eu", "payload.price": {"gt": 10}},
    )
    bus.publish("prices", {"price": 5}, metadata={"region": "eu"})
    bus.publish("prices", {"price": 15}, metadata={"region": "us"})
    bus.publish("prices", {"price": 20}, metadata={"region": "eu"})
    until(lambda: got, "the event")
    assert got == [{"price": 20}]
    with pytest.raises(AmphisError) as caught:
        bus.subscribe("prices", print, filter={"payload": {"nonsense": 1}})
    assert code_of(caught) == "FILTER_INVALID"


def test_a_watcher_hears_of_what_is_there_and_of_each_change(shell: Shell, hub: HubProcess) -> None:
    bus, other = shell.open(hub.address), shell.open(hub.address, "other")
    other.register("there", lambda *_: None, capabilities=["x"], metadata={"a": 1})
    heard: list[tuple[str, str, str]] = []

    def note(change: Any) -> None:
        if change.endpoint.member == "other":
            heard.append((change.kind, change.endpoint.name, change.endpoint.status))

    bus.watch(note)
    until(lambda: heard == [("up", "there", "healthy")], "what is there")
    endpoint = other.register("new", lambda *_: None)
    other.report(endpoint, "degraded", "slow disk")
    until(lambda: len(heard) == 3, "the changes")
    endpoint.close()
    until(lambda: len(heard) == 4, "the end")
    assert heard[1:3] == [("up", "new", "healthy"), ("health", "new", "degraded")]
    assert heard[3][:2] == ("down", "new")


def test_endpoints_are_found_by_name_and_capability(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address, "shop")
    endpoint = bus.register(
        "images.resize", lambda *_: None, capabilities=["resize"], metadata={"gpu": True}
    )
    bus.register("images.crop", lambda *_: None)
    assert {one.name for one in bus.find(name="images.*")} == {"images.resize", "images.crop"}
    endpoint.report("unhealthy", "no memory")
    (found,) = bus.find(capability="resize")
    assert (found.name, found.member, found.capabilities) == ("images.resize", "shop", ("resize",))
    assert (found.status, found.reason, found.metadata) == ("unhealthy", "no memory", {"gpu": True})
    assert "shop" in {peer.name for peer in bus.health().peers}
