"""Memory that a host lends: asking for it from any thread, letting go of it from anywhere."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.shells import code_of, until
from tests.channel.host import Answer, memory, send_with

from amphis import AmphisError
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.ambient import ambient
from amphis._internal.memory.lender import Lent

if TYPE_CHECKING:
    from tests.channel.conftest import Pairs
    from tests.channel.host import Host

    from amphis._internal.channel import Channel
    from amphis._internal.memory.lender import Lender

PAGE = 65_536


def event(body: bytes) -> Frame:
    return Frame(FrameKind.EVENT, body)


def received(channel: Channel) -> bytes:
    frame = channel.receive(20)
    assert frame is not None
    return bytes(frame.body)


def lender_of(channel: Channel) -> Lender:
    lender = channel.lender
    assert lender is not None
    return lender


def released(host: Host) -> list[int]:
    what, generations = host.hear()
    assert what == "release"
    numbers: list[int] = generations
    return numbers


def test_memory_is_lent_and_both_sides_see_the_same_bytes(pairs: Pairs) -> None:
    channel, host = pairs.open()
    lender = lender_of(channel)
    asking = pairs.threads.submit(lender.want, 1_000, 20)
    host.announce(3, PAGE)
    assert host.lend(3, 11, 128) == 1_000
    assert asking.result(20) == Lent(3, 11, 128, 1_000)
    lender.region(3)[128:133] = b"hello"
    assert host.regions[3][128:133] == b"hello"
    assert len(lender.region(3)) == PAGE
    lender.release(11)
    assert released(host) == [11]


def test_a_refusal_is_the_error_of_whoever_asked(pairs: Pairs) -> None:
    channel, host = pairs.open()
    asking = pairs.threads.submit(lender_of(channel).want, 1 << 40, 20)
    _, number, _ = host.hear()
    error = AmphisError("MEMORY_QUOTA_EXCEEDED", "Cannot lend", {"holder": 7})
    host.say("refused", number, msgpack().decode(ErrorBody(error).encode()))
    with pytest.raises(AmphisError) as caught:
        asking.result(20)
    assert code_of(caught) == "MEMORY_QUOTA_EXCEEDED"


def test_frames_that_come_before_an_answer_wait_for_receive(pairs: Pairs) -> None:
    channel, host = pairs.open()
    asking = pairs.threads.submit(lender_of(channel).want, 10, 20)
    host.announce(1, PAGE)
    host.send(event(b"first"), event(b"second"))
    host.lend(1, 5)
    assert asking.result(20).generation == 5
    assert [bytes(frame.body) for frame in (channel.receive(), channel.receive()) if frame] == [
        b"first",
        b"second",
    ]
    assert channel.receive(0) is None


def test_a_thread_that_asks_is_served_by_the_one_that_receives(pairs: Pairs) -> None:
    channel, host = pairs.open()
    receiving = pairs.threads.submit(received, channel)
    until(channel._turns._reading.locked, "the receiver")  # noqa: SLF001 - who reads
    asking = [pairs.threads.submit(lender_of(channel).want, size, 20) for size in (10, 20)]
    host.announce(1, PAGE)
    questions = [host.hear() for _ in asking]
    for _, number, size in reversed(questions):
        host.say("lent", number, 1, size, 0, size)
    assert [one.result(20) for one in asking] == [Lent(1, 10, 0, 10), Lent(1, 20, 0, 20)]
    assert not receiving.done()
    host.send(event(b"now"))
    assert receiving.result(20) == b"now"


def test_one_who_receives_is_served_by_one_who_asks(pairs: Pairs) -> None:
    channel, host = pairs.open()
    asking = pairs.threads.submit(lender_of(channel).want, 10, 20)
    _, number, _ = host.hear()
    receiving = pairs.threads.submit(received, channel)
    host.send(event(b"for the other"))
    assert receiving.result(20) == b"for the other"
    host.announce(1, PAGE)
    host.say("lent", number, 1, 1, 0, 10)
    assert asking.result(20).generation == 1


def test_whoever_waits_goes_on_when_the_one_who_read_gives_up(pairs: Pairs) -> None:
    channel, host = pairs.open()
    lender = lender_of(channel)
    gives_up = pairs.threads.submit(lender.want, 10, 0.15)
    host.hear()
    waits = pairs.threads.submit(lender.want, 20, 20)
    _, number, _ = host.hear()
    with pytest.raises(AmphisError) as caught:
        gives_up.result(20)
    assert code_of(caught) == "REQUEST_TIMEOUT"
    host.announce(1, PAGE)
    host.say("lent", number, 1, 2, 0, 20)
    assert waits.result(20).generation == 2


def test_memory_that_comes_too_late_is_let_go_of(pairs: Pairs) -> None:
    channel, host = pairs.open()
    with pytest.raises(AmphisError) as caught:
        lender_of(channel).want(10, 0.05)
    assert code_of(caught) == "REQUEST_TIMEOUT"
    host.announce(1, PAGE)
    host.lend(1, 99)
    assert channel.receive(0.1) is None
    assert released(host) == [99]


def test_less_than_was_asked_for_is_let_go_of_and_refused(pairs: Pairs) -> None:
    channel, host = pairs.open()
    asking = pairs.threads.submit(lender_of(channel).want, 100, 20)
    _, number, _ = host.hear()
    host.announce(1, PAGE)
    host.say("lent", number, 1, 4, 0, 99)
    with pytest.raises(AmphisError) as caught:
        asking.result(20)
    assert code_of(caught) == "BODY_INVALID"
    assert released(host) == [4]


WRONG: dict[str, list[Any]] = {
    "nothing": [],
    "no list": ["lent"],
    "an unknown word": ["gave", 1, 1, 1, 0, 10],
    "a word of the guest": ["want", 1, 10],
    "too few numbers": ["lent", 1, 1, 1],
    "a question that was never asked": ["lent", 9, 1, 1, 0, 10],
    "a negative offset": ["lent", 1, 1, 1, -1, 10],
    "a place behind the region": ["lent", 1, 1, 1, PAGE - 9, 10],
    "an offset beyond all numbers": ["lent", 1, 1, 1, 2**63, 10],
    "a generation beyond 32 bits": ["lent", 1, 1, 2**32, 0, 10],
    "a region that is none": ["lent", 1, 2, 1, 0, 10],
    "a refusal without an error": ["refused", 1, "no"],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_no_host_says_of_memory_ends_the_channel(pairs: Pairs, wrong: str) -> None:
    channel, host = pairs.open()
    asking = pairs.threads.submit(lender_of(channel).want, 10, 20)
    host.hear()
    host.announce(1, PAGE)
    host.say(*WRONG[wrong])
    expected = "REFERENCE_STALE" if "region that" in wrong else "BODY_INVALID"
    for act in (lambda: asking.result(20), channel.receive):
        with pytest.raises(AmphisError) as caught:
            act()
        assert code_of(caught) == expected
    assert host.is_left()


ANNOUNCED: dict[str, tuple[bytes, int, str]] = {
    "an unknown word": (b"\3" + bytes(7) + b"\5" + bytes(7) + b"\0\0\1" + bytes(5), 1, "kind"),
    "something reserved": (b"\1\1" + bytes(6) + b"\5" + bytes(7) + bytes(8), 1, "kind"),
    "no descriptor": (b"\1" + bytes(7) + b"\5" + bytes(7) + b"\0\0\1" + bytes(5), 0, "descriptors"),
    "two descriptors": (
        b"\1" + bytes(7) + b"\5" + bytes(7) + b"\0\0\1" + bytes(5),
        2,
        "descriptors",
    ),
    "no bytes": (b"\1" + bytes(7) + b"\5" + bytes(7) + bytes(8), 1, "bytes"),
    "a number beyond all": (b"\1" + bytes(7) + b"\xff" * 8 + b"\0\0\1" + bytes(5), 1, "id"),
    "a region twice": (b"\1" + bytes(7) + b"\1" + bytes(7) + b"\0\0\1" + bytes(5), 1, "id"),
    "the end of a region that is none": (b"\2" + bytes(7) + b"\6" + bytes(15), 0, "id"),
}


@pytest.mark.parametrize("wrong", ANNOUNCED)
def test_what_no_host_announces_ends_the_channel(pairs: Pairs, wrong: str) -> None:
    data, count, field = ANNOUNCED[wrong]
    channel, host = pairs.open()
    host.announce(1, PAGE)
    region = memory(PAGE)
    send_with(host.sock, data, [region] * count)
    os.close(region)
    with pytest.raises(AmphisError) as caught:
        channel.receive()
    assert (code_of(caught), caught.value.field) == ("FRAME_INVALID", field)
    assert host.is_left()


def test_a_region_that_is_not_sealed_ends_the_channel(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.announce(1, PAGE, is_sealed=False)
    with pytest.raises(AmphisError) as caught:
        channel.receive()
    assert code_of(caught) == "MEMORY_REFUSED"


def test_a_region_smaller_than_announced_ends_the_channel(pairs: Pairs) -> None:
    channel, host = pairs.open()
    small = memory(PAGE)
    send_with(host.sock, b"\1" + bytes(7) + b"\5" + bytes(7) + b"\0\0\0\1" + bytes(4), [small])
    os.close(small)
    with pytest.raises(AmphisError) as caught:
        channel.receive()
    assert code_of(caught) == "MEMORY_REFUSED"


def test_a_region_that_is_gone_stays_mapped_where_it_is_used(pairs: Pairs) -> None:
    channel, host = pairs.open()
    lender = lender_of(channel)
    host.announce(1, PAGE)
    view = lender.region(1)
    host.take_away(1)
    assert channel.receive(0.1) is None
    with pytest.raises(AmphisError) as caught:
        lender.region(1)
    assert code_of(caught) == "REFERENCE_STALE"
    view[:4] = b"kept"
    assert host.regions[1][:4] == b"kept"
    host.announce(1, PAGE)
    assert bytes(lender.region(1)[:4]) == bytes(4)


def test_more_regions_than_any_host_needs_end_the_channel(pairs: Pairs) -> None:
    channel, host = pairs.open()

    def announce_all() -> None:
        for arena in range(257):
            region = memory(4_096)
            send_with(
                host.sock,
                b"\1" + bytes(7) + arena.to_bytes(8, "little") + (4_096).to_bytes(8, "little"),
                [region],
            )
            os.close(region)

    announcing = pairs.threads.submit(announce_all)
    with pytest.raises(AmphisError) as caught:
        channel.receive()
    assert (code_of(caught), caught.value.field) == ("FRAME_INVALID", "id")
    host.sock.close()
    announcing.exception(20)


def test_letting_go_goes_out_with_the_next_frame_that_is_sent(pairs: Pairs) -> None:
    channel, host = pairs.open()
    channel._turns.try_write()  # noqa: SLF001 - as if another thread wrote
    for generation in range(1, 4):
        lender_of(channel).release(generation)
    channel._turns.end_write()  # noqa: SLF001
    channel.send(event(b"named before"))
    assert bytes(host.receive().body) == b"named before"
    assert released(host) == [1, 2, 3]


def test_a_channel_that_only_waits_lets_go_before_it_sleeps(pairs: Pairs) -> None:
    channel, host = pairs.open()
    channel._turns.try_write()  # noqa: SLF001 - as if another thread wrote
    lender_of(channel).release(1)
    channel._turns.end_write()  # noqa: SLF001
    waiting = pairs.threads.submit(channel.receive)
    assert released(host) == [1]
    host.send(event(b""))
    waiting.result(20)


def test_letting_go_without_room_waits_for_room(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(capacity=1_024))
    lender = lender_of(channel)
    sending = pairs.threads.submit(channel.send, event(bytes(100_000)))
    until(channel._turns._writing.locked, "the sender")  # noqa: SLF001 - who writes
    for generation in range(1_000):
        lender.release(generation)
    assert len(host.receive().body) == 100_000
    sending.result(20)
    waiting = pairs.threads.submit(channel.receive)
    got: list[int] = []
    while len(got) < 1_000:
        got += released(host)
    assert got == list(range(1_000))
    host.send(event(b""))
    waiting.result(20)


def test_finalizers_let_go_in_any_thread(pairs: Pairs) -> None:
    channel, host = pairs.open()
    lender = lender_of(channel)

    class Array:
        """In a cycle, so that only the collector finds it, wherever that happens to run."""

        def __init__(self, generation: int) -> None:
            self.me = self
            weakref.finalize(self, lender.release, generation)

    def work(first: int) -> None:
        for generation in range(first, first + 500):
            Array(generation)
            if generation % 50 == 0:
                gc.collect()
            channel.send(event(b""))

    working = [pairs.threads.submit(work, first) for first in (0, 500, 1_000)]
    got: list[int] = []
    events = 0
    collected = threading.Event()

    def finish() -> None:
        for one in working:
            one.result(20)
        gc.collect()
        collected.set()

    finishing = pairs.threads.submit(finish)
    while len(got) < 1_500 or events < 1_500:
        frame = host.receive()
        if frame.kind is FrameKind.MEMORY:
            got += msgpack().decode(frame.body)[1]  # type: ignore[index] # as the guest says
        else:
            events += 1
    finishing.result(20)
    assert sorted(got) == list(range(1_500))


def test_threads_ask_send_and_receive_at_once(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(capacity=1_024))
    lender = lender_of(channel)
    host.announce(1, PAGE)
    count = 200

    def ask(_: int) -> None:
        for i in range(count):
            lent = lender.want(i + 1, 20)
            lender.region(lent.arena)
            channel.send(event(bytes(i * 10)))
            lender.release(lent.generation)

    def receive_all() -> int:
        total = 0
        while body := received(channel):
            total += len(body)
        return total

    asking = [pairs.threads.submit(ask, i) for i in range(3)]
    receiving = pairs.threads.submit(receive_all)
    generation, events, let_go = 0, 0, 0
    while let_go < 3 * count or events < 3 * count:
        frame = host.receive()
        if frame.kind is FrameKind.EVENT:
            events += 1
            host.send(event(bytes(700)), piece=200)
            continue
        said: Any = msgpack().decode(frame.body)
        if said[0] == "want":
            generation += 1
            host.say("lent", said[1], 1, generation, 0, said[2])
        else:
            let_go += len(said[1])
    # Up to here somebody waited, and so let go of what there was no room for before.
    host.send(event(b""))
    for one in asking:
        one.result(20)
    assert receiving.result(20) == 3 * count * 700


def test_asking_does_not_keep_without_end_what_others_are_to_receive(pairs: Pairs) -> None:
    channel, host = pairs.open(max_waiting_bytes=10_000)
    asking = pairs.threads.submit(lender_of(channel).want, 10, 20)
    host.hear()
    host.send(*(event(bytes(4_000)) for _ in range(5)))
    with pytest.raises(AmphisError) as caught:
        asking.result(20)
    assert code_of(caught) == "REQUEST_TIMEOUT"
    assert [len(frame.body) for _ in range(5) if (frame := channel.receive(20))] == [4_000] * 5


@pytest.mark.parametrize("how", ["closed", "gone", "ended"])
def test_the_end_of_the_channel_is_the_answer_to_all_questions(pairs: Pairs, how: str) -> None:
    channel, host = pairs.open()
    lender = lender_of(channel)
    asking = [pairs.threads.submit(lender.want, 10, 20) for _ in range(3)]
    for _ in asking:
        host.hear()
    if how == "closed":
        channel.close()
    elif how == "gone":
        host.sock.close()
    else:
        host.end()
    for one in asking:
        with pytest.raises(AmphisError) as caught:
            one.result(20)
        assert code_of(caught) == "CONNECTION_CLOSED"
    with pytest.raises(AmphisError) as caught:
        lender.want(10, 20)
    assert code_of(caught) == "CONNECTION_CLOSED"
    lender.release(1)


def test_memory_of_the_channel_opened_last_is_ambient_while_it_is_open(pairs: Pairs) -> None:
    assert ambient() is None
    first, _ = pairs.open()
    second, host = pairs.open()
    assert first.memory is not None
    assert ambient() is second.memory
    host.sock.close()
    with pytest.raises(AmphisError):
        second.receive()
    assert ambient() is first.memory
    first.close()
    assert ambient() is None
