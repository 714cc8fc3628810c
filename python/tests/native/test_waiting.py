"""Waits and exchanges between processes, and how they end when nothing comes."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from amphis import AmphisError
from amphis._internal.native import is_core_ring

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.native.rings import Peer, Rings

    from amphis._internal.native import CoreRing

PATIENCE_NS = 20_000_000_000

ANSWER = """
target = bytearray(size)
view = memoryview(target)
assert requests.wait(liveness=liveness) == "ready"
length = requests.take(target)
while isinstance(length, int) and length:
    length = answers.exchange(requests, view[:length], target, spin_ns=50_000, liveness=liveness)
"""


def test_each_answer_is_that_of_its_record(rings: Rings, start: Callable[[str], Peer]) -> None:
    peer = start(ANSWER)
    producer, consumer = rings.side(producer=True), rings.side(producer=False, second=True)
    target = bytearray(8)
    for index in range(2_000):
        record = index.to_bytes(4, "little")
        length = producer.exchange(
            consumer,
            record,
            target,
            spin_ns=50_000,
            timeout_ns=PATIENCE_NS,
            liveness=peer.liveness,
        )
        assert length == 4
        assert target[:4] == record
    producer.push(b"")
    assert peer.process.wait(20) == 0


@pytest.mark.parametrize("how", ["os.kill(os.getpid(), signal.SIGKILL)", "os.close(liveness)"])
def test_a_peer_that_ends_is_gone(rings: Rings, start: Callable[[str], Peer], how: str) -> None:
    peer = start(f"requests.wait(); {how}; requests.pop(); requests.wait()")
    producer, consumer = rings.side(producer=True), rings.side(producer=False, second=True)
    options = {"timeout_ns": PATIENCE_NS, "liveness": peer.liveness}
    assert producer.exchange(consumer, b"x", bytearray(8), **options) == "peer-gone"
    assert consumer.wait(**options) == "peer-gone"


def test_what_a_peer_left_is_taken_before_it_is_gone(
    rings: Rings, start: Callable[[str], Peer]
) -> None:
    peer = start("answers.push(b'last'); os.kill(os.getpid(), signal.SIGKILL)")
    assert peer.process.wait(20) == -signal.SIGKILL
    consumer = rings.side(producer=False, second=True)
    assert consumer.wait(timeout_ns=PATIENCE_NS, liveness=peer.liveness) == "ready"
    assert consumer.pop() == b"last"
    assert consumer.wait(timeout_ns=PATIENCE_NS, liveness=peer.liveness) == "peer-gone"


def test_nothing_is_sent_when_there_is_no_room(rings: Rings) -> None:
    producer, consumer = rings.side(producer=True), rings.side(producer=False, second=True)
    while producer.push(bytes(100)):
        pass
    tail = rings.word(128)
    assert producer.exchange(consumer, bytes(100), bytearray(8), timeout_ns=0) == "no-room"
    assert rings.word(128) == tail


def test_a_wait_ends_after_its_time_and_not_before(rings: Rings) -> None:
    producer, consumer = rings.side(producer=True), rings.side(producer=False, second=True)
    start = time.monotonic_ns()
    assert consumer.wait(timeout_ns=5_000_000) == "timeout"
    assert producer.exchange(consumer, b"x", bytearray(8), timeout_ns=5_000_000) == "timeout"
    assert time.monotonic_ns() - start >= 10_000_000


def test_an_answer_longer_than_the_target_is_refused_and_stays(rings: Rings) -> None:
    rings.side(producer=True, second=True).push(b"123456789")
    producer, consumer = rings.side(producer=True), rings.side(producer=False, second=True)
    with pytest.raises(AmphisError) as refused:
        producer.exchange(consumer, b"x", bytearray(8))
    assert refused.value.context == {"actual": 9, "limit": 8}
    assert consumer.pop() == b"123456789"


def test_a_producer_waits_for_room(rings: Rings, start: Callable[[str], Peer]) -> None:
    producer = rings.side(producer=True)
    while producer.push(bytes(100)):
        pass
    start("requests.take(bytearray(size))\nrequests.wait()")
    assert producer.wait(byte_length=1000, timeout_ns=PATIENCE_NS) == "ready"
    assert producer.push(bytes(1000))


def test_an_awaited_record_is_there_or_not(rings: Rings) -> None:
    consumer = core_side(rings)
    assert consumer.await_record(50_000, 1_000_000) is False
    rings.side(producer=True).push(b"x")
    assert consumer.await_record(50_000, PATIENCE_NS) is True
    assert consumer.pop() == b"x"
    rings.write(128, 4)
    with pytest.raises(AmphisError) as caught:
        consumer.await_record(0, PATIENCE_NS)
    assert caught.value.code == "RING_CORRUPT"


def test_a_record_is_awaited_by_who_reads_and_for_a_time_that_there_is(rings: Rings) -> None:
    consumer = core_side(rings)
    wrong: Any = consumer.await_record
    for times in [(0,), (0, 1, 2), (-1, 1), (0, 2**63), ("0", 1), (0, 0.5)]:
        with pytest.raises((TypeError, OverflowError)):
            wrong(*times)
    producer = rings.side(producer=True)
    assert is_core_ring(producer)
    with pytest.raises(RuntimeError, match="other side"):
        producer.await_record(0, 1)


@pytest.mark.parametrize("how", ["wait", "await_record"])
def test_a_signal_whose_handler_raises_ends_a_wait_and_another_does_not(
    rings: Rings, how: str
) -> None:
    if how == "wait":
        wait: Callable[[], object] = partial(
            rings.side(producer=False).wait, timeout_ns=PATIENCE_NS
        )
    else:
        wait = partial(core_side(rings).await_record, 0, PATIENCE_NS)
    heard: list[int] = []
    outcomes: list[object] = []

    def raise_interrupt(number: int, frame: object) -> None:
        raise InterruptedError(number, str(frame))

    signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    signal.signal(signal.SIGUSR2, raise_interrupt)
    main = threading.main_thread().ident or 0
    asleep = threading.Thread(target=_signal_when_asleep, args=(rings, main))
    asleep.start()
    try:
        with pytest.raises(InterruptedError):
            outcomes.append(wait())
    finally:
        asleep.join()
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_DFL)
    assert heard == [signal.SIGUSR1]
    assert outcomes == []


def core_side(rings: Rings) -> CoreRing:
    """The side that reads, where it is of the extension."""
    consumer = rings.side(producer=False)
    if not is_core_ring(consumer):
        pytest.skip("only a ring of the extension awaits records in one step")
    return consumer


def _signal_when_asleep(rings: Rings, thread: int) -> None:
    """First the one that is only heard, then the one that raises."""
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        while rings.word(384) == 0:
            os.sched_yield()
        signal.pthread_kill(thread, number)
        if number == signal.SIGUSR1:
            _until_heard(rings)


def _until_heard(rings: Rings) -> None:
    """The word is taken back at the end of each sleep: it is written here, and seen to be new."""
    deadline = time.monotonic() + 20
    rings.write(384, 0)
    while rings.word(384) == 0 and time.monotonic() < deadline:
        os.sched_yield()


def test_a_wait_is_ended_by_another_thread(rings: Rings) -> None:
    consumer = rings.side(producer=False)
    if not is_core_ring(consumer):
        pytest.skip("only a ring of the extension is woken by another thread")
    ended: list[bool] = []
    for count in range(1, 51):
        sleeper = threading.Thread(
            target=lambda: ended.append(consumer.await_record(0, -1)), daemon=True
        )
        sleeper.start()
        consumer.wake()
        sleeper.join(PATIENCE_NS / 1e9)
        assert ended == [False] * count


def test_a_wait_that_is_ended_takes_the_record_that_came(rings: Rings) -> None:
    consumer, producer = rings.side(producer=False), rings.side(producer=True)
    if not is_core_ring(consumer):
        pytest.skip("only a ring of the extension is woken by another thread")
    consumer.wake()
    producer.push(b"record")
    assert consumer.await_record(0, PATIENCE_NS)
    assert consumer.pop() == b"record"
    assert not consumer.await_record(0, PATIENCE_NS)
    assert not consumer.await_record(0, 1)
