"""Envelope, hello, error and reference."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from amphis._internal._generated.proto import envelope_pb2, error_pb2, hello_pb2, reference_pb2
from amphis._internal.bodies.reference import Reference
from amphis._internal.error_wire import MAX_CAUSES, decode_error, encode_error
from amphis._internal.hello import Hello
from amphis._internal.message.message import Message, MessageType
from amphis._internal.priority import Priority
from amphis._internal.proto.read_value import read_record, read_value
from amphis._internal.proto.reading import WrongShapeError, at, reading, safe
from amphis._internal.proto.write_value import text_of, write_map, write_value, writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amphis._internal.errors import AmphisError

_UUID_BYTES = 16
_TOKEN_BYTES = 32
# In the enums 0 means that nothing was said, so the numbers of the protocol move up by one.
_SHIFT = 1


def message_to_proto(message: Message[object]) -> envelope_pb2.Envelope:
    """Return a message as its envelope; the TTL is what is left of it now.

    Raises:
        AmphisError: VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED
    """
    out = envelope_pb2.Envelope(
        type=envelope_pb2.MessageType.Name(message.type + _SHIFT),
        priority=envelope_pb2.Priority.Name(message.priority + _SHIFT),
        ttl_ms=message.remaining_ms(),
        target=message.target,
        id=message.id.bytes,
        correlation_id=None if message.correlation_id is None else message.correlation_id.bytes,
        source=message.source,
        timestamp_ms=message.timestamp,
        schema=message.schema,
        version=message.version,
    )
    with writing():
        write_map(out.metadata, message.metadata)
        write_value(out.payload, message.payload)
    return out


def message_from_proto(envelope: envelope_pb2.Envelope) -> Message[object]:
    """Return the message of an envelope, which may have come from anyone.

    Raises:
        AmphisError: MESSAGE_INVALID naming the field, BODY_INVALID with the path, DEPTH_EXCEEDED
    """
    with reading("envelope"):
        with at(".type"):
            kind = _message_type(envelope.type)
        with at(".priority"):
            priority = _priority(envelope.priority)
        with at(".ttl_ms"):
            ttl_ms = safe(envelope.ttl_ms) if envelope.HasField("ttl_ms") else None
        with at(".id"):
            own_id = _uuid(envelope.id)
        with at(".correlation_id"):
            has_correlation = envelope.HasField("correlation_id")
            correlation_id = _uuid(envelope.correlation_id) if has_correlation else None
        with at(".timestamp_ms"):
            timestamp = safe(envelope.timestamp_ms)
        with at(".metadata"):
            metadata = read_record(envelope.metadata)
        with at(".payload"):
            payload = read_value(envelope.payload)
    return Message(
        type=kind,
        payload=payload,
        target=envelope.target,
        source=envelope.source,
        priority=priority,
        ttl_ms=ttl_ms,
        id=own_id,
        correlation_id=correlation_id,
        timestamp=timestamp,
        schema=envelope.schema if envelope.HasField("schema") else None,
        version=envelope.version or 1,
        metadata=metadata,
    )


def _message_type(number: int) -> MessageType:
    try:
        return MessageType(number - _SHIFT)
    except ValueError:
        raise WrongShapeError("a type") from None


def _priority(number: int) -> Priority:
    if number == envelope_pb2.PRIORITY_UNSPECIFIED:
        return Priority.NORMAL
    try:
        return Priority(number - _SHIFT)
    except ValueError:
        raise WrongShapeError("a priority") from None


def _uuid(data: bytes) -> UUID:
    if len(data) != _UUID_BYTES:
        raise WrongShapeError(f"{_UUID_BYTES} bytes")
    return UUID(bytes=data)


def hello_to_proto(hello: Hello) -> hello_pb2.Hello:
    """Return a hello as its message.

    Raises:
        AmphisError: BODY_INVALID for a hello that a peer would refuse
    """
    hello.encode()
    return hello_pb2.Hello(
        product=hello.product,
        lowest_version=hello.versions[0],
        highest_version=hello.versions[1],
        codecs=hello.codecs,
        max_frame_bytes=hello.max_frame_bytes,
        max_depth=hello.max_depth,
        capabilities=hello.capabilities,
    )


def hello_from_proto(message: hello_pb2.Hello) -> Hello:
    """Return the hello of a message. It is held to the rules of its own encoding.

    Raises:
        AmphisError: BODY_INVALID, FRAME_TOO_LARGE above 64 KiB
    """
    hello = Hello(
        product=message.product,
        versions=(message.lowest_version, message.highest_version),
        codecs=tuple(message.codecs),
        max_frame_bytes=message.max_frame_bytes,
        max_depth=message.max_depth,
        capabilities=tuple(message.capabilities),
    )
    return Hello.decode(hello.encode())


def error_to_proto(error: BaseException) -> error_pb2.WireError:
    """Return any exception as its message; others than Amphis's own become REMOTE_FAILURE."""
    out = error_pb2.WireError()
    with writing():
        _write_error(out, encode_error(error))
    return out


