"""Large frames go through memory that the host lends, and what is said of it is judged."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.shells import code_of
from tests.channel.host import WAIT, Answer

from amphis import AmphisError, Reference
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from tests.channel.conftest import Pairs
    from tests.channel.host import Host

ARENA, GENERATION, OFFSET = 3, 11, 128
REGION = 1 << 20
BODY = random.Random(7).randbytes(300_000)  # noqa: S311 - no secret
FULL = AmphisError("MEMORY_EXHAUSTED", "Cannot lend", {"requested": 1, "available": 0})


def event(body: bytes) -> Frame:
    return Frame(FrameKind.EVENT, body)


def named(data: bytes, **changes: Any) -> Reference:  # noqa: ANN401 - fields of a reference
    """A reference of the host to a frame in memory."""
    reference = Reference(
        arena=ARENA,
        generation=GENERATION,
        offset=OFFSET,
        byte_length=len(data),
        holder=Answer().holder,
        expires_at=0,
        descriptor={"once": 1},
    )
    return replace(reference, **changes).signed(Answer().key)


def lay(host: Host, data: bytes) -> None:
    host.announce(ARENA, REGION)
    host.regions[ARENA][OFFSET : OFFSET + len(data)] = data


def test_a_large_frame_of_the_guest_lies_in_memory_and_its_share_goes_with_it(pairs: Pairs) -> None:
    channel, host = pairs.open(spill_bytes=10_000)
    sending = pairs.threads.submit(channel.send, event(BODY))
    host.announce(ARENA, REGION)
    length = host.lend(ARENA, GENERATION, OFFSET)
    what, data = host.hear()
    assert what == "frame"
    reference = Reference.decode(data)
    assert reference == Reference(
        arena=ARENA,
        generation=GENERATION,
        offset=OFFSET,
        byte_length=length,
        holder=0,
        expires_at=0,
        descriptor={},
    ).signed(Answer().key)
    lain = bytes(host.regions[ARENA][OFFSET : OFFSET + length])
    assert lain == encode_frame(event(BODY))
    sending.result(WAIT)
    # The next thing that it says is no release.
    channel.send(event(b"small"))
    assert bytes(host.receive().body) == b"small"


def test_a_frame_that_is_no_larger_than_usual_asks_for_nothing(pairs: Pairs) -> None:
    channel, host = pairs.open(spill_bytes=10_000)
    channel.send(event(bytes(10_000 - 25)))
    assert host.receive().kind is FrameKind.EVENT


def test_a_plain_answer_that_is_large_goes_the_same_way(pairs: Pairs) -> None:
    channel, host = pairs.open(spill_bytes=10_000)
    sending = pairs.threads.submit(channel.send_plain, FrameKind.RESULT, 1, [["z" * 60_000] * 10])
    host.announce(ARENA, REGION)
    length = host.lend(ARENA, GENERATION, 0)
    assert host.hear()[0] == "frame"
    (frame,) = FrameDecoder().feed(bytes(host.regions[ARENA][:length]))
    assert msgpack().decode(frame.body) == [["z" * 60_000] * 10]
    assert sending.result(WAIT)


def test_where_memory_is_refused_the_frame_goes_through_the_ring_and_then_nobody_asks(
    pairs: Pairs,
) -> None:
    channel, host = pairs.open(spill_bytes=10_000)
    error = msgpack().decode(ErrorBody(FULL).encode())
    for _ in range(3):
        sending = pairs.threads.submit(channel.send, event(BODY))
        host.say("refused", host.hear()[1], error)
        assert bytes(host.receive().body) == BODY
        sending.result(WAIT)
    sending = pairs.threads.submit(channel.send, event(BODY))
    assert bytes(host.receive().body) == BODY
    sending.result(WAIT)


def test_a_host_that_does_not_answer_gets_it_through_the_ring_and_what_it_lends_late_back(
    pairs: Pairs,
) -> None:
    channel, host = pairs.open(spill_bytes=10_000)
    sending = pairs.threads.submit(channel.send, event(BODY))
    _, number, length = host.hear()
    assert bytes(host.receive().body) == BODY
    sending.result(WAIT)
    host.announce(ARENA, REGION)
    host.say("lent", number, ARENA, GENERATION, 0, length)
    host.send(event(b"behind"))
    frame = channel.receive(WAIT)
    assert frame is not None
    assert frame.body == b"behind"
    reading = pairs.threads.submit(channel.receive, WAIT)
    assert host.hear() == ["release", [GENERATION]]
    host.send(event(b"last"))
    reading.result(WAIT)


def test_a_large_frame_of_the_host_is_taken_in_its_place_and_the_memory_let_go(
    pairs: Pairs,
) -> None:
    channel, host = pairs.open()
    data = encode_frame(event(BODY))
    lay(host, data)
    host.send(event(b"before"))
    host.say("frame", named(data).encode())
    host.send(event(b"behind"))
    bodies = []
    for _ in range(3):
        frame = channel.receive(WAIT)
        assert frame is not None
        bodies.append(bytes(frame.body))
    assert bodies == [b"before", BODY, b"behind"]
    reading = pairs.threads.submit(channel.receive, WAIT)
    assert host.hear() == ["release", [GENERATION]]
    host.send(event(b"last"))
    reading.result(WAIT)


def test_what_is_written_to_the_memory_later_changes_no_frame(pairs: Pairs) -> None:
    channel, host = pairs.open()
    data = encode_frame(event(BODY))
    lay(host, data)
    host.say("frame", named(data).encode())
    frame = channel.receive(WAIT)
    host.regions[ARENA][OFFSET : OFFSET + len(data)] = bytes(len(data))
    assert frame is not None
    assert frame.body == BODY


DATA = encode_frame(event(BODY))
MEMORY_FRAME = encode_frame(Frame(FrameKind.MEMORY, msgpack().encode(["frame", b""])))
PING = encode_frame(Frame(FrameKind.PING, b""))


@pytest.mark.parametrize(
    ("data", "changes", "code"),
    [
        (DATA, {"arena": 4}, "REFERENCE_STALE"),
        (DATA, {"offset": REGION - 10}, "REFERENCE_OUT_OF_BOUNDS"),
        (DATA, {"holder": 99}, "REFERENCE_HOLDER"),
        (DATA, {"expires_at": 1}, "REFERENCE_EXPIRED"),
        (DATA, {"byte_length": len(DATA) - 1}, "FRAME_TRUNCATED"),
        (DATA, {"byte_length": 10}, "FRAME_TRUNCATED"),
        (DATA, {"byte_length": 0}, "FRAME_INVALID"),
        (DATA, {"byte_length": 500_000}, "FRAME_TOO_LARGE"),
        (DATA + PING, {}, "FRAME_INVALID"),
        (bytes(100), {}, "FRAME_INVALID"),
        (MEMORY_FRAME, {}, "FRAME_INVALID"),
        (PING, {}, "FRAME_INVALID"),
    ],
)
def test_a_name_that_is_wrong_ends_the_connection(
    pairs: Pairs, data: bytes, changes: dict[str, Any], code: str
) -> None:
    channel, host = pairs.open(max_frame_bytes=400_000)
    lay(host, data)
    host.say("frame", named(data, **changes).encode())
    with pytest.raises(AmphisError) as caught:
        channel.receive(WAIT)
    assert code_of(caught) == code


@pytest.mark.parametrize("said", [None, "text", b"", [1, 2]])
def test_what_is_no_name_ends_the_connection(pairs: Pairs, said: object) -> None:
    channel, host = pairs.open()
    host.say("frame", said)
    with pytest.raises(AmphisError) as caught:
        channel.receive(WAIT)
    assert code_of(caught) in {"BODY_INVALID", "DECODE_FAILED"}


def test_a_name_that_was_forged_or_used_before_ends_the_connection(pairs: Pairs) -> None:
    for forge in (True, False):
        channel, host = pairs.open()
        lay(host, DATA)
        reference = named(DATA).encode()
        if forge:
            host.say("frame", reference[:-1] + bytes([reference[-1] ^ 1]))
        else:
            host.say("frame", reference)
            assert channel.receive(WAIT) is not None
            host.say("frame", reference)
        with pytest.raises(AmphisError) as caught:
            channel.receive(WAIT)
        assert code_of(caught) == ("REFERENCE_FORGED" if forge else "REFERENCE_REPLAYED")
