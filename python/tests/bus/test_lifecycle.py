"""A bus survives its hub, ends in good order, and leaves nothing behind."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.process import HubProcess
from tests.bus.rogue import Conversation, Rogue
from tests.bus.shells import WAIT, Gate, Shell, code_of, until

from amphis import AmphisError, FrameKind
from amphis.bus import Backoff, BusOptions, open_bus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path

QUICK: dict[str, Any] = {"backoff": Backoff(initial=0.01, maximum=0.05)}


def test_a_bus_comes_back_with_everything_it_had(shell: Shell, own_hub: HubProcess) -> None:
    bus = shell.open(own_hub.address, "worker", **QUICK)
    got: list[object] = []
    endpoint = bus.register("echo", lambda payload, _request: payload)
    bus.report(endpoint, "degraded", "for a test")
    bus.subscribe("news", lambda payload, _message: got.append(payload))
    bus.route("old.*", "echo")
    own_hub.kill()
    until(lambda: bus.stats.state == "connecting", "the loss")
    with pytest.raises(AmphisError) as caught:
        bus.request("echo", 1)
    assert code_of(caught) == "CONNECTION_CLOSED"
    with HubProcess(own_hub.kind, own_hub.address):
        assert bus.request("old.name", 2, while_down="queue") == 2
        bus.publish("news", 3)
        until(lambda: got == [3], "the event")
        until(lambda: bus.find(name="echo")[0].status == "degraded", "the report")
        assert bus.stats.connections == 2
        bus.close()


def test_a_request_fails_when_its_hub_is_killed(
    shell: Shell, own_hub: HubProcess, threads: ThreadPoolExecutor
) -> None:
    worker, client = shell.open(own_hub.address), shell.open(own_hub.address)
    gate = Gate()
    worker.register("slow", gate.handler(shell.kind))
    asking = threads.submit(client.request, "slow")
    until(lambda: gate.arrived == 1, "the request")
    own_hub.kill()
    with pytest.raises(AmphisError) as caught:
        asking.result(WAIT)
    assert code_of(caught) == "CONNECTION_CLOSED"
    until(lambda: gate.cancelled == 1, "the cancellation of the handler")


def test_a_stream_fails_when_its_hub_is_killed(shell: Shell, own_hub: HubProcess) -> None:
    worker, client = shell.open(own_hub.address), shell.open(own_hub.address)
    closed = threading.Event()

    def endless(_payload: object, _request: object) -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    worker.register("endless", endless)
    stream = client.stream("endless")
    assert next(stream) == 1
    own_hub.kill()
    with pytest.raises(AmphisError) as caught:
        for _ in stream:
            pass
    assert code_of(caught) == "CONNECTION_CLOSED"
    assert closed.wait(WAIT)


def test_a_hub_that_is_stopped_is_given_up(shell: Shell, own_hub: HubProcess) -> None:
    bus = shell.open(own_hub.address, heartbeat=0.1, reconnect=False)
    bus.find()
    own_hub.signal(signal.SIGSTOP)
    with pytest.raises(AmphisError) as caught:
        bus.find()
    assert code_of(caught) == "CONNECTION_CLOSED"
    assert isinstance(caught.value.__cause__, AmphisError)
    assert caught.value.__cause__.code == "PEER_LOST"


def test_a_hub_that_only_listens_stays(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address, heartbeat=0.75, reconnect=False)
    over = threading.Event()
    timer = threading.Timer(1.8, over.set)
    timer.start()
    until(over.is_set, "some heartbeats")
    timer.join()
    assert bus.stats.state == "up"
    assert isinstance(bus.find(), list)


def test_an_endpoint_whose_name_is_taken_comes_back_when_it_is_free(
    shell: Shell, tmp_path: Path
) -> None:
    taken = {
        "code": "ENDPOINT_EXISTS",
        "number": 6002,
        "category": "bus",
        "message": "taken",
        "retryable": False,
    }

    def first(peer: Conversation) -> None:
        peer.welcome()
        peer.grant("bus:register")

    def second(peer: Conversation) -> None:
        peer.welcome()
        call_id, body = peer.call()
        assert body.function == "bus:register"
        peer.say(FrameKind.ERROR, call_id, taken)
        peer.grant("bus:register")
        peer.request(2, "mine", "there")
        peer.take(FrameKind.RESULT)
        peer.closed()

    with Rogue(tmp_path / "rogue", first, second) as rogue:
        bus = shell.open(rogue.address, **QUICK)
        endpoint = bus.register("mine", lambda payload, _request: payload)
        until(lambda: endpoint.stats.answered == 1, "the answer")
        assert endpoint.stats.state == "held"
        bus.close()


def test_what_lasts_is_asked_for_before_anything_else_goes_out(
    shell: Shell, tmp_path: Path
) -> None:
    asked: list[str] = []

    def first(peer: Conversation) -> None:
        peer.welcome()
        peer.grant("bus:register")
        peer.grant("bus:subscribe")

    def second(peer: Conversation) -> None:
        peer.welcome()
        for _ in range(2):
            call_id, body = peer.call()
            asked.append(body.function)
            peer.say(FrameKind.RESULT, call_id, [None])
        frame = peer.take(FrameKind.MESSAGE)
        peer.say(FrameKind.RESULT, frame.call_id, ["last"])
        peer.closed()

    with Rogue(tmp_path / "rogue", first, second) as rogue:
        bus = shell.open(rogue.address, **QUICK)
        bus.register("mine", lambda *_: None)
        bus.subscribe("a", lambda *_: None)
        until(lambda: bus.stats.state == "connecting" or bus.stats.connections == 2, "the loss")
        assert bus.request("anybody", while_down="queue") == "last"
        assert sorted(asked) == ["bus:register", "bus:subscribe"]
        bus.close()


def test_a_queued_request_times_out_without_a_hub(shell: Shell, own_hub: HubProcess) -> None:
    bus = shell.open(own_hub.address, **QUICK)
    own_hub.kill()
    until(lambda: bus.stats.state == "connecting", "the loss")
    with pytest.raises(AmphisError) as caught:
        bus.request("echo", timeout=0.05, while_down="queue")
    assert code_of(caught) == "REQUEST_TIMEOUT"
    assert bus.stats.pending_calls == 0


def test_closing_fails_what_is_under_way_and_can_be_done_twice(
    shell: Shell, hub: HubProcess, threads: ThreadPoolExecutor
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    gate = Gate()
    worker.register("slow", gate.handler(shell.kind))
    asking = threads.submit(client.request, "slow")
    until(lambda: gate.arrived == 1, "the request")
    client.close()
    client.close()
    with pytest.raises(AmphisError) as caught:
        asking.result(WAIT)
    assert code_of(caught) == "BUS_CLOSED"
    with pytest.raises(AmphisError) as caught:
        client.publish("a", 1)
    assert code_of(caught) == "BUS_CLOSED"
    until(lambda: gate.cancelled == 1, "the cancellation of the handler")


def test_draining_answers_what_was_taken_and_loses_nothing(
    shell: Shell, hub: HubProcess, threads: ThreadPoolExecutor
) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    gate = Gate()
    endpoint = worker.register("slow", gate.handler(shell.kind), concurrency=2)
    asking = [threads.submit(client.request, "slow", number) for number in range(5)]
    until(lambda: endpoint.stats.queued == 3, "the requests")
    draining = threads.submit(worker.drain)
    until(lambda: endpoint.stats.state != "held", "the drain")
    with pytest.raises(AmphisError) as caught:
        worker.publish("a", 1)
    assert code_of(caught) == "BUS_CLOSED"
    gate.open()
    draining.result(WAIT)
    assert [one.result(WAIT) for one in asking] == [0, 1, 2, 3, 4]
    assert worker.stats.state == "closed"


def test_draining_sends_everything_that_was_accepted(shell: Shell, hub: HubProcess) -> None:
    worker, client = shell.open(hub.address), shell.open(hub.address)
    got: list[object] = []
    worker.register("log", lambda payload, _request: got.append(payload["n"]), concurrency=1)
    for number in range(300):
        client.send("log", {"n": number, "filler": bytes(10_000)})
    client.drain()
    until(lambda: len(got) == 300, "everything")
    assert got == list(range(300))


def test_draining_ends_after_its_timeout(shell: Shell, hub: HubProcess) -> None:
    bus = shell.open(hub.address)
    gate = Gate()
    bus.register("slow", gate.handler(shell.kind))
    bus.send("slow", 1)
    until(lambda: gate.arrived == 1, "the request")
    bus.drain(0.05)
    assert bus.stats.state == "closed"
    until(lambda: gate.cancelled == 1, "the cancellation of the handler")


def test_a_sender_waits_while_the_hub_does_not_read(
    shell: Shell, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    read = threading.Event()
    total: list[int] = []

    def script(peer: Conversation) -> None:
        peer.welcome()
        assert read.wait(WAIT)
        total.extend(len(peer.take(FrameKind.MESSAGE).body) for _ in range(100))
        peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, send_queue_bytes=100_000)
        sent: list[int] = []

        def send() -> None:
            for number in range(100):
                bus.send("log", bytes(100_000))
                sent.append(number)

        sending = threads.submit(send)
        until(lambda: bus.stats.queued_bytes > 100_000, "a full queue")
        assert bus.stats.queued_bytes < 400_000
        assert len(sent) < 100
        read.set()
        sending.result(WAIT)
        until(lambda: len(total) == 100, "everything")
        bus.close()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("ws://localhost", "use unix:/path"),
        ("pipe:x", "use unix:/path"),
        ("inproc:x", "use unix:/path"),
        ("gopher://x", "no scheme"),
        ("/run/app.sock", "starts with no scheme"),
        ("unix:relative", "absolute"),
        ("unix:@", "empty"),
        ("tcp://localhost", "host:port"),
        ("tcp://localhost:0", "port 0"),
        ("tls://h:99999", "99999"),
    ],
)
def test_an_address_of_another_form_is_refused(shell: Shell, address: str, says: str) -> None:
    with pytest.raises(AmphisError, match=says) as caught:
        shell.open(address)
    assert code_of(caught) == "ADDRESS_INVALID"


def test_nobody_there_is_a_failed_connect(shell: Shell, tmp_path: Path) -> None:
    for address in (f"unix:{tmp_path}/nobody", "tcp://127.0.0.1:1", "unix:@amphis-nobody"):
        with pytest.raises(AmphisError) as caught:
            shell.open(address)
        assert (code_of(caught), caught.value.address) == ("CONNECT_FAILED", address)


def test_tcp_and_abstract_sockets_reach_a_hub(shell: Shell, tmp_path: Path) -> None:
    for address in ("tcp://127.0.0.1:0", f"unix:@amphis{tmp_path.name}"):
        with HubProcess("small", address) as hub:
            bus = shell.open(hub.address)
            bus.register("echo", lambda payload, _request: payload)
            assert bus.request("echo", address) == address
            bus.close()


def test_options_that_make_no_sense_are_refused() -> None:
    wrong: list[dict[str, Any]] = [
        {"heartbeat": -1},
        {"timeout": float("nan")},
        {"while_down": "maybe"},
        {"max_frame_bytes": 3},
    ]
    for options in wrong:
        with pytest.raises(ValueError, match="Cannot"):
            BusOptions(**options)
    with pytest.raises(AmphisError) as caught:
        open_bus("unix:/nowhere", name="a*")
    assert code_of(caught) == "NAME_INVALID"
