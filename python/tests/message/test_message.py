"""A message is immutable, checked when it is made, and expires on the monotonic clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from typing import Any
from uuid import UUID

import pytest

from amphis import AmphisError, Message, MessageBuilder, MessageType, Priority, uuid7
from amphis._internal.message.uuid7 import Uuid7Source

MS = 1_000_000


def _request(**fields: Any) -> Message[Any]:  # noqa: ANN401 - fields of a message
    return Message(**{"type": MessageType.REQUEST, "payload": None, "now_ns": 0, **fields})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "request"),
        ("type", 0),
        ("priority", 1),
        ("ttl_ms", -1),
        ("ttl_ms", 1.5),
        ("ttl_ms", True),
        ("target", "a\nb"),
        ("target", "x" * 1_025),
        ("target", "é" * 513),
        ("source", "\ud800"),
        ("source", None),
        ("id", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("correlation_id", b"0" * 16),
        ("timestamp", -1),
        ("timestamp", 2**53),
        ("schema", 5),
        ("version", 0),
        ("version", 2**32),
        ("metadata", {1: 2}),
        ("metadata", [("a", 1)]),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(AmphisError) as caught:
        _request(**{field: value})
    assert caught.value.code == "MESSAGE_INVALID"
    assert caught.value.field == field
    assert str(caught.value).startswith(f"Cannot make message: {field} must be ")


def test_a_message_cannot_be_changed() -> None:
    given = {"a": 1}
    message = _request(metadata=given)
    given["a"] = 2
    assert message.metadata == {"a": 1}
    with pytest.raises(FrozenInstanceError):
        message.target = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        message.metadata["a"] = 3  # type: ignore[index]


def test_time_left_is_rounded_down_and_never_negative() -> None:
    message = _request(ttl_ms=10)
    assert message.remaining_ms(0) == 10
    assert message.remaining_ms(1) == 9
    assert message.remaining_ms(9 * MS) == 1
    assert not message.is_expired(9 * MS)
    assert message.is_expired(9 * MS + 1)
    assert message.remaining_ms(10**15) == 0
    assert _request().remaining_ms(10**15) is None
    assert not _request().is_expired(10**15)


def test_the_largest_ttl_is_exact() -> None:
    assert _request(ttl_ms=2**53 - 1).remaining_ms(0) == 2**53 - 1


def test_a_copy_keeps_what_is_left_of_the_ttl() -> None:
    message = _request(ttl_ms=100, target="a")
    copy = message.replace(now_ns=40 * MS, target="b")
    assert (copy.id, copy.target, copy.ttl_ms, copy.deadline_ns) == (
        message.id,
        "b",
        60,
        100 * MS,
    )
    assert message.replace(now_ns=40 * MS, ttl_ms=5).deadline_ns == 45 * MS
    assert message.replace(ttl_ms=None).remaining_ms() is None
    assert message.with_payload([1]).payload == [1]


def test_a_reply_goes_back_with_priority_and_time_left() -> None:
    request = _request(ttl_ms=100, target="math", source="api", priority=Priority.HIGH)
    reply = request.reply({"ok": True}, now_ns=30 * MS, schema="done", version=2)
    assert reply.type is MessageType.RESPONSE
    assert (reply.target, reply.source, reply.correlation_id) == ("api", "math", request.id)
    assert (reply.priority, reply.ttl_ms, reply.schema, reply.version) == (
        Priority.HIGH,
        70,
        "done",
        2,
    )
    assert request.reply(None, type=MessageType.ERROR).type is MessageType.ERROR


def test_a_builder_is_a_template() -> None:
    base = MessageBuilder.of(MessageType.REQUEST).from_("api").ttl_ms(250).metadata("a", 1)
    first = base.to("x").payload(1).priority(Priority.LOW).schema("s", 3).build(now_ns=0)
    second = base.metadata("b", 2).build(now_ns=0)
    assert (first.target, first.payload, first.schema, first.version) == ("x", 1, "s", 3)
    assert (second.target, second.payload, second.metadata) == ("", None, {"a": 1, "b": 2})
    assert first.id != second.id
    answer = MessageBuilder.of(MessageType.RESPONSE).answering(first).timestamp(5).build()
    assert (answer.correlation_id, answer.timestamp) == (first.id, 5)
    fixed = MessageBuilder.of(MessageType.EVENT).id(UUID(int=5)).build()
    assert fixed.id == UUID(int=5)


def test_messages_with_equal_fields_are_equal_whenever_they_were_made() -> None:
    fields = {"id": UUID(int=1), "timestamp": 0, "ttl_ms": 5, "metadata": {"a": [1]}}
    assert _request(**fields) == _request(**{**fields, "now_ns": 77})
    assert hash(_request(**fields)) == hash(_request(**fields))
    assert _request(**fields) != _request(**fields, target="x")


def test_repr_is_the_compact_print() -> None:
    message = _request(id=UUID(int=1), target="a\u202e", payload=[1])
    text = 'request id=00000000-0000-0000-0000-000000000001 target="a\\u202e" payload=[1]'
    assert repr(message) == text


def test_identifiers_rise_and_are_version_7() -> None:
    made = [uuid7() for _ in range(2_000)]
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}


def test_identifiers_of_many_threads_are_distinct() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: uuid7(), range(4_000)))
    assert len(set(made)) == 4_000


def test_identifiers_hold_the_time_and_rise_when_the_clock_goes_back() -> None:
    times = iter([1_700_000_000_000, 1_600_000_000_000, 1_700_000_000_001])
    source = Uuid7Source(wall_ms=lambda: next(times), random_bytes=lambda count: b"\xff" * count)
    first, second, third = source.next(), source.next(), source.next()
    assert first.int >> 80 == 1_700_000_000_000
    assert str(first)[14] == "7"
    assert first < second < third
