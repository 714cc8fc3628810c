"""Streams of chunks over a real channel, with a host in this process."""

from __future__ import annotations

import gc
import platform
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

# Tests are no package, and these share their helpers.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.channel.host import HOLDER, KEY, Host

from amphis import AmphisError, ErrorCode, Reference
from amphis._internal.bodies.call import CancelBody
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.bodies.stream import CreditBody, EndBody, ItemBody
from amphis._internal.channel import ChannelOptions, open_inherited
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.frame import AttachmentKind, Frame, FrameAttachment
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.streams import ChunkStreams
from amphis._internal.native import Missing
from amphis._internal.values import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from amphis._internal.channel import Channel

if sys.platform != "linux" or platform.machine() != "x86_64":
    pytest.skip("rings in Python alone are for x86-64 Linux", allow_module_level=True)

CALL = 5
ARENA = 3
PAGE = 4_096


class Line(NamedTuple):
    streams: ChunkStreams
    channel: Channel
    host: Host
    threads: ThreadPoolExecutor


@pytest.fixture
def line() -> Iterator[Line]:
    near, far = socket.socketpair()
    core = Missing("the test uses rings in Python")
    host = Host(far, core)
    with ThreadPoolExecutor(8) as threads:
        opening = threads.submit(open_inherited, near.detach(), ChannelOptions(core=core))
        host.open()
        channel = opening.result(20)
        yield Line(ChunkStreams(channel), channel, host, threads)
        channel.close()
    host.close()


def item(sequence: int, *attachments: FrameAttachment, call_id: int = CALL) -> Frame:
    body = ItemBody(sequence, Attachment(0, "bytes")).encode()
    return Frame(FrameKind.ITEM, body, call_id, attachments=attachments)


def inline(sequence: int, call_id: int = CALL) -> Frame:
    data = FrameAttachment(AttachmentKind.INLINE, bytes([sequence]) * 8)
    return item(sequence, data, call_id=call_id)


def shared(sequence: int) -> Frame:
    """A page of the arena, in which the guest has a share when it gets this."""
    reference = Reference(
        arena=ARENA,
        generation=100 + sequence,
        offset=sequence * PAGE,
        byte_length=PAGE,
        holder=HOLDER,
    )
    data = reference.signed(KEY).encode()
    return item(sequence, FrameAttachment(AttachmentKind.REFERENCE, data))


def end(sequence: int) -> Frame:
    return Frame(FrameKind.END, EndBody(sequence).encode(), CALL)


def credit(count: int) -> Frame:
    return Frame(FrameKind.CREDIT, CreditBody(count).encode(), CALL)


def event(body: bytes) -> Frame:
    return Frame(FrameKind.EVENT, body)


def heard(host: Host, let_go: list[int] | None = None) -> tuple[FrameKind, Any]:
    """The next frame that is not about memory, and its body; adds what was let go of before it."""
    while (frame := host.receive()).kind is FrameKind.MEMORY:
        said: Any = msgpack().decode(frame.body)
        assert said[0] == "release"
        if let_go is not None:
            let_go.extend(said[1])
    return frame.kind, msgpack().decode(frame.body)


def released(line: Line, let_go: list[int] | None = None) -> list[int]:
    """All that the guest has let go of by now; sorted."""
    generations = let_go or []
    # Letting go of memory goes before, or right behind, what is sent then.
    for _ in range(2):
        line.streams.send(event(b"\xc0"))
        assert heard(line.host, generations)[0] is FrameKind.EVENT
    return sorted(generations)


def code_of(error: pytest.ExceptionInfo[AmphisError]) -> object:
    return error.value.code


def test_one_thread_reads_a_stream_amid_frames_that_wait_for_it(line: Line) -> None:
    streams, _, host, threads = line
    reader, _ = streams.open(CALL, window=4)
    reading = threads.submit(lambda: [bytes(chunk) for chunk in reader])
    assert heard(host) == (FrameKind.CREDIT, [4])
    host.send(event(b"a"), inline(0), event(b"b"), inline(1), end(2), event(b"c"))
    assert reading.result(20) == [bytes(8), b"\1" * 8]
    others = [streams.receive(20) for _ in range(3)]
    assert [bytes(one.body) for one in others if one is not None] == [b"a", b"b", b"c"]
    assert streams.receive(0) is None


def test_two_streams_and_the_main_thread_read_for_each_other(line: Line) -> None:
    streams, _, host, threads = line
    readers = [streams.open(call)[0] for call in (1, 2)]
    main = threads.submit(streams.receive, 20)
    reading = [threads.submit(list, one) for one in readers]
    assert {heard(host)[0], heard(host)[0]} == {FrameKind.CREDIT}
    for call in (2, 1):
        for sequence in range(3):
            host.send(inline(sequence, call))
        host.send(Frame(FrameKind.END, EndBody(3).encode(), call))
    assert [len(one.result(20)) for one in reading] == [3, 3]
    host.send(event(b"last"))
    frame = main.result(20)
    assert frame is not None
    assert bytes(frame.body) == b"last"


