"""Frames through rings: order, size, room, and how a channel ends."""

from __future__ import annotations

import random
import signal
import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.bus.shells import code_of, until
from tests.channel.host import Answer

from amphis import AmphisError
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from tests.channel.conftest import Pairs

    from amphis._internal.channel import Channel

HUGE = 8 * 1024 * 1024


def event(body: bytes) -> Frame:
    return Frame(FrameKind.EVENT, body)


def received(channel: Channel) -> bytes:
    frame = channel.receive(20)
    assert frame is not None
    return bytes(frame.body)


def code_raised_by(channel: Channel) -> str:
    with pytest.raises(AmphisError) as caught:
        channel.receive(20)
    return code_of(caught)


def test_frames_come_whole_and_in_order(pairs: Pairs) -> None:
    channel, host = pairs.open()
    for i in range(100):
        channel.send(event(b"%d" % i))
        assert bytes(host.receive().body) == b"%d" % i
        host.send(event(b"%d" % -i))
        assert received(channel) == b"%d" % -i


@pytest.mark.parametrize("capacity", [128, 1_024, 65_536])
def test_frames_of_any_length_go_through_any_ring(pairs: Pairs, capacity: int) -> None:
    channel, host = pairs.open(Answer(capacity=capacity))
    lengths = [0, 1, 7, 8, 39, 40, 41, capacity // 2, capacity - 4, capacity, capacity + 1]
    for length in lengths:
        body = random.Random(length).randbytes(length)  # noqa: S311 - no secret
        sent = pairs.threads.submit(channel.send, event(body))
        assert bytes(host.receive().body) == body
        sent.result(20)
        sent = pairs.threads.submit(host.send, event(body), piece=capacity // 4 - 4)
        assert received(channel) == body
        sent.result(20)


def test_a_frame_of_8_mib_goes_through_a_ring_of_64_kib(pairs: Pairs) -> None:
    channel, host = pairs.open(spill_bytes=HUGE * 2)
    body = random.Random(1).randbytes(HUGE)  # noqa: S311 - no secret
    sent = pairs.threads.submit(channel.send, event(body))
    assert bytes(host.receive().body) == body
    sent.result(20)
    sent = pairs.threads.submit(host.send, event(body))
    assert received(channel) == body
    sent.result(20)


def test_many_small_frames_keep_their_order(pairs: Pairs) -> None:
    channel, host = pairs.open()
    count = 20_000

    def send_all() -> None:
        for i in range(count):
            channel.send(event(struct.pack("<I", i)))

    sending = pairs.threads.submit(send_all)
    got = [struct.unpack("<I", host.receive().body)[0] for _ in range(count)]
    sending.result(20)
    assert got == list(range(count))
    sending = pairs.threads.submit(host.send, *(event(struct.pack("<I", i)) for i in range(count)))
    got = [struct.unpack("<I", received(channel))[0] for _ in range(count)]
    sending.result(20)
    assert got == list(range(count))


def test_both_directions_at_once_do_not_hold_each_other_up(pairs: Pairs) -> None:
    channel, host = pairs.open(spill_bytes=HUGE * 2)
    body = bytes(HUGE)
    sent = pairs.threads.submit(channel.send, event(body))
    answered = pairs.threads.submit(host.send, event(body))
    assert pairs.threads.submit(host.receive).result(20).body == body
    assert received(channel) == body
    sent.result(20)
    answered.result(20)


def test_a_sender_takes_frames_in_when_the_host_takes_none_before(pairs: Pairs) -> None:
    channel, host = pairs.open()
    body = bytes(1 << 20)
    # Both send more than fits and read only afterwards, in one thread each.
    answered = pairs.threads.submit(host.send, event(body))
    sent = pairs.threads.submit(channel.send, event(body))
    answered.result(20)
    assert bytes(host.receive().body) == body
    sent.result(20)
    assert received(channel) == body


def test_a_sender_waits_for_a_slow_reader(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(capacity=1_024))
    sent: list[int] = []

    def send_all() -> None:
        for i in range(100):
            channel.send(event(bytes(400)))
            sent.append(i)

    sending = pairs.threads.submit(send_all)
    for i in range(100):
        assert len(host.receive().body) == 400
        assert len(sent) <= i + 3
    sending.result(20)


def test_a_sender_whose_deadline_passes_has_sent_nothing(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(capacity=1_024))
    sent: list[int] = []

    def send_all() -> None:
        while True:
            channel.send(event(b"%400d" % len(sent)), timeout=0.05)
            sent.append(len(sent))

    with pytest.raises(AmphisError) as caught:
        send_all()
    assert code_of(caught) == "REQUEST_TIMEOUT"
    assert [int(bytes(host.receive().body)) for _ in sent] == sent
    channel.send(event(b"after"))
    assert bytes(host.receive().body) == b"after"


def test_a_frame_that_is_left_half_ends_the_channel(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(capacity=1_024))
    with pytest.raises(AmphisError) as caught:
        channel.send(event(bytes(10_000)), timeout=0.05)
    assert code_of(caught) == "PEER_LOST"
    for act in (lambda: channel.send(event(b"")), channel.receive):
        with pytest.raises(AmphisError) as caught:
            act()
        assert code_of(caught) == "PEER_LOST"
    assert host.is_left()


def test_nothing_comes_before_the_deadline(pairs: Pairs) -> None:
    channel, _ = pairs.open()
    began = time.monotonic()
    assert channel.receive(0.12) is None
    assert time.monotonic() - began >= 0.12
    assert channel.receive(0) is None


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.2])
def test_a_frame_wakes_a_receiver_that_sleeps(pairs: Pairs, pause: float) -> None:
    channel, host = pairs.open()
    for i in range(3):
        waiting = pairs.threads.submit(received, channel)
        threading.Event().wait(pause)
        host.send(event(b"%d" % i))
        assert waiting.result(20) == b"%d" % i


