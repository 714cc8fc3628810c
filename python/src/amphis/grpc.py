"""Protocol Buffers form of what Amphis speaks, for gRPC peers; needs the extra `amphis[grpc]`.

Every `…_to_proto` makes a generated message of the records of `amphis`; every `…_from_proto` reads
one, which may have come from anyone, and raises `AmphisError` for what breaks the protocol.
"""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from amphis._internal._generated.proto import (
    envelope_pb2,
    error_pb2,
    execute_pb2,
    hello_pb2,
    reference_pb2,
    stream_pb2,
    value_pb2,
)
from amphis._internal.codec.refusal import decode_failed
from amphis._internal.proto.calls import (
    ChunkBody,
    StreamElement,
    StreamErrorBody,
    execute_request_from_proto,
    execute_request_to_proto,
    execute_response_from_proto,
    execute_response_to_proto,
    stream_element_from_proto,
    stream_element_to_proto,
)
from amphis._internal.proto.messages import (
    error_from_proto,
    error_to_proto,
    hello_from_proto,
    hello_to_proto,
    message_from_proto,
    message_to_proto,
    reference_from_proto,
    reference_to_proto,
)
from amphis._internal.proto.read_value import read_value
from amphis._internal.proto.reading import reading
from amphis._internal.proto.write_value import write_value, writing

__all__ = [
    "ChunkBody",
    "StreamElement",
    "StreamErrorBody",
    "decode_proto",
    "envelope_pb2",
    "error_from_proto",
    "error_pb2",
    "error_to_proto",
    "execute_pb2",
    "execute_request_from_proto",
    "execute_request_to_proto",
    "execute_response_from_proto",
    "execute_response_to_proto",
    "hello_from_proto",
    "hello_pb2",
    "hello_to_proto",
    "message_from_proto",
    "message_to_proto",
    "reference_from_proto",
    "reference_pb2",
    "reference_to_proto",
    "stream_element_from_proto",
    "stream_element_to_proto",
    "stream_pb2",
    "value_from_proto",
    "value_pb2",
    "value_to_proto",
]

M = TypeVar("M", bound=Message)


def decode_proto(kind: type[M], data: bytes) -> M:
    """Read a message from bytes that may have come from anyone.

    Raises:
        AmphisError: DECODE_FAILED
    """
    message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise decode_failed("protobuf", 0, str(error)) from None
    return message


def value_to_proto(value: object) -> value_pb2.Value:
    """Return a value as its message.

    Raises:
        AmphisError: VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED
    """
    out = value_pb2.Value()
    with writing():
        write_value(out, value)
    return out


def value_from_proto(message: value_pb2.Value) -> object:
    """Return the value of a message.

    Raises:
        AmphisError: BODY_INVALID with the path, DEPTH_EXCEEDED
    """
    with reading("value"):
        return read_value(message)
