# ruff: noqa: ANN401 - payloads, requests and options of tests are of any kind
"""Requests are answered, refused, timed out and cancelled, in both shells and by both hubs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.process import HubProcess
from tests.bus.shells import WAIT, Gate, Shell, code_of, until, with_enough_time

from amphis import AmphisError, Message, MessageType, Priority

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor


def test_a_request_gets_what_the_handler_returns(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address, "worker"), shell.open(hub.address, "client")
    seen: list[Message[Any]] = []

    def total(payload: Any, request: Any) -> object:
        seen.append(request.message)
        return {"sum": sum(payload), "endpoint": request.endpoint}

    worker.register("prices.total", total)
    answer = client.request(
        "prices.total",
        [1, 2, 3],
        priority=Priority.HIGH,
        metadata={"trace": 7},
        schema="prices",
        version=3,
    )
    assert answer == {"sum": 6, "endpoint": "prices.total"}
    (message,) = seen
    assert message.type is MessageType.REQUEST
    assert (message.source, message.target) == ("client", "prices.total")
    assert (message.priority, message.schema, message.version) == (Priority.HIGH, "prices", 3)
    assert message.metadata == {"trace": 7}
    assert message.ttl_ms is not None


def test_what_a_handler_raises_comes_out_as_the_same_error(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)

    def fail(payload: Any, _request: object) -> None:
        if payload == "own":
            raise AmphisError("VALUE_OUT_OF_RANGE", "Cannot do this: too much", {"path": "$.a"})
        raise KeyError(payload)

    worker.register("fail", fail)
    with pytest.raises(AmphisError) as caught:
        client.request("fail", "own")
    assert (code_of(caught), caught.value.path) == ("VALUE_OUT_OF_RANGE", "$.a")
    with pytest.raises(AmphisError) as caught:
        client.request("fail", "another")
    assert code_of(caught) == "REMOTE_FAILURE"
    assert caught.value.origin is not None
    assert caught.value.origin["type"] == "KeyError"


def test_an_answer_that_cannot_travel_is_an_error_to_the_caller(
    shell: Shell, hub: HubProcess
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    worker.register("object", lambda _payload, _request: object())
    with pytest.raises(AmphisError) as caught:
        client.request("object")
    assert code_of(caught) == "VALUE_UNSUPPORTED"


def test_a_payload_that_cannot_travel_is_refused_here(shell: Shell, hub: HubProcess) -> None:
    client = shell.open(hub.address)
    with pytest.raises(AmphisError) as caught:
        client.request("nobody", object())
    assert code_of(caught) == "VALUE_UNSUPPORTED"
    assert client.stats.pending_calls == 0


def test_a_request_of_nobody_is_not_found(shell: Shell, hub: HubProcess) -> None:
    with pytest.raises(AmphisError) as caught:
        shell.open(hub.address).request("nobody.here")
    assert (code_of(caught), caught.value.target) == ("ENDPOINT_NOT_FOUND", "nobody.here")


def test_a_capability_reaches_an_endpoint_that_has_it(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    worker.register("resizer", lambda _p, request: request.endpoint, capabilities=["resize"])
    assert client.request("@resize") == "resizer"


def test_a_route_leads_elsewhere_until_it_is_taken_back(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    bus.register("new.images", lambda _p, request: request.message.target)
    with bus.route("images.*", "new.images", priority=2):
        assert bus.request("images.resize") == "images.resize"
    with pytest.raises(AmphisError) as caught:
        bus.request("images.resize")
    assert code_of(caught) == "ENDPOINT_NOT_FOUND"


def test_a_late_answer_is_a_timeout_and_the_handler_hears_of_it(
    shell: Shell, hub: HubProcess
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    gate = Gate()
    worker.register("slow", gate.handler(shell.kind))

    def ask(timeout: float) -> bool:
        with pytest.raises(AmphisError) as caught:
            client.request("slow", timeout=timeout)
        # Both sides keep the deadline, and either may be the first to say so.
        assert code_of(caught) == "REQUEST_TIMEOUT"
        return gate.arrived > 0

    asked = with_enough_time(ask)
    until(lambda: gate.cancelled == gate.arrived, "the cancellation of the handler")
    assert (client.stats.timeouts, client.stats.pending_calls) == (asked, 0)
    until(lambda: worker.stats.serving == 0, "the end of the handler")


def test_no_timeout_leaves_anything_behind(
    shell: Shell, small_hub: HubProcess, threads: ThreadPoolExecutor
) -> None:
    worker, client = shell.open(small_hub.address), shell.open(small_hub.address)
    gate = Gate()
    worker.register("slow", gate.handler(shell.kind), concurrency=1, max_queued=20_000)
    timeouts = 10_000
    counted: list[int] = []

    def ask(times: int) -> None:
        for _ in range(times):
            with pytest.raises(AmphisError) as caught:
                client.request("slow", timeout=0.001)
            counted.append(caught.value.number)

    list(threads.map(ask, [timeouts // 16] * 16))
    assert counted == [6005] * timeouts
    assert client.stats.pending_calls == 0
    gate.open()
    until(lambda: worker.stats.serving == 0, "the end of the handlers")
    assert client.request("slow", "still here") == "still here"


def test_requests_beyond_the_queue_are_refused_as_busy(
    shell: Shell, hub: HubProcess, threads: ThreadPoolExecutor
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    gate = Gate()
    endpoint = worker.register("one", gate.handler(shell.kind), concurrency=1, max_queued=1)
    first = threads.submit(client.request, "one", "first")
    until(lambda: gate.arrived == 1, "the first request")
    second = threads.submit(client.request, "one", "second")
    until(lambda: endpoint.stats.queued == 1, "the second request")
    with pytest.raises(AmphisError) as caught:
        client.request("one", "too many")
    assert (code_of(caught), caught.value.limit) == ("ENDPOINT_BUSY", 1)
    gate.open()
    assert (first.result(WAIT), second.result(WAIT)) == ("first", "second")
    assert endpoint.stats.refused == 1


def test_the_more_urgent_of_waiting_requests_goes_first(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    gate = Gate()
    order: list[object] = []
    wait = gate.handler(shell.kind)

    def note(payload: Any, request: Any) -> Any:
        order.append(payload)
        return wait(payload, request)

    endpoint = worker.register("one", note, concurrency=1)
    client.send("one", "first")
    until(lambda: gate.arrived == 1, "the first request")
    client.send("one", "low", priority=Priority.LOW)
    client.send("one", "normal")
    client.send("one", "critical", priority=Priority.CRITICAL)
    until(lambda: endpoint.stats.queued == 3, "the others")
    gate.open()
    until(lambda: endpoint.stats.answered == 4, "the end")
    assert order == ["first", "critical", "normal", "low"]


def test_what_is_sent_arrives_once_and_in_order(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    got: list[object] = []
    worker.register("log", lambda payload, _request: got.append(payload), concurrency=1)
    for number in range(500):
        client.send("log", number)
    until(lambda: len(got) == 500, "the arrival of all")
    assert got == list(range(500))


def test_an_expired_request_is_not_handled(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    gate = Gate()
    endpoint = worker.register("one", gate.handler(shell.kind), concurrency=1)
    client.send("one", "first")
    until(lambda: gate.arrived == 1, "the first request")
    client.send("one", "expires", ttl=0.5)
    until(lambda: endpoint.stats.queued == 1, "the second request")
    over = time.monotonic() + 0.5
    until(lambda: time.monotonic() > over, "the end of its time")
    gate.open()
    until(lambda: endpoint.stats.expired == 1, "the expiry")
    assert gate.arrived == 1


def test_many_threads_may_ask_at_the_same_time(
    shell: Shell, hub: HubProcess, threads: ThreadPoolExecutor
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    worker.register("double", lambda payload, _request: payload * 2)
    wrong: list[object] = []

    def ask(base: int) -> None:
        for number in range(base, base + 50):
            answer = client.request("double", number)
            if answer != number * 2:
                wrong.append((number, answer))

    list(threads.map(ask, range(0, 8_000, 1_000)))
    assert wrong == []
    assert (client.stats.pending_calls, client.stats.orphans) == (0, 0)


def test_requests_of_mixed_urgency_are_all_answered(
    shell: Shell, hub: HubProcess, threads: ThreadPoolExecutor
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    worker.register("echo", lambda payload, _request: payload)
    answers: list[object] = []

    def ask(base: int) -> None:
        for number in range(base, base + 40):
            payload = [number, bytes(20_000)]
            answer = client.request("echo", payload, priority=Priority(number % 4))
            answers.append(answer == payload)

    list(threads.map(ask, range(0, 1_200, 100)))
    assert answers == [True] * 480
    assert worker.stats.connections == client.stats.connections == 1


def test_large_payloads_go_both_ways(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    worker.register("echo", lambda payload, _request: payload)
    payload = bytes(range(256)) * 32_768
    assert client.request("echo", payload) == payload


def test_names_of_a_wrong_form_are_refused_before_anything_is_sent(
    shell: Shell, small_hub: HubProcess
) -> None:
    bus = shell.open(small_hub.address)
    refused: list[Callable[[], Any]] = [
        lambda: bus.request(""),
        lambda: bus.request("@a*"),
        lambda: bus.publish("prices.*", 1),
        lambda: bus.publish("$endpoint.up.x", 1),
        lambda: bus.publish("a..b", 1),
        lambda: bus.subscribe("#.a", print),
        lambda: bus.register("a b?", print),
        lambda: bus.find(capability="#"),
    ]
    for act in refused:
        with pytest.raises(AmphisError) as caught:
            act()
        assert code_of(caught) == "NAME_INVALID"
    with pytest.raises(TypeError):
        bus.register("good", "not callable")
    with pytest.raises(ValueError, match="timeout"):
        bus.request("good", timeout=float("nan"))
    assert bus.stats.pending_calls == 0