def test_either_side_may_end_first_and_go_on_to_hear(pairs: Pairs) -> None:
    channel, host = pairs.open()
    channel.send(event(b"last"))
    channel.end()
    channel.end()
    assert bytes(host.receive().body) == b"last"
    with pytest.raises(EOFError):
        host.receive()
    with pytest.raises(AmphisError) as caught:
        channel.send(event(b"more"))
    assert code_of(caught) == "CONNECTION_CLOSED"
    host.send(event(b"answer"))
    assert received(channel) == b"answer"
    host.end()
    assert code_raised_by(channel) == "CONNECTION_CLOSED"
    assert channel.is_closed
    assert host.is_left()


def test_a_guest_sends_on_after_the_host_has_ended(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(event(b"last"))
    host.end()
    assert received(channel) == b"last"
    assert code_raised_by(channel) == "CONNECTION_CLOSED"
    assert not channel.is_closed
    channel.send(event(b"still"))
    assert bytes(host.receive().body) == b"still"
    channel.end()
    assert host.is_left()


def test_an_end_inside_a_frame_is_an_error_of_its_own(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(event(b"whole"))
    host.push(encode_frame(event(bytes(100)))[:50])
    host.end()
    assert received(channel) == b"whole"
    assert code_raised_by(channel) == "FRAME_TRUNCATED"


def test_a_socket_that_ends_is_the_end_behind_what_is_in_the_ring(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(*(event(b"%d" % i) for i in range(50)))
    host.sock.close()
    assert [received(channel) for _ in range(50)] == [b"%d" % i for i in range(50)]
    assert code_raised_by(channel) == "CONNECTION_CLOSED"
    assert code_raised_by(channel) == "CONNECTION_CLOSED"


def test_a_socket_that_ends_wakes_a_sender_without_room(pairs: Pairs) -> None:
    channel, host = pairs.open()
    sending = pairs.threads.submit(channel.send, event(bytes(HUGE)))
    host.take()
    host.sock.close()
    with pytest.raises(AmphisError) as caught:
        sending.result(20)
    assert code_of(caught) == "CONNECTION_CLOSED"


def test_bytes_that_are_no_frame_end_the_channel_behind_good_ones(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.push(encode_frame(event(b"good")) + b"nonsense" * 4)
    assert received(channel) == b"good"
    assert code_raised_by(channel) == "FRAME_INVALID"
    assert code_raised_by(channel) == "FRAME_INVALID"
    assert host.is_left()


def test_a_ring_that_breaks_the_rules_ends_the_channel(pairs: Pairs) -> None:
    channel, host = pairs.open()
    assert host.memory is not None
    host.memory[128:132] = (12).to_bytes(4, "little")
    assert code_raised_by(channel) == "RING_CORRUPT"
    assert host.is_left()


def test_a_frame_beyond_the_limit_is_refused_either_way(pairs: Pairs) -> None:
    channel, host = pairs.open(max_frame_bytes=1_000)
    with pytest.raises(AmphisError) as caught:
        channel.send(event(bytes(1_000)))
    assert code_of(caught) == "FRAME_TOO_LARGE"
    channel.send(event(bytes(900)))
    assert len(host.receive().body) == 900
    host.send(event(bytes(1_000)))
    assert code_raised_by(channel) == "FRAME_TOO_LARGE"


@pytest.mark.parametrize("pause", [0.0, 0.2])
def test_closing_ends_a_wait_in_another_thread(pairs: Pairs, pause: float) -> None:
    channel, host = pairs.open()
    waiting = pairs.threads.submit(channel.receive)
    threading.Event().wait(pause)
    channel.close()
    channel.close()
    with pytest.raises(AmphisError) as caught:
        waiting.result(20)
    assert code_of(caught) == "CONNECTION_CLOSED"
    assert host.is_left()


def test_closing_ends_a_send_without_room(pairs: Pairs) -> None:
    channel, host = pairs.open()
    sending = pairs.threads.submit(channel.send, event(bytes(HUGE)))
    host.take()
    channel.close()
    with pytest.raises(AmphisError) as caught:
        sending.result(20)
    assert code_of(caught) == "CONNECTION_CLOSED"


def test_threads_that_send_at_once_do_not_mix_their_frames(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(capacity=1_024))

    def send_all(letter: int) -> None:
        for length in range(0, 2_000, 40):
            channel.send(event(bytes([letter]) * length))

    sending = [pairs.threads.submit(send_all, letter) for letter in b"abcd"]
    got = [bytes(host.receive().body) for _ in range(4 * 50)]
    for one in sending:
        one.result(20)
    for letter in b"abcd":
        lengths = [len(body) for body in got if body[:1] == bytes([letter])]
        assert lengths == list(range(40, 2_000, 40))
    assert all(len(set(body)) <= 1 for body in got)


def sleeps(thread: int) -> bool:
    """Whether a thread has not run for longer than any wait of a channel but the last."""
    status = Path(f"/proc/self/task/{thread}/status")
    switches = [line for line in status.read_text().splitlines() if "ctxt_switches" in line]
    threading.Event().wait(0.12)
    return switches == [line for line in status.read_text().splitlines() if "ctxt_switches" in line]


def test_a_signal_that_raises_leaves_a_waiting_channel_whole(pairs: Pairs) -> None:
    channel, host = pairs.open()
    main = threading.main_thread()
    assert main.ident is not None
    assert main.native_id is not None
    ident, number = main.ident, main.native_id

    def interrupt() -> None:
        until(lambda: sleeps(number), "sleep")
        signal.pthread_kill(ident, signal.SIGUSR1)

    def raise_it(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, raise_it)
    try:
        interrupting = pairs.threads.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            channel.receive(60)
        interrupting.result(20)
    finally:
        signal.signal(signal.SIGUSR1, before)
    host.send(event(b"after"))
    assert received(channel) == b"after"


def test_signs_of_life_are_given_while_this_side_waits(pairs: Pairs) -> None:
    channel, host = pairs.open()
    waiting = pairs.threads.submit(received, channel)
    for body in (b"", b"12345678"):
        host.send(Frame(FrameKind.PING, body))
        pong = host.receive()
        assert (pong.kind, bytes(pong.body)) == (FrameKind.PONG, body)
    host.send(Frame(FrameKind.PONG), event(b"after"))
    assert waiting.result(20) == b"after"


def test_pings_without_end_cost_one_pong(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(capacity=1_024))
    sending = pairs.threads.submit(channel.send, event(bytes(100_000)))
    until(channel._turns._writing.locked, "the sender")  # noqa: SLF001 - who writes
    host.send(*(Frame(FrameKind.PING, b"%d" % i) for i in range(200)), piece=200)
    host.send(event(b"behind"))
    assert received(channel) == b"behind"
    assert len(host.receive().body) == 100_000
    sending.result(20)
    assert bytes(host.receive().body) == b"199"
    channel.send(event(b"last"))
    assert bytes(host.receive().body) == b"last"


def test_a_ping_longer_than_any_host_sends_ends_the_channel(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(Frame(FrameKind.PING, bytes(37)))
    assert code_raised_by(channel) == "FRAME_TOO_LARGE"


def test_a_frame_about_memory_is_not_for_senders(pairs: Pairs) -> None:
    channel, _ = pairs.open()
    with pytest.raises(ValueError, match="belong to the channel"):
        channel.send(Frame(FrameKind.MEMORY, b""))


def test_half_a_frame_is_kept_until_the_rest_comes(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.push(encode_frame(event(bytes(100)))[:50])
    assert channel.receive(0.1) is None
    host.push(encode_frame(event(bytes(100)))[50:])
    assert received(channel) == bytes(100)
