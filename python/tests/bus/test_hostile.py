"""Whatever a hub says ends in a typed error: nothing hangs, nothing is left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.rogue import Conversation, Rogue
from tests.bus.shells import WAIT, Gate, Shell, code_of, until

from amphis import (
    AmphisError,
    EndBody,
    ErrorBody,
    Frame,
    FrameKind,
    Hello,
    ItemBody,
    ResultBody,
    encode_frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bus.shells import BusFace

ONCE: dict[str, Any] = {"reconnect": False}


def opened_with(
    shell: Shell, path: Path, script: Callable[[Conversation], None], patience: float = WAIT
) -> str:
    """The code of the error that opening ends with."""
    with Rogue(path / "rogue", script) as rogue:
        with pytest.raises(AmphisError) as caught:
            shell.open(rogue.address, connect_timeout=patience)
        return code_of(caught)


def test_garbage_for_a_hello_is_no_frame(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.closed()

    assert opened_with(shell, tmp_path, script) == "FRAME_INVALID"


def test_another_frame_than_a_hello_is_refused(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.say(FrameKind.RESULT, 1, [None])
        peer.closed()

    assert opened_with(shell, tmp_path, script) == "FRAME_INVALID"


def test_a_peer_that_is_no_hub_is_told_apart(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.hello("shared-memory")
        peer.closed()

    assert opened_with(shell, tmp_path, script) == "NEGOTIATION_FAILED"


def test_silence_instead_of_a_hello_is_a_lost_peer(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.closed()

    assert opened_with(shell, tmp_path, script, patience=0.2) == "PEER_LOST"


def test_silence_instead_of_an_answer_to_the_join_is_a_lost_peer(
    shell: Shell, tmp_path: Path
) -> None:
    def script(peer: Conversation) -> None:
        peer.hello("bus")
        peer.closed()

    assert opened_with(shell, tmp_path, script, patience=0.2) == "PEER_LOST"


def test_a_hub_that_hangs_up_is_a_closed_connection(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.hello("bus")

    assert opened_with(shell, tmp_path, script) == "CONNECTION_CLOSED"


def test_a_join_answered_with_nonsense_is_refused(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.hello("bus")
        peer.call()
        peer.say(FrameKind.RESULT, 1, [{"peer": 7}])
        peer.closed()

    assert opened_with(shell, tmp_path, script) == "BODY_INVALID"


def test_a_hub_that_refuses_a_token_ends_the_attempt(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.hello("bus")
        _, body = peer.call()
        assert body.kwargs == {"name": "member", "token": "secret"}
        error = {
            "code": "AUTHENTICATION_FAILED",
            "number": 6008,
            "category": "bus",
            "message": "no",
            "retryable": False,
        }
        peer.say(FrameKind.ERROR, 1, error)
        peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        with pytest.raises(AmphisError) as caught:
            shell.open(rogue.address, token="secret")  # noqa: S106 - of a test
        assert code_of(caught) == "AUTHENTICATION_FAILED"


BREAKS: dict[str, Callable[[Conversation], object]] = {
    "garbage": lambda peer: peer.raw(b"\0" * 64),
    "a second hello": lambda peer: peer.say(FrameKind.HELLO, 0, {}),
    "a kind that no bus has": lambda peer: peer.say(FrameKind.LOG, 0, []),
    "a call of the hub": lambda peer: peer.say(FrameKind.CALL, 2, ["bus:join", [], {}, {}]),
    "a frame beyond the limit": lambda peer: peer.raw(
        encode_frame(Frame(FrameKind.RESULT, bytes(100), 3))[:20] + b"\xff\xff\xff\x7f\0\0\0\0"
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_a_frame_that_no_hub_sends_ends_the_connection(
    shell: Shell, tmp_path: Path, broken: str
) -> None:
    def script(peer: Conversation) -> None:
        peer.welcome()
        peer.take(FrameKind.MESSAGE)
        BREAKS[broken](peer)
        assert peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        with pytest.raises(AmphisError) as caught:
            bus.request("anybody")
        assert code_of(caught) == "CONNECTION_CLOSED"
        assert isinstance(caught.value.__cause__, AmphisError)
        assert caught.value.__cause__.code in ("FRAME_INVALID", "FRAME_TOO_LARGE")
        until(lambda: bus.stats.state == "closed", "the end of the bus")
        with pytest.raises(AmphisError) as caught:
            bus.request("anybody")
        assert code_of(caught) in ("FRAME_INVALID", "FRAME_TOO_LARGE")


def test_an_id_of_a_request_under_way_is_not_used_again(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.welcome()
        peer.grant("bus:register")
        assert registered.wait(20)
        peer.request(4, "mine")
        peer.request(2, "mine")
        peer.request(4, "mine")
        assert peer.closed()

    gate, registered = Gate(), threading.Event()
    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        endpoint = bus.register("mine", gate.handler(shell.kind))
        registered.set()
        until(lambda: bus.stats.state == "closed", "the end of the bus")
        assert gate.arrived <= 2
        until(lambda: gate.cancelled == gate.arrived, "the cancellation of the handlers")
        assert endpoint.error is not None
        assert endpoint.error.code == "FRAME_INVALID"


def test_a_hub_that_takes_only_small_frames_gets_what_it_takes(
    shell: Shell, tmp_path: Path
) -> None:
    def script(peer: Conversation) -> None:
        hello = Hello(product="rogue", capabilities=("bus",), max_frame_bytes=220)
        peer.say(FrameKind.HELLO, 0, hello.encode())
        peer.take(FrameKind.HELLO)
        peer.call()
        peer.say(FrameKind.RESULT, 1, [{"peer": "m/1", "hub": "rogue"}])
        peer.grant("bus:register")
        peer.request(2, "mine", 1_000)
        peer.request(4, "mine", 10)
        while (frame := peer.next()).kind is FrameKind.ERROR:
            assert frame.call_id == 2
        peer.say(FrameKind.RESULT, peer.take(FrameKind.MESSAGE).call_id, [frame.call_id])
        peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        endpoint = bus.register("mine", lambda payload, _request: "x" * payload, concurrency=1)
        until(lambda: endpoint.stats.running == 0 and endpoint.stats.answered == 1, "both")
        assert endpoint.stats.failed == 1
        with pytest.raises(AmphisError) as caught:
            bus.publish("a", bytes(500))
        assert code_of(caught) == "FRAME_TOO_LARGE"
        assert bus.request("mine") == 4
        bus.close()


def test_a_frame_that_is_cut_off_ends_the_connection(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.welcome()
        peer.take(FrameKind.MESSAGE)
        peer.raw(encode_frame(Frame(FrameKind.RESULT, ResultBody(b"x" * 100).encode(), 3))[:60])

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        with pytest.raises(AmphisError) as caught:
            bus.request("anybody")
        assert code_of(caught) == "CONNECTION_CLOSED"
        assert isinstance(caught.value.__cause__, AmphisError)
        assert caught.value.__cause__.code == "FRAME_TRUNCATED"


ANSWERS: dict[str, tuple[list[tuple[FrameKind, object]], str]] = {
    "a result of another shape": ([(FrameKind.RESULT, {"a": 1})], "BODY_INVALID"),
    "a result that is no value": ([(FrameKind.RESULT, b"\xc1")], "DECODE_FAILED"),
    "an error of another shape": ([(FrameKind.ERROR, ["no"])], "BODY_INVALID"),
    "an item that nobody asked for": (
        [(FrameKind.ITEM, ItemBody(0, 1).encode())],
        "STREAM_OVERRUN",
    ),
    "an end without items": ([(FrameKind.END, EndBody(0).encode())], "BODY_INVALID"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_bad_answer_fails_its_call_and_no_other(shell: Shell, tmp_path: Path, case: str) -> None:
    parts, code = ANSWERS[case]

    def script(peer: Conversation) -> None:
        peer.welcome()
        call_id = peer.take(FrameKind.MESSAGE).call_id
        for kind, body in parts:
            peer.say(kind, call_id, body)
        frame = peer.next()
        if frame.kind is FrameKind.CANCEL:
            frame = peer.next()
        peer.say(FrameKind.RESULT, frame.call_id, ["fine"])
        peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        with pytest.raises(AmphisError) as caught:
            bus.request("anybody")
        assert code_of(caught) == code
        assert bus.request("anybody") == "fine"
        bus.close()


STREAMS: dict[str, tuple[list[tuple[FrameKind, object]], str]] = {
    "an item out of order": ([(FrameKind.ITEM, [1, "x"])], "SEQUENCE_BROKEN"),
    "an end that counts another number": ([(FrameKind.END, [3])], "SEQUENCE_BROKEN"),
    "an item of another shape": ([(FrameKind.ITEM, ["x"])], "BODY_INVALID"),
    "more items than there is credit for": (
        [(FrameKind.ITEM, [number, 0]) for number in range(10)],
        "STREAM_OVERRUN",
    ),
    "a result after items": (
        [(FrameKind.ITEM, [0, 0]), (FrameKind.RESULT, [1])],
        "BODY_INVALID",
    ),
}


def read_slowly(bus: BusFace) -> None:
    """Take one item, and the rest when all of them are here.

    Frames keep their order, so that the answer to a request follows all that was said of the
    stream; nobody takes items meanwhile, which would give credit for more.
    """
    items = bus.stream("anybody", credit=4)
    try:
        next(items)
    finally:
        assert bus.request("anybody") == "fine"
    list(items)


@pytest.mark.parametrize("case", STREAMS)
def test_a_bad_stream_fails_its_call_and_no_other(shell: Shell, tmp_path: Path, case: str) -> None:
    parts, code = STREAMS[case]

    def script(peer: Conversation) -> None:
        peer.welcome()
        call_id = peer.take(FrameKind.MESSAGE).call_id
        for kind, body in parts:
            peer.say(kind, call_id, body)
        for _ in range(2):
            while (frame := peer.next()).kind is not FrameKind.MESSAGE:
                assert frame.call_id == call_id
            peer.say(FrameKind.RESULT, frame.call_id, ["fine"])
        peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        with pytest.raises(AmphisError) as caught:
            read_slowly(bus)
        assert code_of(caught) == code
        assert bus.request("anybody") == "fine"
        assert bus.stats.pending_calls == 0
        bus.close()


def test_frames_for_calls_that_are_over_are_counted(shell: Shell, tmp_path: Path) -> None:
    def script(peer: Conversation) -> None:
        peer.welcome()
        for call_id in (99, 100, 3):
            peer.say(FrameKind.RESULT, call_id, [1])
        call_id = peer.take(FrameKind.MESSAGE).call_id
        peer.say(FrameKind.RESULT, call_id, ["fine"])
        peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        until(lambda: bus.stats.orphans == 3, "the orphans")
        assert bus.request("anybody") == "fine"
        bus.close()


def test_a_bad_request_is_answered_with_an_error(shell: Shell, tmp_path: Path) -> None:
    heard: list[tuple[int, Any]] = []

    def script(peer: Conversation) -> None:
        peer.welcome()
        peer.grant("bus:register")
        peer.say(FrameKind.MESSAGE, 2, b"\xc1")
        peer.say(FrameKind.MESSAGE, 4, [1, 2, 3])
        peer.request(6, "somebody.else")
        peer.say(FrameKind.MESSAGE, 0, b"\xc1")
        for _ in range(3):
            frame = peer.take(FrameKind.ERROR)
            heard.append((frame.call_id, str(ErrorBody.decode(frame.body).code)))
        peer.request(8, "mine", 1)
        heard.append((8, ResultBody.decode(peer.take(FrameKind.RESULT).body).value))
        peer.closed()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, **ONCE)
        bus.register("mine", lambda payload, _request: payload)
        until(lambda: len(heard) == 4, "the answers")
        until(lambda: bus.stats.refused == 4, "the count")
        bus.close()
    assert [call_id for call_id, _ in heard] == [2, 4, 6, 8]
    assert "ENDPOINT_NOT_FOUND" in heard[2][1]
    assert heard[3][1] == 1


def test_a_hub_that_floods_and_never_reads_does_not_fill_memory(
    shell: Shell, tmp_path: Path
) -> None:
    stopped = threading.Event()

    def script(peer: Conversation) -> None:
        peer.welcome()
        peer.grant("bus:register")
        flood = b"".join(encode_frame(Frame(FrameKind.PING, bytes(1_000), 0)) for _ in range(100))
        peer.socket.settimeout(0.5)
        try:
            for number in range(2, 40_000, 2):
                peer.request(number, "mine", bytes(10_000))
                peer.raw(flood[:1_024])
        except (TimeoutError, OSError):
            stopped.set()

    with Rogue(tmp_path / "rogue", script) as rogue:
        bus = shell.open(rogue.address, send_queue_bytes=1_000, **ONCE)
        bus.register("mine", lambda payload, _request: payload, max_queued=10, concurrency=1)
        assert stopped.wait(20)
        assert bus.stats.queued_bytes < 4_000_000
        bus.close()
