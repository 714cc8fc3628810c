"""A message: a payload and what is needed to route, order, expire and understand it."""

from __future__ import annotations

import time
from dataclasses import InitVar, dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypedDict, TypeVar

from amphis._internal.message.check import (
    MAX_SAFE,
    MAX_VERSION,
    check_int,
    check_metadata,
    check_name,
    check_uuid,
    invalid,
)
from amphis._internal.message.uuid7 import uuid7
from amphis._internal.printing.message import format_message
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from typing_extensions import Unpack

T = TypeVar("T")
U = TypeVar("U")

_NS_PER_MS = 1_000_000
_NO_METADATA: Mapping[str, object] = MappingProxyType({})


class MessageType(IntEnum):
    """What a message is for; the number is the one on the wire."""

    REQUEST = 0
    RESPONSE = 1
    EVENT = 2
    ERROR = 3
    HEARTBEAT = 4


class MessageFields(TypedDict, total=False):
    """The fields of a message that a copy or a reply may change, apart from the payload."""

    type: MessageType
    target: str
    source: str
    priority: Priority
    ttl_ms: int | None
    id: UUID
    correlation_id: UUID | None
    timestamp: int
    schema: str | None
    version: int
    metadata: Mapping[str, object]


def _wall_ms() -> int:
    return time.time_ns() // _NS_PER_MS


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Message(Generic[T]):
    """An immutable message.

    Time: `ttl_ms` is relative, as it travels; `deadline_ns` is what it means in this process, on
    `time.monotonic_ns`. Clocks of two machines are never compared.

    Args:
        now_ns: what the monotonic clock shows, where that is not the clock of this process

    Raises:
        AmphisError: MESSAGE_INVALID naming the field that is wrong
    """

    type: MessageType
    payload: T = field(hash=False)
    target: str = ""
    source: str = ""
    priority: Priority = Priority.NORMAL
    ttl_ms: int | None = None
    id: UUID = field(default_factory=uuid7)
    correlation_id: UUID | None = None
    timestamp: int = field(default_factory=_wall_ms)
    schema: str | None = None
    version: int = 1
    metadata: Mapping[str, object] = field(default_factory=dict, hash=False)
    deadline_ns: int | None = field(init=False, compare=False)
    now_ns: InitVar[int | None] = None

    def __post_init__(self, now_ns: int | None) -> None:
        self._check()
        metadata = MappingProxyType(dict(self.metadata)) if self.metadata else _NO_METADATA
        object.__setattr__(self, "metadata", metadata)
        deadline = None if self.ttl_ms is None else _now(now_ns) + self.ttl_ms * _NS_PER_MS
        object.__setattr__(self, "deadline_ns", deadline)

    def _check(self) -> None:
        if not isinstance(self.type, MessageType):
            raise invalid("type", "a MessageType", self.type)
        if not isinstance(self.priority, Priority):
            raise invalid("priority", "a Priority", self.priority)
        if self.ttl_ms is not None:
            check_int("ttl_ms", self.ttl_ms, 0, MAX_SAFE)
        check_name("target", self.target)
        check_uuid("id", self.id)
        if self.correlation_id is not None:
            check_uuid("correlation_id", self.correlation_id)
        check_name("source", self.source)
        check_int("timestamp", self.timestamp, 0, MAX_SAFE)
        if self.schema is not None:
            check_name("schema", self.schema)
        check_int("version", self.version, 1, MAX_VERSION)
        check_metadata(self.metadata)

    def remaining_ms(self, now_ns: int | None = None) -> int | None:
        """Milliseconds left, rounded down and never negative; None when it never expires."""
        if self.deadline_ns is None:
            return None
        return max(0, (self.deadline_ns - _now(now_ns)) // _NS_PER_MS)

    def is_expired(self, now_ns: int | None = None) -> bool:
        """Tell whether the message is no longer worth delivering."""
        return self.remaining_ms(now_ns) == 0

    def replace(self, *, now_ns: int | None = None, **changes: Unpack[MessageFields]) -> Message[T]:
        """Copy with some fields changed; what is left of the TTL stays unless it is named."""
        return self._copy(self.payload, now_ns, changes)

    def with_payload(
        self, payload: U, *, now_ns: int | None = None, **changes: Unpack[MessageFields]
    ) -> Message[U]:
        """As `replace`, with another payload."""
        return self._copy(payload, now_ns, changes)

    def reply(
        self, payload: U, *, now_ns: int | None = None, **changes: Unpack[MessageFields]
    ) -> Message[U]:
        """Answer: addressed to the source, with its priority and what is left of its TTL."""
        answer: MessageFields = {
            "type": MessageType.RESPONSE,
            "target": self.source,
            "source": self.target,
            "priority": self.priority,
            "correlation_id": self.id,
            "ttl_ms": self.remaining_ms(now_ns),
        }
        answer.update(changes)
        return make_message(payload, now_ns, answer)

    def _copy(self, payload: U, now_ns: int | None, changes: MessageFields) -> Message[U]:
        now = _now(now_ns)
        kept: MessageFields = {
            "type": self.type,
            "target": self.target,
            "source": self.source,
            "priority": self.priority,
            "ttl_ms": self.remaining_ms(now),
            "id": self.id,
            "correlation_id": self.correlation_id,
            "timestamp": self.timestamp,
            "schema": self.schema,
            "version": self.version,
            "metadata": self.metadata,
        }
        kept.update(changes)
        return make_message(payload, now, kept)

    def __repr__(self) -> str:
        return format_message(self, style="compact", color=False)


def make_message(payload: U, now_ns: int | None, chosen: MessageFields) -> Message[U]:
    """Make a message from collected fields; those that are left out get their defaults."""
    if "type" not in chosen:
        raise invalid("type", "a MessageType")
    return Message(payload=payload, now_ns=now_ns, **chosen)


def _now(now_ns: int | None) -> int:
    return time.monotonic_ns() if now_ns is None else now_ns
