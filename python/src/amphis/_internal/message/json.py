"""A message as JSON for people: named fields, those with their default left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes
from amphis._internal.codec.json_text.codec import JsonCodec
from amphis._internal.codec.text import parse_uuid
from amphis._internal.message.check import invalid
from amphis._internal.message.codec import MessageHead
from amphis._internal.message.message import Message
from amphis._internal.message.wire import (
    int_of,
    map_of,
    priority_named,
    text_of,
    type_named,
)
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from uuid import UUID


class JsonMessageCodec:
    """Messages in JSON."""

    __slots__ = ("_codec",)
    name = "json"

    def __init__(self, *, max_depth: int = DEFAULT_MAX_DEPTH) -> None:
        # One more level than payload and metadata have: the message itself.
        self._codec = JsonCodec(max_depth + 1)

    def encode(self, message: Message[Any], *, now_ns: int | None = None) -> bytes:
        """Encode a message; see `MessageCodec`."""
        is_normal = message.priority is Priority.NORMAL
        answered = message.correlation_id
        fields: dict[str, object] = {
            "type": message.type.name.lower(),
            "priority": None if is_normal else message.priority.name.lower(),
            "ttlMs": message.remaining_ms(now_ns),
            "target": message.target or None,
            "id": str(message.id),
            "correlationId": None if answered is None else str(answered),
            "source": message.source or None,
            "timestamp": message.timestamp,
            "schema": message.schema,
            "version": None if message.version == 1 else message.version,
            "metadata": dict(message.metadata) or None,
        }
        present = {name: value for name, value in fields.items() if value is not None}
        return self._codec.encode({**present, "payload": message.payload})

    def decode(self, data: Bytes, *, now_ns: int | None = None) -> Message[Any]:
        """Decode a message; see `MessageCodec`."""
        fields = self._codec.decode(data)
        if not isinstance(fields, dict):
            raise invalid("message", "a map", fields)
        for name in ("type", "id", "timestamp", "payload"):
            if name not in fields:
                raise invalid(name, "there")
        return Message(
            type=type_named(fields["type"]),
            priority=priority_named(fields.get("priority", "normal")),
            ttl_ms=int_of("ttl_ms", fields["ttlMs"]) if "ttlMs" in fields else None,
            target=text_of("target", fields.get("target", "")),
            id=_uuid("id", fields["id"]),
            correlation_id=(
                _uuid("correlation_id", fields["correlationId"])
                if "correlationId" in fields
                else None
            ),
            source=text_of("source", fields.get("source", "")),
            timestamp=int_of("timestamp", fields["timestamp"]),
            schema=text_of("schema", fields["schema"]) if "schema" in fields else None,
            version=int_of("version", fields.get("version", 1)),
            metadata=map_of(fields.get("metadata", {})),
            payload=fields["payload"],
            now_ns=now_ns,
        )

    def peek(self, data: Bytes) -> MessageHead:
        """Read the head; see `MessageCodec`."""
        message = self.decode(data)
        return MessageHead(message.type, message.priority, message.ttl_ms, message.target)


def _uuid(field: str, text: object) -> UUID:
    if not isinstance(text, str):
        raise invalid(field, "a UUID in lower case", text)
    try:
        return parse_uuid(text)
    except ValueError:
        raise invalid(field, "a UUID in lower case", text) from None
