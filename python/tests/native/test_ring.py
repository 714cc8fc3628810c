"""Rings of the extension and of Python alone keep one contract within a process."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.native.rings import CAPACITY, RING_BYTES, Rings

from amphis import AmphisError
from amphis._internal.native import Core, open_ring

if TYPE_CHECKING:
    from amphis._internal.native import Missing

TAIL, HEAD, CONSUMER_WAITS = 128, 256, 384


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(st.binary(max_size=200), max_size=40), pops=st.data())
def test_any_pushes_and_pops_give_what_a_queue_gives(
    core: Core | Missing, records: list[bytes], pops: st.DataObject
) -> None:
    rings = Rings.lay(core)
    producer, consumer = rings.side(producer=True), rings.side(producer=False)
    queue: list[bytes] = []
    for record in records:
        used = sum((len(each) + 11) // 8 * 8 for each in queue)
        fits = used + (len(record) + 11) // 8 * 8 <= CAPACITY
        assert producer.push(record) is fits
        queue += [record] if fits else []
        if pops.draw(st.booleans()):
            assert consumer.next_length() == (len(queue[0]) if queue else None)
            assert consumer.pop() == (queue.pop(0) if queue else None)
    while queue:
        assert consumer.pop() == queue.pop(0)
    assert consumer.pop() is None
    os.close(rings.descriptor)


def test_a_record_that_is_pushed_quietly_is_there_and_wakes_only_with_a_nudge(
    core: Core | Missing,
) -> None:
    heard, doorbell = os.pipe2(os.O_NONBLOCK)
    rings = Rings.lay(core)
    producer, consumer = rings.side(producer=True, doorbell=doorbell), rings.side(producer=False)
    assert not consumer.arm()
    assert producer.push_quietly(b"abc")
    with pytest.raises(BlockingIOError):
        os.read(heard, 8)
    producer.nudge()
    assert os.read(heard, 8)
    assert consumer.pop() == b"abc"
    for descriptor in (heard, doorbell, rings.descriptor):
        os.close(descriptor)


def test_a_record_behind_a_quiet_one_wakes_for_both(core: Core | Missing) -> None:
    heard, doorbell = os.pipe2(os.O_NONBLOCK)
    rings = Rings.lay(core)
    producer, consumer = rings.side(producer=True, doorbell=doorbell), rings.side(producer=False)
    assert not consumer.arm()
    assert producer.push_quietly(b"a")
    assert producer.push(b"b")
    assert os.read(heard, 8)
    assert [consumer.pop(), consumer.pop(), consumer.pop()] == [b"a", b"b", None]
    for descriptor in (heard, doorbell, rings.descriptor):
        os.close(descriptor)


def test_take_gives_whole_records_up_to_one_that_does_not_fit(rings: Rings) -> None:
    producer, consumer = rings.side(producer=True), rings.side(producer=False)
    for length in (5, 6, 7):
        producer.push(bytes([length]) * length)
    target = bytearray(17)
    assert consumer.take(target) == 11
    assert target == b"\5" * 5 + b"\6" * 6 + bytes(6)
    assert consumer.take(memoryview(target)[:7]) == 7
    assert rings.word(HEAD) == 16 + 16 + 16


def test_take_stops_before_an_empty_record_which_pop_takes(rings: Rings) -> None:
    producer, consumer = rings.side(producer=True), rings.side(producer=False)
    for record in (b"ab", b"", b"c"):
        producer.push(record)
    target = bytearray(8)
    assert consumer.take(target) == 2
    assert (consumer.take(target), consumer.next_length()) == (0, 0)
    assert consumer.pop() == b""
    assert consumer.take(target) == 1
    assert (consumer.take(target), consumer.next_length()) == (0, None)


def test_take_refuses_a_first_record_that_is_longer_than_the_target(rings: Rings) -> None:
    producer, consumer = rings.side(producer=True), rings.side(producer=False)
    producer.push(b"123456789")
    with pytest.raises(AmphisError) as refused:
        consumer.take(bytearray(8))
    assert refused.value.code == "RING_RECORD_TOO_LARGE"
    assert refused.value.context == {"actual": 9, "limit": 8}
    assert consumer.take(bytearray(9)) == 9


@pytest.mark.parametrize("target", [b"123", "text", 5, bytearray(4)[::2]])
def test_take_refuses_what_is_no_writable_buffer(rings: Rings, target: object) -> None:
    consumer = rings.side(producer=False)
    rings.side(producer=True).push(b"abc")
    if isinstance(target, bytearray):
        target = memoryview(bytearray(8))[::2]
    with pytest.raises((TypeError, BufferError)):
        consumer.take(target)  # type: ignore[arg-type]
    assert consumer.pop() == b"abc"


def test_positions_run_over_unharmed(rings: Rings) -> None:
    for word in (TAIL, HEAD):
        rings.write(word, 0xFFFF_FFF0)
    producer, consumer = rings.side(producer=True), rings.side(producer=False)
    for index in range(8):
        assert producer.push(bytes([index, 1, 2, 3, 4]))
        assert consumer.take(bytearray(16)) == 5
    assert rings.word(TAIL) == 0x70


def test_a_record_longer_than_the_ring_is_refused(rings: Rings) -> None:
    producer = rings.side(producer=True)
    for act in (
        lambda: producer.push(bytes(CAPACITY - 3)),
        lambda: producer.wait(byte_length=CAPACITY - 3),
        lambda: producer.arm(CAPACITY - 3),
    ):
        with pytest.raises(AmphisError, match="there is room for") as refused:
            act()
        assert refused.value.code == "RING_RECORD_TOO_LARGE"
    assert producer.push(bytes(CAPACITY - 4))


@pytest.mark.parametrize(
    ("offset", "word"),
    [(TAIL, 12), (TAIL, CAPACITY + 8), (640, 13), (640, 0xFFFF_FFFF)],
    ids=["unaligned position", "position too far", "length beyond", "length of 4 GiB"],
)
def test_a_ring_that_breaks_its_rules_stops_the_consumer(
    rings: Rings, offset: int, word: int
) -> None:
    consumer = rings.side(producer=False)
    rings.write(TAIL, 16)
    rings.write(offset, word)
    for act in (consumer.pop, consumer.next_length, lambda: consumer.take(bytearray(CAPACITY))):
        with pytest.raises(AmphisError) as corrupt:
            act()
        assert corrupt.value.code == "RING_CORRUPT"


@pytest.mark.parametrize(
    ("offset", "word"),
    [(0, 0), (4, 2), (8, 8192), (8, 96), (TAIL, 4), (HEAD, 4096)],
    ids=["magic", "version", "capacity", "no power of two", "own position", "peer's position"],
)
def test_memory_that_holds_no_ring_is_refused(rings: Rings, offset: int, word: int) -> None:
    rings.write(offset, word)
    with pytest.raises(AmphisError) as absent:
        rings.side(producer=True)
    assert absent.value.code == "RING_CORRUPT"


def test_an_armed_side_is_rung_once_and_says_which_position_it_has_seen(rings: Rings) -> None:
    doorbell = os.eventfd(0, os.EFD_NONBLOCK) if hasattr(os, "eventfd") else -1
    if doorbell < 0:
        pytest.skip("os.eventfd needs Python 3.10 on Linux")
    producer, consumer = rings.side(producer=True, doorbell=doorbell), rings.side(producer=False)
    assert consumer.arm() is False
    assert rings.word(CONSUMER_WAITS) == 0 | 2
    producer.push(b"x")
    assert struct.unpack("Q", os.read(doorbell, 8)) == (1,)
    assert consumer.arm() is True
    os.close(doorbell)


def test_a_side_can_be_taken_again_where_the_last_one_left(rings: Rings) -> None:
    rings.side(producer=True).push(b"first")
    assert rings.side(producer=False).pop() == b"first"
    rings.side(producer=True).push(b"second")
    assert rings.side(producer=False).pop() == b"second"


def test_a_part_outside_the_memory_is_refused(core: Core | Missing, rings: Rings) -> None:
    for offset, length in ((2 * RING_BYTES, 640), (-128, RING_BYTES), (0, 3 * RING_BYTES)):
        with pytest.raises((ValueError, AmphisError)):
            open_ring(rings.memory, producer=True, offset=offset, byte_length=length, core=core)
