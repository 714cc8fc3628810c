"""A session alone: bytes in, frames out, and nothing but typed errors, whatever the bytes are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from amphis import (
    AmphisError,
    AttachmentKind,
    CallBody,
    Frame,
    FrameAttachment,
    FrameDecoder,
    FrameKind,
    Hello,
    Message,
    MessageType,
    Priority,
    ResultBody,
    encode_frame,
    message_codec,
    msgpack,
)
from amphis._internal.bus import wishes
from amphis._internal.bus.member import Member
from amphis._internal.bus.options import BusOptions, Destination
from amphis._internal.bus.request import RequestBase
from amphis._internal.bus.threads import ThreadRuntime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amphis._internal.bus.session import Session

KINDS = st.sampled_from(list(FrameKind))
BODIES = st.one_of(
    st.binary(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=8,
    ).map(lambda value: msgpack().encode(value)),
)
REQUEST = message_codec("msgpack").encode(
    Message(type=MessageType.REQUEST, target="mine", payload=1, ttl_ms=10_000)
)
ATTACHED = st.lists(
    st.builds(FrameAttachment, st.sampled_from(list(AttachmentKind)), BODIES), max_size=2
)
FRAMES = st.builds(
    Frame,
    KINDS.filter(lambda kind: kind is not FrameKind.HELLO),
    BODIES | st.just(REQUEST),
    st.integers(0, 12),
    st.sampled_from(list(Priority)),
    st.sampled_from(["msgpack", "compact", "json"]),
    ATTACHED.map(tuple),
    st.just(1),
)


def joined() -> tuple[Member, Session]:
    """A member that the hub let in, with an endpoint and a subscription, and no socket."""
    runtime = ThreadRuntime("test")
    runtime.waker.close()
    member = Member(runtime, Destination.of("unix:/nowhere"), BusOptions())
    session = member.begin()
    hello = Hello(product="test", capabilities=("bus",)).encode()
    feed(session, Frame(FrameKind.HELLO, hello))
    feed(session, Frame(FrameKind.RESULT, ResultBody({"peer": "m/1", "hub": "h"}).encode(), 1))
    endpoint = wishes.endpoint_of(
        member,
        "mine",
        lambda payload, _request: payload,
        RequestBase,
        capabilities=(),
        callers=None,
        shared=False,
        metadata=None,
        concurrency=2,
        max_queued=2,
    )
    member.endpoints["mine"] = endpoint
    member.hold(endpoint, session)
    subscription = wishes.subscription_of(
        member, "a", print, group=None, filter=None, policy="drop-oldest", max_messages=2
    )
    member.hold(subscription, session)
    return member, session


def feed(session: Session, *frames: Frame) -> None:
    session.receive(b"".join(encode_frame(frame) for frame in frames), time.monotonic())


def said(session: Session) -> Iterator[Frame]:
    decoder = FrameDecoder()
    while (chunk := session.outbox.chunk()) is not None:
        yield from decoder.feed(bytes(chunk))
        session.outbox.advance(len(chunk))


def test_a_session_says_hello_then_joins_then_asks() -> None:
    _, session = joined()
    hello, *calls = said(session)
    assert hello.kind is FrameKind.HELLO
    assert Hello.decode(hello.body).capabilities == ("bus",)
    assert [(call.call_id, CallBody.decode(call.body).function) for call in calls] == [
        (1, "bus:join"),
        (3, "bus:register"),
        (5, "bus:subscribe"),
    ]


def test_a_ping_is_answered_once_however_often_it_comes() -> None:
    _, session = joined()
    list(said(session))
    feed(session, *[Frame(FrameKind.PING, bytes([number])) for number in range(100)])
    pongs = list(said(session))
    assert [(one.kind, bytes(one.body)) for one in pongs] == [(FrameKind.PONG, b"\x63")]


@given(st.lists(FRAMES, max_size=12))
def test_any_frames_end_in_typed_errors_only(frames: list[Any]) -> None:
    member, session = joined()
    try:
        feed(session, *frames)
    except AmphisError as error:
        session.lost(error)
    member.end(AmphisError("BUS_CLOSED", "Cannot go on: the test is over"))
    member.runtime.stop()
    assert session.calls == {}
    assert member.lasting == []
    assert all(served.is_over for served in member.serving)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_typed_errors_only(data: bytes) -> None:
    member, session = joined()
    try:
        session.receive(data, time.monotonic())
    except AmphisError as error:
        session.lost(error)
    member.end(AmphisError("BUS_CLOSED", "Cannot go on: the test is over"))
    assert session.calls == {}
