"""Execute requests, their answers and the elements of streams.

A parameter or a result that is a `Reference` travels as one; everything else travels as a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from amphis._internal._generated.proto import execute_pb2, stream_pb2
from amphis._internal.bodies.call import CallBody, ResultBody
from amphis._internal.bodies.reference import Reference
from amphis._internal.bodies.stream import EndBody, ItemBody
from amphis._internal.proto.messages import (
    error_to_proto,
    read_error,
    read_reference,
    write_reference,
)
from amphis._internal.proto.read_value import read_value
from amphis._internal.proto.reading import WrongShapeError, at, reading, safe
from amphis._internal.proto.write_value import text_of, write_value, writing

if TYPE_CHECKING:
    from amphis._internal.errors import AmphisError


@dataclass(frozen=True, slots=True)
class ChunkBody:
    """A part of the MessagePack encoding of an item that is too large for one element."""

    sequence: int
    data: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class StreamErrorBody:
    """The error that ended a stream."""

    sequence: int
    error: BaseException


StreamElement: TypeAlias = ItemBody | ChunkBody | EndBody | StreamErrorBody


def execute_request_to_proto(call: CallBody) -> execute_pb2.ExecuteRequest:
    """Return a call as its message.

    Raises:
        AmphisError: VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED
    """
    with writing():
        out = execute_pb2.ExecuteRequest(
            function=text_of(call.function),
            ttl_ms=call.ttl_ms,
            idempotent=call.idempotent,
            stream=call.stream,
        )
        for parameter in call.args:
            _write_parameter(out.args.add(), parameter)
        for name, parameter in call.kwargs.items():
            _write_parameter(out.kwargs.add(name=text_of(name)).parameter, parameter)
    return out


def execute_request_from_proto(message: execute_pb2.ExecuteRequest) -> CallBody:
    """Return the call of a message.

    Raises:
        AmphisError: BODY_INVALID with the path, DEPTH_EXCEEDED
    """
    with reading("execute request"):
        if message.function == "":
            with at(".function"):
                raise WrongShapeError("a name")
        args: list[object] = []
        for index, parameter in enumerate(message.args):
            with at(f".args[{index}]"):
                args.append(_read_parameter(parameter))
        kwargs: dict[str, object] = {}
        for index, named in enumerate(message.kwargs):
            with at(f".kwargs[{index}]"):
                kwargs[named.name] = _read_parameter(named.parameter)
        with at(".ttl_ms"):
            ttl_ms = safe(message.ttl_ms) if message.HasField("ttl_ms") else None
    return CallBody(
        function=message.function,
        args=args,
        kwargs=kwargs,
        ttl_ms=ttl_ms,
        idempotent=message.idempotent if message.HasField("idempotent") else None,
        stream=message.stream if message.HasField("stream") else None,
    )


def execute_response_to_proto(outcome: ResultBody | BaseException) -> execute_pb2.ExecuteResponse:
    """Return a result, or the exception that came instead, as its message.

    Raises:
        AmphisError: VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED
    """
    out = execute_pb2.ExecuteResponse()
    if isinstance(outcome, ResultBody):
        with writing():
            _write_parameter(out.result, outcome.value)
    else:
        out.error.CopyFrom(error_to_proto(outcome))
    return out


def execute_response_from_proto(message: execute_pb2.ExecuteResponse) -> ResultBody | AmphisError:
    """Return the result of a message, or the error that came instead.

    Raises:
        AmphisError: BODY_INVALID with the path, DEPTH_EXCEEDED
    """
    with reading("execute response"):
        outcome = message.WhichOneof("outcome")
        if outcome == "result":
            with at(".result"):
                return ResultBody(_read_parameter(message.result))
        if outcome == "error":
            with at(".error"):
                return read_error(message.error)
        raise WrongShapeError("a result or an error")


def stream_element_to_proto(element: StreamElement) -> stream_pb2.StreamElement:
    """Return an element of a stream as its message.

    Raises:
        AmphisError: VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED
    """
    out = stream_pb2.StreamElement(sequence=element.sequence)
    if isinstance(element, ItemBody):
        with writing():
            _write_parameter(out.item, element.value)
    elif isinstance(element, ChunkBody):
        out.chunk.data = element.data
        out.chunk.last = element.last
    elif isinstance(element, EndBody):
        out.end.SetInParent()
    else:
        out.error.CopyFrom(error_to_proto(element.error))
    return out


def stream_element_from_proto(message: stream_pb2.StreamElement) -> StreamElement:
    """Return the element of a message.

    Raises:
        AmphisError: BODY_INVALID with the path, DEPTH_EXCEEDED
    """
    with reading("stream element"):
        with at(".sequence"):
            sequence = safe(message.sequence)
        content = message.WhichOneof("content")
        if content == "item":
            with at(".item"):
                return ItemBody(sequence, _read_parameter(message.item))
        if content == "chunk":
            return ChunkBody(sequence, message.chunk.data, message.chunk.last)
        if content == "end":
            return EndBody(sequence)
        if content == "error":
            with at(".error"):
                return StreamErrorBody(sequence, read_error(message.error))
        raise WrongShapeError("an item, a chunk, the end or an error")


def _write_parameter(out: execute_pb2.Parameter, parameter: object) -> None:
    if isinstance(parameter, Reference):
        write_reference(out.reference, parameter)
    else:
        write_value(out.value, parameter)


def _read_parameter(message: execute_pb2.Parameter) -> object:
    place = message.WhichOneof("place")
    if place == "value":
        return read_value(message.value)
    if place == "reference":
        return read_reference(message.reference)
    raise WrongShapeError("a value or a reference")