def _write_error(out: error_pb2.WireError, wire: Mapping[str, object]) -> None:
    for name in ("code", "number", "category", "message", "retryable"):
        setattr(out, name, wire[name])
    write_map(out.context, _mapping(wire["context"]))
    if "correlationId" in wire:
        out.correlation_id = text_of(str(wire["correlationId"]))
    if "origin" in wire:
        out.origin.SetInParent()
        for name, text in _mapping(wire["origin"]).items():
            if name in ("language", "type", "traceback"):
                setattr(out.origin, name, text_of(str(text)))
    if "cause" in wire:
        _write_error(out.cause, _mapping(wire["cause"]))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def error_from_proto(message: error_pb2.WireError) -> AmphisError:
    """Return the error that a peer sent.

    Raises:
        AmphisError: BODY_INVALID
    """
    with reading("error"):
        return read_error(message)


def read_error(message: error_pb2.WireError) -> AmphisError:
    """Read an error that stands inside another message."""
    return decode_error(_wire_form(message, 0))


def _wire_form(message: error_pb2.WireError, depth: int) -> dict[str, object]:
    if message.code == "":
        with at(".code"):
            raise WrongShapeError("a code")
    wire: dict[str, object] = {
        name: getattr(message, name)
        for name in ("code", "number", "category", "message", "retryable")
    }
    with at(".context"):
        wire["context"] = read_record(message.context)
    if message.HasField("correlation_id"):
        wire["correlationId"] = message.correlation_id
    if message.HasField("origin"):
        wire["origin"] = {field.name: text for field, text in message.origin.ListFields()}
    if message.HasField("cause") and depth < MAX_CAUSES:
        with at(".cause"):
            wire["cause"] = _wire_form(message.cause, depth + 1)
    return wire


def reference_to_proto(reference: Reference) -> reference_pb2.SharedMemoryReference:
    """Return a reference as its message.

    Raises:
        AmphisError: VALUE_UNSUPPORTED when the descriptor holds what is no value
    """
    out = reference_pb2.SharedMemoryReference()
    with writing():
        write_reference(out, reference)
    return out


def write_reference(out: reference_pb2.SharedMemoryReference, reference: Reference) -> None:
    """Fill a message."""
    for name in ("arena", "generation", "offset", "byte_length", "holder", "token"):
        setattr(out, name, getattr(reference, name))
    out.expires_at_ms = reference.expires_at
    write_map(out.descriptor, reference.descriptor)


def reference_from_proto(message: reference_pb2.SharedMemoryReference) -> Reference:
    """Return the reference of a message. Whether its token is good is another question.

    Raises:
        AmphisError: BODY_INVALID
    """
    with reading("reference"):
        return read_reference(message)


def read_reference(message: reference_pb2.SharedMemoryReference) -> Reference:
    """Read a reference that stands inside another message."""
    sizes: dict[str, int] = {}
    for name in ("arena", "offset", "byte_length", "holder", "expires_at_ms"):
        with at(f".{name}"):
            sizes[name] = safe(getattr(message, name))
    with at(".token"):
        if len(message.token) != _TOKEN_BYTES:
            raise WrongShapeError(f"{_TOKEN_BYTES} bytes")
    with at(".descriptor"):
        descriptor = read_record(message.descriptor)
        _check_descriptor(descriptor)
    return Reference(
        arena=sizes["arena"],
        generation=message.generation,
        offset=sizes["offset"],
        byte_length=sizes["byte_length"],
        holder=sizes["holder"],
        expires_at=sizes["expires_at_ms"],
        descriptor=descriptor,
        token=message.token,
    )


def _check_descriptor(descriptor: dict[str, object]) -> None:
    for name in ("dtype", "format"):
        if not isinstance(descriptor.get(name), (str, type(None))):
            with at(f".{name}"):
                raise WrongShapeError("a string")
    for name in ("shape", "strides"):
        numbers = descriptor.get(name)
        if numbers is not None and not _are_ints(numbers, negative=name == "strides"):
            with at(f".{name}"):
                raise WrongShapeError("a list of ints")


def _are_ints(numbers: object, *, negative: bool) -> bool:
    return isinstance(numbers, list) and all(
        isinstance(number, int) and not isinstance(number, bool) and (negative or number >= 0)
        for number in numbers
    )