def test_leaving_the_loop_cancels_and_lets_go_of_all_that_waits(line: Line) -> None:
    streams, _, host, threads = line
    reader, _ = streams.open(CALL, window=4)
    host.announce(ARENA, 8 * PAGE)

    def read_one() -> int:
        for chunk in reader:
            return len(chunk)
        return 0

    reading = threads.submit(read_one)
    assert heard(host) == (FrameKind.CREDIT, [4])
    host.send(*(shared(sequence) for sequence in range(4)))
    assert reading.result(20) == PAGE
    let_go: list[int] = []
    assert heard(host, let_go) == (FrameKind.CANCEL, ["the consumer stopped reading"])
    # What was on its way then comes for nobody.
    main = threads.submit(streams.receive, 20)
    host.send(shared(4), event(b"on"))
    assert main.result(20) is not None
    assert released(line, let_go) == [100, 101, 102, 103, 104]


def test_an_error_of_the_host_lets_go_of_what_waits_and_of_what_was_in_hand(line: Line) -> None:
    streams, _, host, threads = line
    reader, _ = streams.open(CALL, window=4)
    host.announce(ARENA, 8 * PAGE)
    has_one, go_on = threading.Event(), threading.Event()

    def read() -> AmphisError | None:
        try:
            for _chunk in reader:
                has_one.set()
                go_on.wait(20)
                streams.receive(20)
        except AmphisError as error:
            return AmphisError(error.code, error.message)
        return None

    gc.disable()
    try:
        reading = threads.submit(read)
        assert heard(host) == (FrameKind.CREDIT, [4])
        failure = AmphisError(ErrorCode.DEPTH_EXCEEDED, "Cannot go on", {"limit": 3})
        body = ErrorBody(failure).encode()
        host.send(shared(0))
        assert has_one.wait(20)
        host.send(shared(1), shared(2), Frame(FrameKind.ERROR, body, CALL), event(b"behind"))
        go_on.set()
        caught = reading.result(20)
        assert caught is not None
        assert caught.code == ErrorCode.DEPTH_EXCEEDED
        # At once, and not when a garbage collection comes by.
        assert released(line) == [100, 101, 102]
    finally:
        gc.enable()


def test_a_chunk_that_is_kept_stays_lent(line: Line) -> None:
    streams, _, host, threads = line
    reader, _ = streams.open(CALL)
    host.announce(ARENA, 8 * PAGE)
    host.regions[ARENA][PAGE : 2 * PAGE] = b"k" * PAGE
    reading = threads.submit(list, reader)
    assert heard(host)[0] is FrameKind.CREDIT
    host.send(shared(0), shared(1), end(2))
    kept = reading.result(20)
    del reading
    assert bytes(kept[1]) == b"k" * PAGE
    del kept[0]
    assert released(line) == [100]
    kept.clear()
    assert released(line) == [101]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([shared(1)], ErrorCode.SEQUENCE_BROKEN),
        ([item(0, *shared(0).attachments, *shared(1).attachments)], ErrorCode.BODY_INVALID),
        ([Frame(FrameKind.ITEM, b"\xc1", CALL, attachments=shared(0).attachments)], None),
        ([Frame(FrameKind.ITEM, ItemBody(0, 5).encode(), CALL)], ErrorCode.BODY_INVALID),
        ([end(1)], ErrorCode.SEQUENCE_BROKEN),
        ([Frame(FrameKind.ERROR, b"\x90", CALL)], ErrorCode.BODY_INVALID),
    ],
)
def test_what_no_host_sends_breaks_off_and_leaves_nothing(
    line: Line, frames: list[Frame], code: ErrorCode | None
) -> None:
    streams, _, host, threads = line
    reader, _ = streams.open(CALL, window=2)
    host.announce(ARENA, 8 * PAGE)
    reading = threads.submit(list, reader)
    assert heard(host) == (FrameKind.CREDIT, [2])
    host.send(*frames)
    with pytest.raises(AmphisError) as raised:
        reading.result(20)
    assert code_of(raised) == (code or ErrorCode.DECODE_FAILED)
    let_go: list[int] = []
    assert heard(host, let_go) == (FrameKind.CANCEL, [raised.value.message])
    lent = [Reference.decode(data).generation for one in frames for _, data in one.attachments]
    assert released(line, let_go) == lent


