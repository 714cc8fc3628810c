"""A decoder gives the same frames whatever the chunking, and stays within its memory."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amphis import (
    AmphisError,
    AttachmentKind,
    Frame,
    FrameAttachment,
    FrameDecoder,
    FrameKind,
    Priority,
    encode_frame,
    frame_parts,
    peek_header,
)
from amphis._internal.frame.header import PROTOCOL_VERSION

ATTACHMENTS = st.lists(
    st.builds(FrameAttachment, st.sampled_from(AttachmentKind), st.binary(max_size=20)), max_size=3
).map(tuple)
FRAMES = st.builds(
    Frame,
    st.sampled_from([kind for kind in FrameKind if kind is not FrameKind.HELLO]),
    st.binary(max_size=40),
    call_id=st.integers(0, 2**53 - 1),
    priority=st.sampled_from(Priority),
    codec=st.sampled_from(["msgpack", "compact", "json"]),
    attachments=ATTACHMENTS,
    version=st.just(PROTOCOL_VERSION),
)


@settings(max_examples=1_000)
@given(st.lists(FRAMES, max_size=5), st.lists(st.integers(0, 400), max_size=8))
def test_frames_survive_any_chunking(frames: list[Frame], cuts: list[int]) -> None:
    data = b"".join(map(encode_frame, frames))
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    decoder = FrameDecoder()
    got = [one for start, end in pairwise(places) for one in decoder.feed(data[start:end])]
    decoder.end()
    assert got == frames


@settings(max_examples=1_000)
@given(st.lists(FRAMES, min_size=1, max_size=2), st.data())
def test_mutated_frames_raise_nothing_but_typed_errors(
    frames: list[Frame], draw: st.DataObject
) -> None:
    data = bytearray(b"".join(map(encode_frame, frames)))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    _feed_all(bytes(data), draw.draw(st.integers(1, 100)))


@settings(max_examples=1_000)
@given(st.binary(max_size=200), st.integers(1, 50))
def test_random_bytes_raise_nothing_but_typed_errors(data: bytes, size: int) -> None:
    _feed_all(data, size)
    _feed_all(b"AM\x01\x03" + data, size)


def _feed_all(data: bytes, size: int) -> None:
    decoder = FrameDecoder(max_frame_bytes=1_000_000)
    with suppress(AmphisError):
        for start in range(0, len(data), size):
            decoder.feed(data[start : start + size])
        decoder.end()
    if decoder.failure is not None:
        with pytest.raises(AmphisError) as again:
            decoder.feed(b"")
        assert again.value.code == decoder.failure.code


def test_memory_follows_the_bytes_that_arrived_and_not_the_claim() -> None:
    decoder = FrameDecoder()
    claimed = encode_frame(Frame(FrameKind.CALL, bytes(8)))[:16] + (60_000_000).to_bytes(
        8, "little"
    )
    tracemalloc.start()
    try:
        decoder.feed(claimed)
        for _ in range(1_000):
            decoder.feed(b"x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000


def test_a_frame_within_a_chunk_is_not_copied() -> None:
    chunk = bytearray(encode_frame(Frame(FrameKind.PING, b"ping")))
    (frame,) = FrameDecoder().feed(chunk)
    chunk[-1] = ord("G")
    assert bytes(frame.body) == b"pinG"
    assert memoryview(frame.body).readonly


def test_good_frames_before_a_bad_one_are_returned_first() -> None:
    decoder = FrameDecoder()
    good = encode_frame(Frame(FrameKind.PING))
    assert len(decoder.feed(good + bytes(24))) == 1
    assert decoder.failure is not None
    with pytest.raises(AmphisError) as caught:
        decoder.feed(good)
    assert caught.value.code == "FRAME_INVALID"
    assert caught.value.field == "magic"


def test_the_end_inside_a_frame_is_truncated() -> None:
    decoder = FrameDecoder()
    decoder.feed(encode_frame(Frame(FrameKind.PING, b"12345"))[:-2])
    with pytest.raises(AmphisError) as caught:
        decoder.end()
    assert caught.value.code == "FRAME_TRUNCATED"
    assert (caught.value.expected, caught.value.actual) == (29, 27)


def test_a_frame_beyond_the_limit_is_refused_before_its_body_comes() -> None:
    decoder = FrameDecoder(max_frame_bytes=100)
    assert len(decoder.feed(encode_frame(Frame(FrameKind.PING, bytes(76))))) == 1
    with pytest.raises(AmphisError) as caught:
        decoder.feed(encode_frame(Frame(FrameKind.PING, bytes(77)))[:24])
    assert caught.value.code == "FRAME_TOO_LARGE"
    assert (caught.value.limit, caught.value.actual) == (100, 101)


def test_a_version_that_was_not_negotiated_is_refused_but_for_a_hello() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(encode_frame(Frame(FrameKind.HELLO, version=9)))[0].version == 9
    with pytest.raises(AmphisError) as caught:
        decoder.feed(encode_frame(Frame(FrameKind.PING, version=2)))
    assert caught.value.code == "VERSION_UNSUPPORTED"
    assert FrameDecoder(versions=(1, 2)).feed(encode_frame(Frame(FrameKind.PING, version=2)))


def test_parts_hold_body_and_attachments_themselves() -> None:
    body, data = bytes(100), memoryview(bytes(9))
    frame = Frame(
        FrameKind.RESULT, body, attachments=(FrameAttachment(AttachmentKind.INLINE, data),)
    )
    parts = frame_parts(frame)
    assert parts[1] is body
    assert parts[3] is data
    assert b"".join(parts) == encode_frame(frame)


def test_a_header_is_read_without_its_body() -> None:
    header = peek_header(encode_frame(Frame(FrameKind.CALL, bytes(10), call_id=7))[:24])
    assert (header.kind, header.call_id, header.frame_bytes) == (FrameKind.CALL, 7, 34)
    with pytest.raises(AmphisError) as caught:
        peek_header(b"AM")
    assert caught.value.code == "FRAME_TRUNCATED"


@pytest.mark.parametrize(
    "frame",
    [
        Frame(FrameKind.CALL, call_id=2**53),
        Frame(FrameKind.CALL, call_id=-1),
        Frame(FrameKind.CALL, version=256),
        Frame(FrameKind.HELLO, codec="json"),
    ],
)
def test_a_frame_that_no_peer_takes_is_not_encoded(frame: Frame) -> None:
    with pytest.raises(ValueError, match="Cannot encode frame"):
        encode_frame(frame)
