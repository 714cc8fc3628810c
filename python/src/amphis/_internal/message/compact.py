"""A message in the compact layout: a struct of fields, then the payload."""

from __future__ import annotations

from typing import Any, NoReturn

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, Codec
from amphis._internal.codec.compact.codec import compact, compact_for
from amphis._internal.codec.refusal import decode_failed
from amphis._internal.errors import AmphisError
from amphis._internal.message.codec import MessageHead, PayloadContracts
from amphis._internal.message.message import Message
from amphis._internal.message.wire import (
    PRIORITY_NAMES,
    TYPE_NAMES,
    int_of,
    map_of,
    optional_int_of,
    optional_text_of,
    optional_uuid_of,
    priority_named,
    text_of,
    type_named,
    uuid_of,
)

_UUID = {"x-amphis": "bytes", "minItems": 16, "maxItems": 16}
_HEAD = {
    "type": {"enum": list(TYPE_NAMES)},
    "priority": {"enum": list(PRIORITY_NAMES)},
    "ttlMs": {"x-amphis": "u64"},
    "target": {"type": "string"},
}
_HEAD_SCHEMA = {"type": "object", "properties": _HEAD, "required": ["type", "priority", "target"]}
# Everything before the payload; what routing needs stands first.
_FIELDS_SCHEMA = {
    "type": "object",
    "properties": {
        **_HEAD,
        "id": _UUID,
        "correlationId": _UUID,
        "source": {"type": "string"},
        "timestamp": {"x-amphis": "u64"},
        "schema": {"type": "string"},
        "version": {"x-amphis": "u32"},
        "metadata": {"type": "object", "additionalProperties": {"x-amphis": "value"}},
    },
    "required": [
        "type",
        "priority",
        "target",
        "id",
        "source",
        "timestamp",
        "version",
        "metadata",
    ],
}
_DESCRIBES_ITSELF, _BY_CONTRACT = 0, 1
_VARIANT = (b"\x00", b"\x01")


class CompactMessageCodec:
    """Messages in the compact layout."""

    __slots__ = ("_bytes", "_contracts", "_fields", "_head", "_value")
    name = "compact"

    def __init__(
        self,
        *,
        max_depth: int = DEFAULT_MAX_DEPTH,
        contracts: PayloadContracts | None = None,
    ) -> None:
        # One more level than the metadata has: the struct itself.
        self._fields = compact_for(_FIELDS_SCHEMA, max_depth=max_depth + 1)
        self._head = compact_for(_HEAD_SCHEMA)
        self._value = compact(max_depth=max_depth)
        self._bytes = compact_for({"x-amphis": "bytes"})
        self._contracts = contracts

    def encode(self, message: Message[Any], *, now_ns: int | None = None) -> bytes:
        """Encode a message, the payload in the layout of its contract; see `MessageCodec`."""
        contract = self._contract(message.schema, message.version)
        if contract is None:
            payload = _VARIANT[_DESCRIBES_ITSELF] + self._value.encode(message.payload)
        else:
            encoded = contract.encode(message.payload)
            payload = _VARIANT[_BY_CONTRACT] + self._bytes.encode(encoded)
        return self._fields.encode(_fields_of(message, now_ns)) + payload

    def decode(self, data: Bytes, *, now_ns: int | None = None) -> Message[Any]:
        """Decode a message; see `MessageCodec`.

        Raises:
            AmphisError: SCHEMA_UNKNOWN too, for a payload in the layout of an unknown contract
        """
        raw = bytes(data)
        fields, end = self._fields.decode_prefix(raw)
        if not isinstance(fields, dict):
            raise decode_failed(self.name, 0, "a message is a struct")
        schema = optional_text_of("schema", fields.get("schema"))
        version = int_of("version", fields["version"])
        return Message(
            type=type_named(fields["type"]),
            priority=priority_named(fields["priority"]),
            ttl_ms=optional_int_of("ttl_ms", fields.get("ttlMs")),
            target=text_of("target", fields["target"]),
            id=uuid_of("id", fields["id"]),
            correlation_id=optional_uuid_of("correlation_id", fields.get("correlationId")),
            source=text_of("source", fields["source"]),
            timestamp=int_of("timestamp", fields["timestamp"]),
            schema=schema,
            version=version,
            metadata=map_of(fields["metadata"]),
            payload=self._payload(raw, end, schema, version),
            now_ns=now_ns,
        )

    def peek(self, data: Bytes) -> MessageHead:
        """Read the first fields only; see `MessageCodec`."""
        head, _ = self._head.decode_prefix(bytes(data[:_MOST_HEAD_BYTES]))
        if not isinstance(head, dict):
            raise decode_failed(self.name, 0, "a message is a struct")
        return MessageHead(
            type_named(head["type"]),
            priority_named(head["priority"]),
            optional_int_of("ttl_ms", head.get("ttlMs")),
            text_of("target", head["target"]),
        )

    def _payload(self, raw: bytes, at: int, schema: str | None, version: int) -> object:
        variant = raw[at] if at < len(raw) else -1
        if variant == _DESCRIBES_ITSELF:
            return self._value.decode(memoryview(raw)[at + 1 :])
        if variant != _BY_CONTRACT:
            raise decode_failed(
                self.name, at, "the payload is neither a value nor encoded by its contract"
            )
        encoded = self._bytes.decode(memoryview(raw)[at + 1 :])
        contract = self._contract(schema, version)
        if contract is None:
            _raise_unknown(schema or "", version)
        return contract.decode(encoded if isinstance(encoded, bytes) else b"")

    def _contract(self, schema: str | None, version: int) -> Codec | None:
        if schema is None or self._contracts is None:
            return None
        return self._contracts.payload_codec(schema, version)


# Type, priority, ttl and a target of 1,024 bytes fit; longer targets are refused.
_MOST_HEAD_BYTES = 1_100


def _fields_of(message: Message[Any], now_ns: int | None) -> dict[str, object]:
    answered = message.correlation_id
    fields = {
        "type": message.type.name.lower(),
        "priority": message.priority.name.lower(),
        "ttlMs": message.remaining_ms(now_ns),
        "target": message.target,
        "id": message.id.bytes,
        "correlationId": None if answered is None else answered.bytes,
        "source": message.source,
        "timestamp": message.timestamp,
        "schema": message.schema,
        "version": message.version,
        "metadata": dict(message.metadata),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _raise_unknown(schema: str, version: int) -> NoReturn:
    raise AmphisError(
        ErrorCode.SCHEMA_UNKNOWN,
        f"Cannot decode message: the layout of its payload, {schema!r} version {version}, "
        "is not registered",
        {"schema": schema, "version": version, "known": []},
    )
