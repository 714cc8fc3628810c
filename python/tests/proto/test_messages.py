from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="the extra `grpc` is not installed")

from typing import Any
from uuid import UUID

from amphis import (
    AmphisError,
    CallBody,
    EndBody,
    ErrorCode,
    Hello,
    ItemBody,
    Message,
    MessageType,
    Priority,
    Reference,
    ResultBody,
)
from amphis.grpc import (
    ChunkBody,
    StreamElement,
    StreamErrorBody,
    envelope_pb2,
    error_from_proto,
    error_pb2,
    error_to_proto,
    execute_pb2,
    execute_request_from_proto,
    execute_request_to_proto,
    execute_response_from_proto,
    execute_response_to_proto,
    hello_from_proto,
    hello_to_proto,
    message_from_proto,
    message_to_proto,
    reference_from_proto,
    reference_to_proto,
    stream_element_from_proto,
    stream_element_to_proto,
    stream_pb2,
)

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
REFERENCE = Reference(
    arena=1,
    generation=2**32 - 1,
    offset=2**53 - 1,
    byte_length=64,
    holder=7,
    descriptor={"dtype": "f8", "shape": [2, 4], "strides": [-32, 8], "newer": {"a": 1}},
    token=bytes([3]) * 32,
)
ERROR = AmphisError(ErrorCode.SEQUENCE_BROKEN, "Cannot take it", {"expected": 1, "actual": 2})


@pytest.mark.parametrize("kind", list(MessageType))
def test_a_message_comes_back_with_every_field(kind: MessageType) -> None:
    message: Message[object] = Message(
        type=kind,
        payload=[1, {"a": 1.5}],
        target="math:sqrt",
        source="client",
        priority=Priority.CRITICAL,
        id=ID,
        correlation_id=UUID(int=ID.int + 1),
        timestamp=1_763_692_800_123,
        schema="math.sqrt",
        version=2**32 - 1,
        metadata={"trace": "ab"},
    )
    assert message_from_proto(message_to_proto(message)) == message


def test_the_ttl_that_travels_is_what_is_left() -> None:
    message: Message[object] = Message(type=MessageType.EVENT, payload=None, ttl_ms=60_000)
    ttl_ms = message_from_proto(message_to_proto(message)).ttl_ms
    assert ttl_ms is not None
    assert 0 < ttl_ms <= 60_000


@pytest.mark.parametrize(
    ("change", "path", "expected"),
    [
        ({"type": 0}, "$.type", "a type"),
        ({"type": 99}, "$.type", "a type"),
        ({"priority": 99}, "$.priority", "a priority"),
        ({"id": b"123"}, "$.id", "16 bytes"),
        ({"correlation_id": b""}, "$.correlation_id", "16 bytes"),
        ({"ttl_ms": 2**60}, "$.ttl_ms", f"an int from 0 to {2**53 - 1}"),
        ({"timestamp_ms": 2**60}, "$.timestamp_ms", f"an int from 0 to {2**53 - 1}"),
    ],
)
def test_an_envelope_with_a_wrong_field_is_refused(
    change: dict[str, Any], path: str, expected: str
) -> None:
    envelope = message_to_proto(Message(type=MessageType.EVENT, payload=None, id=ID))
    for name, value in change.items():
        setattr(envelope, name, value)
    with pytest.raises(AmphisError) as caught:
        message_from_proto(envelope)
    assert caught.value.code is ErrorCode.BODY_INVALID
    assert caught.value.context == {"body": "envelope", "path": path, "expected": expected}


def test_an_envelope_without_payload_or_with_a_hostile_source_is_refused() -> None:
    envelope = message_to_proto(Message(type=MessageType.EVENT, payload=None, id=ID))
    envelope.source = "\0"
    with pytest.raises(AmphisError) as caught:
        message_from_proto(envelope)
    assert caught.value.code is ErrorCode.MESSAGE_INVALID
    envelope.ClearField("payload")
    with pytest.raises(AmphisError, match=r"\$\.payload must be a value with a kind"):
        message_from_proto(envelope)
    assert isinstance(envelope, envelope_pb2.Envelope)


