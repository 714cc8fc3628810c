"""A message as a MessagePack array of twelve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes
from amphis._internal.codec.msgpack.codec import MsgpackCodec
from amphis._internal.codec.refusal import decode_failed
from amphis._internal.message import peek_msgpack
from amphis._internal.message.message import Message
from amphis._internal.message.wire import (
    int_of,
    map_of,
    optional_int_of,
    optional_text_of,
    optional_uuid_of,
    priority_of,
    text_of,
    type_of,
    uuid_of,
)

if TYPE_CHECKING:
    from amphis._internal.message.codec import MessageHead

# What routing needs stands first: type, priority, ttl, target, id, correlation id, source,
# timestamp, schema, version, metadata, payload.
FIELD_COUNT = 12


class MsgpackMessageCodec:
    """Messages in MessagePack."""

    __slots__ = ("_codec",)
    name = "msgpack"

    def __init__(self, *, max_depth: int = DEFAULT_MAX_DEPTH) -> None:
        # One more level than payload and metadata have: the array itself.
        self._codec = MsgpackCodec(max_depth + 1)

    def encode(self, message: Message[Any], *, now_ns: int | None = None) -> bytes:
        """Encode a message; see `MessageCodec`."""
        answered = message.correlation_id
        return self._codec.encode(
            [
                int(message.type),
                int(message.priority),
                message.remaining_ms(now_ns),
                message.target,
                message.id.bytes,
                None if answered is None else answered.bytes,
                message.source,
                message.timestamp,
                message.schema,
                message.version,
                dict(message.metadata),
                message.payload,
            ]
        )

    def decode(self, data: Bytes, *, now_ns: int | None = None) -> Message[Any]:
        """Decode a message; see `MessageCodec`."""
        fields = self._codec.decode(data)
        if not isinstance(fields, list) or len(fields) < FIELD_COUNT:
            raise decode_failed(self.name, 0, f"a message is an array of {FIELD_COUNT}")
        return Message(
            type=type_of(fields[0]),
            priority=priority_of(fields[1]),
            ttl_ms=optional_int_of("ttl_ms", fields[2]),
            target=text_of("target", fields[3]),
            id=uuid_of("id", fields[4]),
            correlation_id=optional_uuid_of("correlation_id", fields[5]),
            source=text_of("source", fields[6]),
            timestamp=int_of("timestamp", fields[7]),
            schema=optional_text_of("schema", fields[8]),
            version=int_of("version", fields[9]),
            metadata=map_of(fields[10]),
            payload=fields[11],
            now_ns=now_ns,
        )

    def peek(self, data: Bytes) -> MessageHead:
        """Read the first fields only; see `MessageCodec`."""
        return peek_msgpack.peek(data)
