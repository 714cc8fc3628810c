"""Fields as they come from the wire, as fields of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from amphis._internal.message.check import MAX_SAFE, check_int, check_name, invalid
from amphis._internal.message.codec import MessageHead
from amphis._internal.message.message import MessageType
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGE_TYPES = tuple(MessageType)
PRIORITIES = tuple(Priority)
TYPE_NAMES = {one.name.lower(): one for one in MessageType}
PRIORITY_NAMES = {one.name.lower(): one for one in Priority}
_UUID_BYTES = 16


def type_of(number: object) -> MessageType:
    """A type by its number."""
    if (
        isinstance(number, int)
        and not isinstance(number, bool)
        and 0 <= number < len(MESSAGE_TYPES)
    ):
        return MESSAGE_TYPES[number]
    raise invalid("type", "a number from 0 to 4", number)


def priority_of(number: object) -> Priority:
    """A priority by its number."""
    if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(PRIORITIES):
        return PRIORITIES[number]
    raise invalid("priority", "a number from 0 to 3", number)


def type_named(name: object) -> MessageType:
    """A type by its name."""
    found = TYPE_NAMES.get(name) if isinstance(name, str) else None
    if found is None:
        raise invalid("type", f"one of {', '.join(TYPE_NAMES)}", name)
    return found


def priority_named(name: object) -> Priority:
    """A priority by its name."""
    found = PRIORITY_NAMES.get(name) if isinstance(name, str) else None
    if found is None:
        raise invalid("priority", f"one of {', '.join(PRIORITY_NAMES)}", name)
    return found


def uuid_of(field: str, raw: object) -> UUID:
    """An identifier by its bytes."""
    if not isinstance(raw, bytes) or len(raw) != _UUID_BYTES:
        raise invalid(field, "16 bytes", raw)
    return UUID(bytes=raw)


def optional_uuid_of(field: str, raw: object) -> UUID | None:
    """An identifier by its bytes, or nil."""
    return None if raw is None else uuid_of(field, raw)


def text_of(field: str, value: object) -> str:
    """A short text without control characters."""
    check_name(field, value)
    return str(value)


def optional_text_of(field: str, value: object) -> str | None:
    """A short text, or nil."""
    return None if value is None else text_of(field, value)


def int_of(field: str, value: object, most: int = MAX_SAFE) -> int:
    """An int from 0."""
    check_int(field, value, 0, most)
    return value if isinstance(value, int) else 0


def optional_int_of(field: str, value: object) -> int | None:
    """An int from 0, or nil."""
    return None if value is None else int_of(field, value)


def map_of(value: object) -> Mapping[str, object]:
    """The metadata."""
    if not isinstance(value, dict):
        raise invalid("metadata", "a map with string keys", value)
    return value


def head_of(first: list[object]) -> MessageHead:
    """The head from the first four fields by their numbers."""
    kind, priority, ttl_ms, target = first
    return MessageHead(
        type_of(kind),
        priority_of(priority),
        optional_int_of("ttl_ms", ttl_ms),
        text_of("target", target),
    )
