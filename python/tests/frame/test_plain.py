"""Frames without attachments that come and go in one piece: a shorter way to the same result."""

from __future__ import annotations

import itertools

import pytest

from amphis import AmphisError
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame, plain_frame
from amphis._internal.frame.frame import AttachmentKind, Frame, FrameAttachment
from amphis._internal.frame.header import (
    BODY_CODECS,
    MAX_CALL_ID,
    MAX_FRAME_BYTES,
    FrameKind,
)
from amphis._internal.priority import Priority

OWN = {FrameKind.PING, FrameKind.PONG, FrameKind.MEMORY}


def fed(data: bytes, decoder: FrameDecoder) -> list[Frame] | None:
    """What the long way gives; None when it refuses."""
    try:
        frames = decoder.feed(data)
        decoder.end()
    except AmphisError:
        return None
    return frames if decoder.failure is None else None


@pytest.mark.parametrize("kind", FrameKind)
def test_a_plain_frame_is_written_and_read_as_on_the_long_way(kind: FrameKind) -> None:
    for priority, codec in itertools.product(Priority, BODY_CODECS):
        if kind is FrameKind.HELLO and codec != "msgpack":
            continue
        for body in (b"", b"body", bytearray(b"body"), memoryview(b"body"), bytes(4_096)):
            frame = Frame(kind, body, MAX_CALL_ID, priority, codec)
            data = encode_frame(frame)
            short = plain_frame(frame, MAX_FRAME_BYTES)
            assert short == (None if kind in OWN else data)
            taken = FrameDecoder().whole(data)
            if kind in OWN:
                assert taken is None
            else:
                assert taken == frame
                assert [taken] == fed(data, FrameDecoder())
                assert type(taken) is Frame


def test_whatever_byte_of_a_header_is_wrong_the_short_way_takes_nothing_the_long_one_refuses() -> (
    None
):
    data = encode_frame(Frame(FrameKind.CALL, b"body", 5))
    for at, byte in itertools.product(range(24), range(256)):
        wrong = data[:at] + bytes([byte]) + data[at + 1 :]
        taken = FrameDecoder().whole(wrong)
        assert taken is None or [taken] == fed(wrong, FrameDecoder())


@pytest.mark.parametrize("length", [0, 23, 24, 27])
def test_half_a_frame_is_left_to_the_long_way(length: int) -> None:
    data = encode_frame(Frame(FrameKind.CALL, b"body", 5))
    decoder = FrameDecoder()
    assert decoder.whole(data[:length]) is None
    assert decoder.whole(data + b"\1") is None
    assert decoder.feed(data[:length]) == []
    if length:
        # It is the rest of a frame now, however whole it looks.
        assert decoder.whole(data) is None
    assert [bytes(one.body) for one in decoder.feed(data[length:])] == [b"body"]


def test_a_decoder_that_failed_takes_nothing_any_more() -> None:
    decoder = FrameDecoder()
    with pytest.raises(AmphisError):
        decoder.feed(bytes(24))
    assert decoder.whole(encode_frame(Frame(FrameKind.CALL, b"body"))) is None


def test_limits_hold_on_the_short_way() -> None:
    frame = Frame(FrameKind.CALL, bytes(100))
    data = encode_frame(frame)
    assert FrameDecoder(max_frame_bytes=124).whole(data) == frame
    assert FrameDecoder(max_frame_bytes=123).whole(data) is None
    assert FrameDecoder(versions=(2, 3)).whole(data) is None
    assert plain_frame(frame, 124) == data
    assert plain_frame(frame, 123) is None


@pytest.mark.parametrize(
    "frame",
    [
        Frame(FrameKind.CALL, call_id=-1),
        Frame(FrameKind.CALL, call_id=MAX_CALL_ID + 1),
        Frame(FrameKind.CALL, version=2),
        Frame(FrameKind.CALL, codec="xml"),  # type: ignore[arg-type]
        Frame(FrameKind.HELLO, codec="json"),
        Frame(99),  # type: ignore[arg-type]
        Frame(FrameKind.CALL, bytes(4_097)),
        Frame(FrameKind.CALL, attachments=(FrameAttachment(AttachmentKind.INLINE, b"1"),)),
    ],
)
def test_what_is_not_plain_is_left_to_the_long_way(frame: Frame) -> None:
    assert plain_frame(frame, MAX_FRAME_BYTES) is None
