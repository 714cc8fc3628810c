from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

pytest.importorskip("google.protobuf", reason="the extra `grpc` is not installed")

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from amphis import AmphisError, Attachment, ErrorCode, Handle, Timestamp, msgpack
from amphis.grpc import decode_proto, value_from_proto, value_pb2, value_to_proto

if TYPE_CHECKING:
    from collections.abc import Callable

_VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "protobuf.json"
ROWS = json.loads(_VECTORS.read_text(encoding="utf-8"))
# Python does not keep the order of a set, and has one signaling NaN less than the wire.
UNORDERED = {"set"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))
def test_golden_values_are_the_same_in_protocol_buffers_and_messagepack(
    row: dict[str, str],
) -> None:
    value = value_from_proto(decode_proto(value_pb2.Value, bytes.fromhex(row["protobuf"])))
    assert type(value) is type(msgpack().decode(bytes.fromhex(row["msgpack"])))
    if row["name"] in UNORDERED:
        assert value == msgpack().decode(bytes.fromhex(row["msgpack"]))
        return
    assert msgpack().encode(value).hex() == row["msgpack"]
    assert value_to_proto(value).SerializeToString().hex() == row["protobuf"]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**200), 2**200),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.builds(Timestamp, st.integers(-(2**35), 2**35), st.just(1)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(SCALARS, inner, max_size=4),
        st.sets(SCALARS, max_size=4),
        st.builds(
            Attachment, st.integers(0, 9), st.just("x"), st.dictionaries(st.just("k"), inner)
        ),
    ),
    max_leaves=10,
)


@settings(max_examples=1_000)
@given(value=VALUES)
def test_any_value_comes_back_from_its_bytes(value: object) -> None:
    data = value_to_proto(value).SerializeToString()
    back = value_from_proto(decode_proto(value_pb2.Value, data))
    assert back == value
    assert type(back) is type(value)


@settings(max_examples=1_000)
@given(
    data=st.binary(max_size=80), changes=st.lists(st.tuples(st.integers(0), st.integers(0, 255)))
)
def test_no_bytes_lead_to_anything_but_a_value_or_the_typed_error(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    whole = bytearray(
        value_to_proto([1, "a", {"b": (1.5, None)}, {1, 2}, Handle(1, "x")]).SerializeToString()
    )
    for at, byte in changes:
        whole[at % len(whole)] = byte
    assert _refusal(data) in ALLOWED
    assert _refusal(bytes(whole)) in ALLOWED


ALLOWED = {None, ErrorCode.DECODE_FAILED, ErrorCode.BODY_INVALID, ErrorCode.DEPTH_EXCEEDED}


def _refusal(data: bytes) -> object:
    try:
        value_from_proto(decode_proto(value_pb2.Value, data))
    except AmphisError as error:
        return error.code
    return None


def _nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def test_nesting_is_bounded_at_32_levels_both_ways() -> None:
    data = value_to_proto(_nested(32)).SerializeToString()
    assert value_from_proto(decode_proto(value_pb2.Value, data)) == _nested(32)
    with pytest.raises(AmphisError) as caught:
        value_to_proto(_nested(33))
    assert caught.value.code is ErrorCode.DEPTH_EXCEEDED
    deeper = value_pb2.Value()
    deeper.list.items.add().CopyFrom(value_to_proto(_nested(32)))
    with pytest.raises(AmphisError) as caught:
        value_from_proto(deeper)
    assert caught.value.code is ErrorCode.DEPTH_EXCEEDED


@pytest.mark.parametrize(
    ("value", "code", "path"),
    [
        (object(), ErrorCode.VALUE_UNSUPPORTED, "$"),
        ({"a": [object()]}, ErrorCode.VALUE_UNSUPPORTED, "$.a[0]"),
        ("\ud800", ErrorCode.VALUE_UNSUPPORTED, "$"),
        (1 << 65_536, ErrorCode.VALUE_OUT_OF_RANGE, "$"),
        (Attachment(0, "x", {"m": {1: object()}}), ErrorCode.VALUE_UNSUPPORTED, "$.meta.m[1]"),
    ],
    ids=["object", "object inside", "surrogate", "long int", "object in meta"],
)
def test_what_is_no_value_is_refused_with_its_path(
    value: object, code: ErrorCode, path: str
) -> None:
    with pytest.raises(AmphisError) as caught:
        value_to_proto(value)
    assert caught.value.code is code
    assert caught.value.context["path"] == path


def _value(fill: Callable[[value_pb2.Value], object]) -> value_pb2.Value:
    message = value_pb2.Value()
    fill(message)
    return message


@pytest.mark.parametrize(
    ("message", "path", "expected"),
    [
        (value_pb2.Value(), "$", "a value with a kind"),
        (_value(lambda m: m.list.items.add()), "$[0]", "a value with a kind"),
        (_value(lambda m: m.map.entries.add()), "$.entries[0].key", "a value with a kind"),
        (value_pb2.Value(date="2023-02-29"), "$", "a valid date"),
        (value_pb2.Value(decimal="1_0"), "$", "a valid decimal"),
        (value_pb2.Value(uuid=b"123"), "$", "a valid uuid"),
        (value_pb2.Value(big_integer=b""), "$", "a valid big_integer"),
        (value_pb2.Value(big_integer=bytes(8_194)[:-1] + b"\x01"), "$", None),
        (value_pb2.Value(path="a\0"), "$", "a valid path"),
        (value_pb2.Value(timestamp=value_pb2.Instant(seconds=2**62)), "$", "a valid timestamp"),
        (value_pb2.Value(duration=value_pb2.Span(seconds=2**62)), "$", "a valid duration"),
        (
            value_pb2.Value(handle=value_pb2.Handle(id=2**53)),
            "$.id",
            f"an int from 0 to {2**53 - 1}",
        ),
        (value_pb2.Value(attachment=value_pb2.Attachment(index=65_536)), "$", "a valid attachment"),
        (value_pb2.Value(extension=value_pb2.Extension(code=-1)), "$", "a valid extension"),
        (
            _value(lambda m: m.set.items.add().list.SetInParent()),
            "$[0]",
            "a scalar or a tuple of scalars",
        ),
    ],
)
def test_a_message_that_is_no_value_is_refused_with_its_path(
    message: value_pb2.Value, path: str, expected: str | None
) -> None:
    if expected is None:
        assert value_from_proto(message) == 1
        return
    with pytest.raises(AmphisError) as caught:
        value_from_proto(message)
    assert caught.value.code is ErrorCode.BODY_INVALID
    assert caught.value.context == {"body": "value", "path": path, "expected": expected}


def test_an_aware_datetime_is_an_instant_and_a_naive_one_is_not() -> None:
    naive = datetime(2024, 1, 1)  # noqa: DTZ001 - a kind of value of its own
    assert value_to_proto(naive).WhichOneof("kind") == "datetime"