@pytest.mark.parametrize(
    "call",
    [
        CallBody(function="m:f"),
        CallBody(
            function="numpy.linalg:norm",
            args=[[3, 4], REFERENCE],
            kwargs={"ord": 2, "where": REFERENCE},
            ttl_ms=250,
            idempotent=True,
            stream=False,
        ),
    ],
)
def test_a_call_comes_back_values_in_place_and_references_alike(call: CallBody) -> None:
    back = execute_request_from_proto(execute_request_to_proto(call))
    assert (list(back.args), dict(back.kwargs)) == (list(call.args), dict(call.kwargs))
    assert (back.function, back.ttl_ms) == (call.function, call.ttl_ms)
    assert (back.idempotent, back.stream) == (call.idempotent, call.stream)


def test_a_call_of_another_shape_is_refused_with_its_path() -> None:
    with pytest.raises(AmphisError, match=r"\$\.function must be a name"):
        execute_request_from_proto(execute_pb2.ExecuteRequest())
    request = execute_pb2.ExecuteRequest(function="f", args=[execute_pb2.Parameter()])
    with pytest.raises(AmphisError, match=r"\$\.args\[0\] must be a value or a reference"):
        execute_request_from_proto(request)


def test_a_call_is_answered_by_a_result_or_an_error() -> None:
    assert execute_response_from_proto(execute_response_to_proto(ResultBody(5))) == ResultBody(5)
    failed = execute_response_from_proto(execute_response_to_proto(ERROR))
    assert isinstance(failed, AmphisError)
    assert failed.context == {"expected": 1, "actual": 2}
    with pytest.raises(AmphisError, match="must be a result or an error"):
        execute_response_from_proto(execute_pb2.ExecuteResponse())


@pytest.mark.parametrize(
    "element",
    [
        ItemBody(0, {"a": [1]}),
        ItemBody(1, REFERENCE),
        ChunkBody(2, b"\x01\x02", last=False),
        ChunkBody(2, b"", last=True),
        EndBody(2**53 - 1),
    ],
)
def test_a_stream_element_comes_back(element: StreamElement) -> None:
    assert stream_element_from_proto(stream_element_to_proto(element)) == element


def test_a_stream_element_may_be_an_error_and_must_be_something() -> None:
    back = stream_element_from_proto(stream_element_to_proto(StreamErrorBody(3, ERROR)))
    assert isinstance(back, StreamErrorBody)
    assert isinstance(back.error, AmphisError)
    assert back.error.code is ErrorCode.SEQUENCE_BROKEN
    with pytest.raises(AmphisError, match="must be an item, a chunk, the end or an error"):
        stream_element_from_proto(stream_pb2.StreamElement())
    with pytest.raises(AmphisError, match=r"\$\.sequence must be an int"):
        stream_element_from_proto(stream_pb2.StreamElement(sequence=2**63))


def test_an_error_keeps_context_causes_origin_and_correlation_id() -> None:
    outer = AmphisError(
        ErrorCode.BODY_INVALID,
        "Cannot read call: $ must be a list",
        {"body": "call", "path": "$", "expected": "a list"},
        cause=TypeError("x"),
        correlation_id="c",
    )
    back = error_from_proto(error_to_proto(outer))
    assert (back.code, back.context["path"], back.correlation_id) == (outer.code, "$", "c")
    assert isinstance(back.__cause__, AmphisError)
    assert back.__cause__.origin is not None
    assert back.__cause__.origin["type"] == "TypeError"
    with pytest.raises(AmphisError, match=r"\$\.cause\.code must be a code"):
        error_from_proto(error_pb2.WireError(code="X", cause=error_pb2.WireError()))


def test_a_reference_comes_back_with_keys_of_a_newer_peer() -> None:
    message = reference_to_proto(REFERENCE)
    assert reference_from_proto(message) == REFERENCE
    message.token = b"short"
    with pytest.raises(AmphisError, match=r"\$\.token must be 32 bytes"):
        reference_from_proto(message)


def test_a_hello_comes_back_and_is_held_to_the_rules_of_hellos() -> None:
    hello = Hello(product="amphis 0.1.0", versions=(1, 2), capabilities=("shared-memory",))
    message = hello_to_proto(hello)
    assert hello_from_proto(message) == hello
    message.lowest_version = 3
    with pytest.raises(AmphisError) as caught:
        hello_from_proto(message)
    assert caught.value.context["path"] == "$.versions[1]"
