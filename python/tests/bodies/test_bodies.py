"""Bodies come back equal, and a body of another shape is refused with its path."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amphis import (
    AmphisError,
    CallBody,
    CancelBody,
    CreditBody,
    EndBody,
    ErrorBody,
    Hello,
    ItemBody,
    Reference,
    ResultBody,
    SequenceCheck,
    json,
    msgpack,
)

if TYPE_CHECKING:
    from collections.abc import Callable

REFERENCE = Reference(
    arena=1,
    generation=2,
    offset=64,
    byte_length=800,
    holder=3,
    expires_at=5,
    descriptor={"dtype": "<f8", "shape": [10, 10], "strides": [80, -8], "later": 1.0},
)
BODIES: list[Any] = [
    CallBody(function="math:sqrt", args=[2], kwargs={}, ttl_ms=50, idempotent=True, stream=False),
    CallBody(function="m:f", args=[], kwargs={"a": None}),
    ResultBody({"x": [1]}),
    ItemBody(0, None),
    CreditBody(2**31 - 1),
    EndBody(2**53 - 1),
    CancelBody("too slow"),
    REFERENCE.signed(b"key"),
    Hello(product="amphis", capabilities=("shared-memory",)),
]
DECODERS: dict[str, Callable[[bytes], object]] = {
    "call": CallBody.decode,
    "result": ResultBody.decode,
    "item": ItemBody.decode,
    "credit": CreditBody.decode,
    "end": EndBody.decode,
    "cancel": CancelBody.decode,
    "error": ErrorBody.decode,
    "reference": Reference.decode,
    "hello": Hello.decode,
}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_a_body_comes_back_equal(body: Any) -> None:  # noqa: ANN401 - any body
    assert type(body).decode(body.encode()) == body


def test_a_body_may_travel_in_another_codec() -> None:
    call = CallBody(function="m:f", args=[b"\x00"], kwargs={})
    assert CallBody.decode(call.encode(json()), json()) == call


def test_a_call_has_this_form_on_the_wire() -> None:
    assert msgpack().decode(BODIES[0].encode()) == [
        "math:sqrt",
        [2],
        {},
        {"ttlMs": 50, "idempotent": True, "stream": False},
    ]


@pytest.mark.parametrize(
    ("name", "wire", "path"),
    [
        ("call", {}, "$"),
        ("call", ["f", [], {}], "$"),
        ("call", [1, [], {}, {}], "$[0]"),
        ("call", ["f", {}, {}, {}], "$[1]"),
        ("call", ["f", [], {1: 2}, {}], "$[2]"),
        ("call", ["f", [], {}, {"ttlMs": -1}], "$[3].ttlMs"),
        ("call", ["f", [], {}, {"stream": 1}], "$[3].stream"),
        ("result", [], "$"),
        ("item", [True, 1], "$[0]"),
        ("item", [-1, 1], "$[0]"),
        ("credit", [0], "$[0]"),
        ("credit", [2**31], "$[0]"),
        ("end", ["1"], "$[0]"),
        ("cancel", [None], "$[0]"),
        ("error", [], "$"),
        ("error", {"code": 1}, "$.code"),
        ("reference", [0, 2**32, 0, 0, 0, 0, {}, bytes(32)], "$[1]"),
        ("reference", [0, 0, 0, 0, 0, 0, {"shape": [-1]}, bytes(32)], "$[6].shape[0]"),
        ("reference", [0, 0, 0, 0, 0, 0, {"dtype": 5}, bytes(32)], "$[6].dtype"),
        ("reference", [0, 0, 0, 0, 0, 0, {}, bytes(31)], "$[7]"),
        ("hello", {"product": "a", "versions": [2, 1]}, "$.versions[1]"),
        ("hello", {"versions": [1, 1]}, "$.product"),
        ("hello", {"product": "a", "versions": [1, 1], "codecs": [1]}, "$.codecs[0]"),
    ],
)
def test_another_shape_is_refused_with_its_path(name: str, wire: object, path: str) -> None:
    with pytest.raises(AmphisError) as caught:
        DECODERS[name](msgpack().encode(wire))
    assert caught.value.code == "BODY_INVALID"
    assert (caught.value.body, caught.value.path) == (name, path)


def test_more_than_is_known_is_ignored() -> None:
    assert CreditBody.decode(msgpack().encode([5, "later"])) == CreditBody(5)
    wire = ["f", [], {}, {"later": 1}, "later"]
    assert CallBody.decode(msgpack().encode(wire)).function == "f"


def test_an_error_keeps_its_code_and_a_foreign_one_its_origin() -> None:
    known = AmphisError("FRAME_TOO_LARGE", "Cannot take frame: big", {"limit": 1, "actual": 2})
    again = ErrorBody.decode(ErrorBody(known).encode())
    assert (again.code, again.limit, again.actual) == ("FRAME_TOO_LARGE", 1, 2)
    foreign = ErrorBody.decode(ErrorBody(KeyError("x")).encode())
    assert foreign.code == "REMOTE_FAILURE"
    assert foreign.origin is not None
    assert foreign.origin["type"] == "KeyError"


def test_a_token_covers_every_field() -> None:
    signed = REFERENCE.signed(b"key")
    assert signed.is_signed_with(b"key")
    assert not signed.is_signed_with(b"other")
    assert not REFERENCE.is_signed_with(b"key")
    moved = msgpack().decode(signed.encode())
    assert isinstance(moved, list)
    moved[2] += 8
    assert not Reference.decode(msgpack().encode(moved)).is_signed_with(b"key")
    assert Reference.decode(signed.encode()).is_signed_with(b"key")


def test_a_gap_in_a_stream_is_broken_sequence() -> None:
    check = SequenceCheck()
    check.item(0)
    check.item(1)
    with pytest.raises(AmphisError) as caught:
        check.item(3)
    assert (caught.value.code, caught.value.expected, caught.value.actual) == (
        "SEQUENCE_BROKEN",
        2,
        3,
    )
    with pytest.raises(AmphisError):
        check.end(1)
    check.end(2)


@settings(max_examples=1_000)
@given(st.sampled_from(BODIES), st.data())
def test_hostile_bytes_raise_nothing_but_typed_errors(body: Any, draw: st.DataObject) -> None:  # noqa: ANN401 - any body
    data = bytearray(body.encode())
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    for candidate in (bytes(data), draw.draw(st.binary(max_size=40))):
        for decode in DECODERS.values():
            with suppress(AmphisError):
                decode(candidate)
