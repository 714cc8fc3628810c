# ruff: noqa: ANN401 - payloads, requests and options of tests are of any kind
"""Python and TypeScript call each other through the real hub."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.process import HubProcess
from tests.bus.shells import Shell, code_of, until

from amphis import AmphisError, Timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator


# Only this one has endpoints in TypeScript.
pytestmark = pytest.mark.parametrize("hub", ["real", "shared"], indirect=True)


def test_values_come_back_from_typescript_as_they_were(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    for value in [None, True, 2**60, -1, 1.5, "ä🎉", b"\x00\xff", [1, [2]], {"a": {"b": None}}]:
        assert bus.request("ts.echo", value) == value
    assert bus.request("ts.echo", Timestamp(12, 5)) == Timestamp(12, 5)


def test_a_stream_of_typescript_is_read_in_python(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    assert list(bus.stream("ts.count", 500)) == list(range(500))
    stream = bus.stream("ts.count", 10_000, credit=8)
    assert [next(stream) for _ in range(10)] == list(range(10))
    stream.close()
    assert bus.request("ts.echo", 1) == 1


def test_a_stream_of_python_is_read_in_typescript(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    closed: list[int] = []

    def count(payload: Any, _request: object) -> Iterator[int]:
        try:
            yield from range(payload)
        finally:
            closed.append(payload)

    bus.register("py.count", count)
    asked = {"target": "py.count", "payload": 300, "items": 1_000}
    assert list(bus.stream("ts.read", asked)) == list(range(300))
    asked = {"target": "py.count", "payload": 10_000, "items": 10}
    assert list(bus.stream("ts.read", asked)) == list(range(10))
    until(lambda: closed == [300, 10_000], "the end of both generators")


def test_an_input_of_python_is_read_in_typescript(shell: Shell, hub: HubProcess) -> None:
    assert shell.open(hub.address).request("ts.sum", input=range(500)) == sum(range(500))


def test_typescript_calls_an_endpoint_of_python(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    bus.register("py.double", lambda payload, _request: payload * 2)
    assert bus.request("ts.ask", {"target": "py.double", "payload": 21}) == 42


def test_the_hub_learns_from_the_kernel_which_process_joins(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address, name="me")
    process = bus.request("ts.who", "me")
    if process is None:
        pytest.skip("the hub has no native core, or the address is no Unix socket")
    assert process == {"pid": os.getpid(), "uid": os.getuid(), "gid": os.getgid()}


def test_errors_cross_both_languages(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)

    def fail(payload: Any, _request: object) -> None:
        raise LookupError(payload)

    bus.register("py.fail", fail)
    with pytest.raises(AmphisError) as caught:
        bus.request("ts.fail", "too far")
    assert code_of(caught) == "REMOTE_FAILURE"
    assert caught.value.origin is not None
    assert caught.value.origin["type"] == "RangeError"
    with pytest.raises(AmphisError) as caught:
        bus.request("ts.ask", {"target": "py.fail", "payload": "gone"})
    assert caught.value.origin is not None
    assert (caught.value.origin["language"], caught.value.origin["type"]) == (
        "python",
        "LookupError",
    )


def test_an_event_of_typescript_reaches_python(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    got: list[object] = []
    bus.subscribe("news.#", lambda payload, message: got.append((message.target, payload)))
    bus.request("ts.publish", {"topic": "news.today", "payload": [1], "metadata": {}})
    until(lambda: got == [("news.today", [1])], "the event")
