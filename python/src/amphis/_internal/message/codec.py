"""Messages to bytes and back, in the codec that configuration or a hello names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from amphis._internal.codec.codec import Bytes, Codec
    from amphis._internal.message.message import Message, MessageType
    from amphis._internal.priority import Priority


class MessageHead(NamedTuple):
    """What a router needs to know of a message, read without touching its body."""

    type: MessageType
    priority: Priority
    ttl_ms: int | None
    target: str


class MessageCodec(Protocol):
    """Turns messages into bytes and back, in one codec. It holds no state of a message.

    `now_ns` is the monotonic clock: what is written is the TTL that is left, and a TTL that
    arrives counts from now.
    """

    @property
    def name(self) -> str:
        """`msgpack`, `compact` or `json`."""

    def encode(self, message: Message[Any], *, now_ns: int | None = None) -> bytes:
        """Encode a message.

        Raises:
            AmphisError: VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE or DEPTH_EXCEEDED for payload or
                metadata
        """

    def decode(self, data: Bytes, *, now_ns: int | None = None) -> Message[Any]:
        """Decode a message.

        Raises:
            AmphisError: DECODE_FAILED, DEPTH_EXCEEDED, EXTENSION_UNKNOWN or MESSAGE_INVALID
        """

    def peek(self, data: Bytes) -> MessageHead:
        """Read the first fields only; in `json` that still parses the whole text."""


class PayloadContracts(Protocol):
    """Where the compact codec finds the layout of a payload; a schema registry is one."""

    def payload_codec(self, schema: str, version: int) -> Codec | None:
        """The codec of a contract; None when it is not known, the payload then describes itself."""