def test_writers_of_several_threads_send_in_one_order_as_far_as_credit_goes(line: Line) -> None:
    streams, _, host, threads = line
    _, writer = streams.open(CALL)
    writing = [threads.submit(writer.write, bytes([number])) for number in range(6)]
    for count in (1, 2, 3):
        host.send(credit(count))
        first = sum(range(count))
        sequences = [heard(host)[1][0] for _ in range(count)]
        assert sequences == list(range(first, first + count))
    for one in writing:
        one.result(20)
    writer.end()
    assert heard(host) == (FrameKind.END, [6])
    with pytest.raises(AmphisError) as raised:
        writer.write(b"late")
    assert code_of(raised) == ErrorCode.CHUNK_STREAM_ENDED
    with pytest.raises(AmphisError) as raised:
        writer.end()
    assert code_of(raised) == ErrorCode.CHUNK_STREAM_ENDED


def test_a_writer_hears_why_nobody_reads(line: Line) -> None:
    streams, _, host, threads = line
    _, writer = streams.open(CALL)
    writing = threads.submit(writer.write, b"never")
    host.send(Frame(FrameKind.CANCEL, CancelBody("enough").encode(), CALL))
    with pytest.raises(AmphisError) as raised:
        writing.result(20)
    assert code_of(raised) == ErrorCode.CHUNK_STREAM_CANCELLED
    assert raised.value.context["reason"] == "enough"


def test_a_block_that_raises_tells_the_reader_of_it(line: Line) -> None:
    streams, _, host, _ = line
    reader, writer = streams.open(CALL)
    with pytest.raises(KeyError), reader, writer:
        raise KeyError("mine")
    kind, body = heard(host)
    assert (kind, body["code"]) == (FrameKind.ERROR, "REMOTE_FAILURE")
    assert heard(host)[0] is FrameKind.CANCEL
    with pytest.raises(AmphisError) as raised:
        writer.write(b"late")
    assert code_of(raised) == ErrorCode.CHUNK_STREAM_ENDED


def test_credit_that_is_none_breaks_a_writer_off(line: Line) -> None:
    streams, _, host, threads = line
    _, writer = streams.open(CALL)
    writing = threads.submit(writer.write, b"never")
    host.send(Frame(FrameKind.CREDIT, msgpack().encode([0]), CALL))
    with pytest.raises(AmphisError) as raised:
        writing.result(20)
    assert code_of(raised) == ErrorCode.BODY_INVALID
    assert heard(host)[0] is FrameKind.ERROR


def test_a_reader_that_is_closed_amid_a_send_says_so_behind_it(line: Line) -> None:
    streams, _, host, _ = line
    reader, _ = streams.open(CALL)

    class Meddling(tuple[FrameAttachment, ...]):
        """As a garbage collection would, closes the reader while its thread sends."""

        __slots__ = ()

        def __iter__(self) -> Iterator[FrameAttachment]:
            reader.cancel("collected")
            return super().__iter__()

    attachments = Meddling([FrameAttachment(AttachmentKind.INLINE, b"")])
    streams.send(Frame(FrameKind.EVENT, b"\x01", attachments=attachments))
    assert heard(host) == (FrameKind.EVENT, 1)
    assert heard(host) == (FrameKind.CANCEL, ["collected"])


def test_the_end_of_the_channel_ends_every_stream(line: Line) -> None:
    streams, _, host, threads = line
    reader, writer = streams.open(CALL)
    waiting: list[Future[Any]] = [
        threads.submit(list, reader),
        threads.submit(writer.write, b"never"),
    ]
    assert heard(host)[0] is FrameKind.CREDIT
    host.end()
    for one in waiting:
        with pytest.raises(AmphisError) as raised:
            one.result(20)
        assert code_of(raised) == ErrorCode.CONNECTION_CLOSED
    with pytest.raises(AmphisError) as raised:
        streams.receive()
    assert code_of(raised) == ErrorCode.CONNECTION_CLOSED
    with pytest.raises(AmphisError) as raised:
        streams.open(6)
    assert code_of(raised) == ErrorCode.CONNECTION_CLOSED


def test_frames_for_others_wait_in_bounded_memory(line: Line) -> None:
    _, channel, host, threads = line
    streams = ChunkStreams(channel, max_waiting_bytes=1_000)
    reader, _ = streams.open(CALL)
    reading = threads.submit(list, reader)
    assert heard(host)[0] is FrameKind.CREDIT
    host.send(event(bytes(600)), event(bytes(600)), event(bytes(600)))
    with pytest.raises(AmphisError) as raised:
        reading.result(20)
    assert code_of(raised) == ErrorCode.CHUNK_STREAM_STALLED
    assert heard(host)[0] is FrameKind.CANCEL
    assert [streams.receive(20) is None for _ in range(3)] == [False] * 3


def test_streams_of_a_call_are_opened_once_and_with_a_window(line: Line) -> None:
    reader, writer = line.streams.open(CALL)
    with pytest.raises(ValueError, match="are open"):
        line.streams.open(CALL)
    with pytest.raises(ValueError, match="window"):
        line.streams.open(6, window=0)
    writer.end()
    reader.cancel()
    reader.cancel()
    assert list(reader) == []
    line.streams.open(CALL)
