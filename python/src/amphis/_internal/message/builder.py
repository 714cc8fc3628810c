"""A message built step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from amphis._internal.message.message import Message, MessageFields, MessageType, make_message

if TYPE_CHECKING:
    from uuid import UUID

    from amphis._internal.priority import Priority

T = TypeVar("T")
U = TypeVar("U")


class MessageBuilder(Generic[T]):
    """Collects fields; each step returns a new builder, so one can be kept as a template.

    `MessageBuilder.of(MessageType.REQUEST).to("images").ttl_ms(250).payload([640]).build()`
    """

    __slots__ = ("_chosen", "_payload")

    def __init__(self, payload: T, chosen: MessageFields) -> None:
        self._payload = payload
        self._chosen = chosen

    @staticmethod
    def of(type_: MessageType) -> MessageBuilder[None]:
        """Begin a message without payload."""
        return MessageBuilder(None, {"type": type_})

    def to(self, target: str) -> MessageBuilder[T]:
        """Set the endpoint, pattern or topic that it is for."""
        return self._with({"target": target})

    def from_(self, source: str) -> MessageBuilder[T]:
        """Set the endpoint that makes it."""
        return self._with({"source": source})

    def priority(self, priority: Priority) -> MessageBuilder[T]:
        """Set how urgent it is."""
        return self._with({"priority": priority})

    def ttl_ms(self, ttl_ms: int | None) -> MessageBuilder[T]:
        """Set how long it is worth delivering, counted from `build`."""
        return self._with({"ttl_ms": ttl_ms})

    def id(self, id_: UUID) -> MessageBuilder[T]:
        """Set the identifier, which is otherwise made by `build`."""
        return self._with({"id": id_})

    def answering(self, message: Message[Any]) -> MessageBuilder[T]:
        """Set the message that it answers."""
        return self._with({"correlation_id": message.id})

    def timestamp(self, timestamp: int) -> MessageBuilder[T]:
        """Set when it was made, in milliseconds since 1970."""
        return self._with({"timestamp": timestamp})

    def schema(self, schema: str, version: int = 1) -> MessageBuilder[T]:
        """Set the contract of the payload."""
        return self._with({"schema": schema, "version": version})

    def metadata(self, key: str, value: object) -> MessageBuilder[T]:
        """Add one entry to the metadata."""
        return self._with({"metadata": {**self._chosen.get("metadata", {}), key: value}})

    def payload(self, payload: U) -> MessageBuilder[U]:
        """Set the payload."""
        return MessageBuilder(payload, self._chosen)

    def build(self, *, now_ns: int | None = None) -> Message[T]:
        """Make the message.

        Raises:
            AmphisError: MESSAGE_INVALID naming the field that is wrong
        """
        return make_message(self._payload, now_ns, self._chosen)

    def _with(self, changes: MessageFields) -> MessageBuilder[T]:
        chosen = self._chosen.copy()
        chosen.update(changes)
        return MessageBuilder(self._payload, chosen)
