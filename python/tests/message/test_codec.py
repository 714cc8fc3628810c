"""Messages in every codec: golden bytes, round trips, hostile bytes."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amphis import AmphisError, Message, MessageType, Priority, message_codec

VECTORS = Path(__file__).parents[3] / "spec" / "vectors"
ROWS = json.loads((VECTORS / "messages.json").read_text("utf-8"))
CODECS = ("msgpack", "compact", "json")
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
PAYLOADS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), NAMES),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)
MESSAGES = st.builds(
    Message,
    type=st.sampled_from(MessageType),
    payload=PAYLOADS,
    target=NAMES,
    source=NAMES,
    priority=st.sampled_from(Priority),
    ttl_ms=st.one_of(st.none(), st.integers(0, 2**53 - 1)),
    id=st.uuids(),
    correlation_id=st.one_of(st.none(), st.uuids()),
    timestamp=st.integers(0, 2**53 - 1),
    schema=st.one_of(st.none(), NAMES),
    version=st.integers(1, 2**32 - 1),
    metadata=st.dictionaries(NAMES, PAYLOADS, max_size=3),
    now_ns=st.just(0),
)


def _encoded(row: dict[str, str], name: str) -> bytes:
    return row["json"].encode() if name == "json" else bytes.fromhex(row[name])


@pytest.mark.parametrize("target", CODECS)
@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_a_golden_message_is_encoded_byte_for_byte(row: dict[str, str], target: str) -> None:
    for source in CODECS:
        message = message_codec(source).decode(_encoded(row, source), now_ns=5)
        assert message_codec(target).encode(message, now_ns=5) == _encoded(row, target), source


@settings(max_examples=1_000)
@given(message=MESSAGES)
def test_a_message_comes_back_equal_from_every_codec(message: Message[Any]) -> None:
    for name in CODECS:
        codec = message_codec(name)
        data = codec.encode(message, now_ns=0)
        again = codec.decode(data, now_ns=0)
        assert again == message, name
        assert codec.encode(again, now_ns=0) == data, name
        head = (message.type, message.priority, message.ttl_ms, message.target)
        assert codec.peek(data) == head, name


@settings(max_examples=1_000)
@given(
    row=st.sampled_from(ROWS),
    edits=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=4),
    kept=st.floats(0, 1),
    noise=st.binary(max_size=60),
)
def test_mutated_bytes_raise_nothing_but_typed_errors(
    row: dict[str, str], edits: list[tuple[int, int]], kept: float, noise: bytes
) -> None:
    for name in CODECS:
        data = bytearray(_encoded(row, name))
        for place, byte in edits:
            data[place % len(data)] = byte
        for candidate in (bytes(data), bytes(data[: round(kept * len(data))]), noise):
            for act in (message_codec(name).decode, message_codec(name).peek):
                with suppress(AmphisError):
                    act(candidate)


def test_what_is_written_is_the_time_that_is_left() -> None:
    message = Message(type=MessageType.REQUEST, payload=1, ttl_ms=100, now_ns=0)
    for name in CODECS:
        codec = message_codec(name)
        assert codec.decode(codec.encode(message, now_ns=30_500_000), now_ns=0).ttl_ms == 69
        assert codec.peek(codec.encode(message, now_ns=10**12)).ttl_ms == 0


def test_more_than_twelve_fields_are_ignored() -> None:
    row = bytes.fromhex(ROWS[1]["msgpack"])
    longer = b"\x9e" + row[1:] + b"\x01\xa1x"
    assert message_codec("msgpack").decode(longer).type is MessageType.EVENT


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"type":"question","id":"%s","timestamp":0,"payload":null}', "type"),
        ('{"type":"event","id":"%s","timestamp":0}', "payload"),
        ('{"type":"event","id":"%s","payload":null}', "timestamp"),
        ('{"type":"event","id":"%sx","timestamp":0,"payload":null}', "id"),
        ('{"type":"event","id":"%s","timestamp":-1,"payload":null}', "timestamp"),
        ('{"type":"event","id":"%s","timestamp":0,"payload":null,"ttlMs":null}', "ttl_ms"),
        ('{"type":"event","id":"%s","timestamp":0,"payload":null,"version":0}', "version"),
        ('{"type":"event","id":"%s","timestamp":0,"payload":null,"target":"\\u0007"}', "target"),
        ('{"type":"event","id":"%s","timestamp":0,"payload":null,"metadata":[]}', "metadata"),
        ('{"type":"event","id":"%s","timestamp":0,"payload":null,"priority":1}', "priority"),
        ("[]", "message"),
    ],
)
def test_a_wrong_field_of_the_wire_is_named(text: str, field: str) -> None:
    data = text.replace("%s", "01890a5d-ac96-774b-bcce-b302099a8057").encode()
    with pytest.raises(AmphisError) as caught:
        message_codec("json").decode(data)
    assert caught.value.code == "MESSAGE_INVALID"
    assert caught.value.field == field


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(AmphisError) as caught:
        message_codec("pickle")
    assert caught.value.code == "CODEC_UNKNOWN"


def test_payload_and_metadata_may_be_as_deep_as_the_limit() -> None:
    deep: object = None
    for _ in range(128):
        deep = [deep]
    for name in CODECS:
        codec = message_codec(name)
        message = Message(type=MessageType.EVENT, payload=deep, timestamp=0)
        assert codec.decode(codec.encode(message)).payload == deep
        with pytest.raises(AmphisError) as caught:
            codec.encode(message.with_payload([deep]))
        assert caught.value.code == "DEPTH_EXCEEDED"


@pytest.mark.parametrize(
    "hostile", [b"\xdd\xff\xff\xff\xff", b"\x9c\x00\x00\xc0\xdb\xff\xff\xff\xff"]
)
def test_a_claimed_size_takes_no_memory(hostile: bytes) -> None:
    codec = message_codec("msgpack")
    tracemalloc.start()
    try:
        for act in (codec.decode, codec.peek):
            with pytest.raises(AmphisError) as caught:
                act(hostile)
            assert caught.value.code == "DECODE_FAILED"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000
