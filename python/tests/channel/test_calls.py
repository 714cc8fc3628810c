"""Calls that are read, and answers that are written, without a frame in between."""

from __future__ import annotations

import select
import struct
from mmap import mmap
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bus.shells import code_of, until
from tests.channel.host import Answer

from amphis import AmphisError, Handle
from amphis._internal.channel.descriptors import silence
from amphis._internal.channel.plain import CODEC, read_call
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import AttachmentKind, Frame, FrameAttachment
from amphis._internal.frame.header import FrameKind
from amphis._internal.native import Core, load_core
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from tests.channel.conftest import Pairs
    from tests.channel.host import Host

ENCODE = msgpack().encode


def call(*body: object, **fields: Any) -> Frame:  # noqa: ANN401 - fields of a frame
    return Frame(FrameKind.CALL, ENCODE(list(body)), **{"call_id": 7, **fields})


def test_a_plain_call_comes_as_what_it_means(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(call("math:sqrt", [4, "ü"], {"a": None}, {"timed": True}))
    came = channel.receive_call(20)
    assert type(came) is tuple
    assert came == (7, "math:sqrt", [4, "ü"], {"a": None}, {"timed": True}, 0)


def test_a_call_tells_how_many_handles_it_holds(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(call("m:f", [Handle(3, "x"), [(Handle(4, "y"),)]], {}, {}))
    assert channel.receive_call(20) == (
        (7, "m:f", [Handle(3, "x"), [(Handle(4, "y"),)]], {}, {}, 2)
    )


def test_parts_that_this_version_does_not_know_are_passed_over(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(call("m:f", [], {}, {}, {"new": 1}, 2, priority=Priority.CRITICAL, call_id=2**53 - 1))
    assert channel.receive_call(20) == (2**53 - 1, "m:f", [], {}, {}, 0)


OTHER: dict[str, Frame] = {
    "another kind": Frame(FrameKind.PROGRAM, ENCODE(["m:f", [], {}, {}]), 7),
    "another codec": call("m:f", [], {}, {})._replace(codec="json", body=b'["m:f",[],{},{}]'),
    "with an attachment": call(
        "m:f", [], {}, {}, attachments=(FrameAttachment(AttachmentKind.INLINE, b"x"),)
    ),
    "no function": call(None, [], {}, {}),
    "too few parts": call("m:f", [], {}),
    "args that are none": call("m:f", {}, {}, {}),
    "kwargs that are none": call("m:f", [], [], {}),
    "kwargs without names": call("m:f", [], {1: 2}, {}),
    "options that are none": call("m:f", [], {}, None),
    "no list": Frame(FrameKind.CALL, ENCODE("m:f"), 7),
    "no value": Frame(FrameKind.CALL, b"\xc1", 7),
    "no body": Frame(FrameKind.CALL, b"", 7),
    "bytes behind the value": Frame(FrameKind.CALL, ENCODE(["m:f", [], {}, {}]) + b"\0", 7),
    "nested too deep": Frame(FrameKind.CALL, b"\x94\xa1f" + b"\x91" * 200 + b"\xc0\x80\x80", 7),
}


@pytest.mark.parametrize("what", OTHER)
def test_every_other_frame_comes_as_it_is(pairs: Pairs, what: str) -> None:
    channel, host = pairs.open()
    host.send(OTHER[what])
    came = channel.receive_call(20)
    assert isinstance(came, Frame)
    assert encode_frame(came) == encode_frame(OTHER[what])


def test_calls_and_frames_keep_their_order_however_they_are_cut(pairs: Pairs) -> None:
    channel, host = pairs.open()
    frames = [call("m:f", [number], {}, {}, call_id=number) for number in range(1, 40)]
    data = b"".join(encode_frame(one) for one in frames)
    for start in range(0, len(data), 37):
        host.push(data[start : start + 37])
    host.send(call("m:g", [], {}, {}, call_id=40))
    came = [channel.receive_call(20) for _ in range(40)]
    assert [one[0] if type(one) is tuple else None for one in came] == list(range(1, 41))


def test_a_call_that_another_thread_read_comes_as_what_it_means_too(pairs: Pairs) -> None:
    channel, host = pairs.open()
    lender = channel.lender
    assert lender is not None
    asking = pairs.threads.submit(lender.want, 10, 20)
    _, number, _ = host.hear()
    host.send(call("m:f", [1], {}, {}))
    host.announce(1, 65_536)
    host.say("lent", number, 1, 5, 0, 10)
    asking.result(20)
    assert channel.receive_call(20) == (7, "m:f", [1], {}, {}, 0)


def test_the_end_of_the_host_is_told_behind_its_calls(pairs: Pairs) -> None:
    channel, host = pairs.open()
    host.send(call("m:f", [], {}, {}))
    host.end()
    assert type(channel.receive_call(20)) is tuple
    with pytest.raises(AmphisError) as caught:
        channel.receive_call(20)
    assert code_of(caught) == "CONNECTION_CLOSED"


def test_nothing_in_time_is_none(pairs: Pairs) -> None:
    channel, _ = pairs.open()
    assert channel.receive_call(0) is None
    assert channel.receive_call(0.02) is None


def test_whoever_waits_for_a_call_can_be_woken(pairs: Pairs) -> None:
    channel, _ = pairs.open()
    waiting = pairs.threads.submit(channel.receive_call)
    until(channel._turns._reading.locked, "the receiver")  # noqa: SLF001 - who reads
    channel.wake()
    assert waiting.result(20) is None


def meant(record: bytes) -> object:
    """What the decoder of frames makes of a record: a plain call, or else the record."""
    try:
        frames = FrameDecoder(max_frame_bytes=200).feed(record)
    except AmphisError:
        return record
    if len(frames) != 1 or len(encode_frame(frames[0])) != len(record):
        return record
    return read_call(frames[0]) or record


RIGHT = ENCODE(["m:f", [Handle(1, "x")], {"a": 1}, {}])
CUTS = (0, 2, 3, 4, 6, 8, 16, 20, 24)


@settings(max_examples=1_000)
@given(
    spoiled=st.binary(min_size=24, max_size=24),
    right_bytes=st.sampled_from(CUTS),
    body=st.just(RIGHT) | st.binary(max_size=200),
    place=st.integers(0, 60),
    byte=st.integers(0, 255),
)
def test_no_record_is_taken_for_a_call_that_is_none(
    spoiled: bytes, right_bytes: int, body: bytes, place: int, byte: int
) -> None:
    core = load_core()
    if not isinstance(core, Core) or CODEC.fast is None:
        pytest.skip("there is no extension")
    header = struct.pack("<QQII", 0x1_0301_4D41, 7, len(body), 0)
    record = bytearray(header[:right_bytes] + spoiled[right_bytes:] + body)
    if place < len(record):
        record[place] = byte
    memory = mmap(-1, 640 + 1_024)
    core.create_ring(memory, 0, 1_024)
    options: Any = {"offset": 0, "byte_length": -1, "doorbell": -1}
    producer = core.ring(memory, producer=True, **options)
    consumer = core.ring(memory, producer=False, **options)
    assert producer.push(record)
    assert consumer.pop_call(CODEC.fast, 200) == meant(bytes(record))


VALUES: list[object] = [None, 1, "x" * 5_000, b"y" * 65_535, [1.5, {"a": (True, None), 3: b""}]]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_plain_answer_is_the_frame_that_send_would_send(pairs: Pairs, value: object) -> None:
    channel, host = pairs.open(Answer(capacity=1 << 20))
    assert channel.send_plain(FrameKind.RESULT, 9, [value])
    channel.send(Frame(FrameKind.RESULT, ENCODE([value]), 9))
    first, second = host.receive(), host.receive()
    assert encode_frame(first) == encode_frame(second)


class _Text(str):
    __slots__ = ()


NOT_PLAIN: list[object] = [
    object(),
    _Text("x"),
    Handle(1, "x"),
    {1, 2},
    2**64,
    b"x" * 65_536,
    "\ud800",
    {(1, 2): 3},
    bytearray(b"x"),
    [[[{"a": [print]}]]],
]


@pytest.mark.parametrize("value", NOT_PLAIN, ids=range(len(NOT_PLAIN)))
def test_what_is_not_plain_is_left_to_the_caller_and_nothing_is_sent(
    pairs: Pairs, value: object
) -> None:
    channel, host = pairs.open()
    assert not channel.send_plain(FrameKind.RESULT, 9, [1, value])
    assert channel.send_plain(FrameKind.ITEM, 9, [0, None])
    assert host.receive().kind is FrameKind.ITEM


def test_what_no_frame_can_hold_is_left_to_the_caller(pairs: Pairs) -> None:
    channel, _ = pairs.open(max_frame_bytes=1_000)
    assert not channel.send_plain(FrameKind.RESULT, 9, ["x" * 1_000])
    assert not channel.send_plain(FrameKind.RESULT, -1, [1])
    assert not channel.send_plain(FrameKind.RESULT, 2**53, [1])
    endless: list[object] = []
    endless.append(endless)
    assert not channel.send_plain(FrameKind.RESULT, 1, endless)


def taken(host: Host, count: int) -> list[object]:
    return [msgpack().decode(host.receive().body) for _ in range(count)]


def test_answers_wait_for_room_and_none_is_lost(pairs: Pairs) -> None:
    channel, host = pairs.open()
    texts = [chr(65 + number % 26) * 9_000 for number in range(60)]
    taking = pairs.threads.submit(taken, host, len(texts))
    for number, text in enumerate(texts):
        assert channel.send_plain(FrameKind.RESULT, number, [text])
    assert taking.result(20) == [[text] for text in texts]


def test_an_answer_longer_than_a_record_arrives_whole(pairs: Pairs) -> None:
    channel, host = pairs.open()
    value = ["z" * 60_000] * 10
    taking = pairs.threads.submit(taken, host, 1)
    assert channel.send_plain(FrameKind.RESULT, 1, [value])
    assert taking.result(20) == [[value]]


def test_nothing_is_sent_over_a_channel_that_is_over(pairs: Pairs) -> None:
    channel, _ = pairs.open()
    channel.close()
    with pytest.raises(AmphisError) as caught:
        channel.send_plain(FrameKind.RESULT, 1, [1])
    assert code_of(caught) == "CONNECTION_CLOSED"


def released(host: Host) -> list[int]:
    what, generations = host.hear()
    assert what == "release"
    numbers: list[int] = generations
    return numbers


def is_woken(host: Host) -> bool:
    """Whether the guest has rung the doorbell of the host."""
    events = select.poll()
    events.register(host.hears, select.POLLIN)
    return bool(events.poll(0))


def sleep_on_doorbell(host: Host) -> None:
    silence(host.hears)
    assert not host.incoming.arm()
    assert not is_woken(host)


def test_little_memory_that_is_let_go_of_wakes_nobody_and_goes_with_the_next_frame(
    pairs: Pairs,
) -> None:
    channel, host = pairs.open()
    assert channel.lender is not None
    sleep_on_doorbell(host)
    channel.lender.release(11, 100)
    assert not is_woken(host)
    assert channel.send_plain(FrameKind.RESULT, 1, [1])
    assert is_woken(host)
    assert released(host) == [11]
    assert host.receive().kind is FrameKind.RESULT


def test_the_host_is_woken_for_it_when_no_frame_follows(pairs: Pairs) -> None:
    channel, host = pairs.open()
    assert channel.lender is not None
    sleep_on_doorbell(host)
    channel.lender.release(11, 100)
    assert channel.receive(0.1) is None
    assert is_woken(host)
    assert released(host) == [11]


@pytest.mark.parametrize(("count", "byte_length"), [(1, 1 << 20), (64, 0)], ids=["large", "many"])
def test_the_host_is_woken_at_once_for_much(pairs: Pairs, count: int, byte_length: int) -> None:
    channel, host = pairs.open()
    assert channel.lender is not None
    sleep_on_doorbell(host)
    for number in range(count):
        channel.lender.release(number, byte_length)
    assert is_woken(host)
    assert [number for _ in range(count) for number in released(host)] == list(range(count))


def test_the_host_is_woken_for_what_is_let_go_of_while_somebody_waits(pairs: Pairs) -> None:
    channel, host = pairs.open()
    assert channel.lender is not None
    waiting = pairs.threads.submit(channel.receive, 20)
    until(host.is_awaited_on_doorbell, "the guest to sleep for long")
    sleep_on_doorbell(host)
    channel.lender.release(11, 100)
    assert is_woken(host)
    host.send(Frame(FrameKind.EVENT, b"x"))
    assert waiting.result(20) is not None
