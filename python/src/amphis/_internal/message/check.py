"""What every field of a message must be, whether a caller or a peer gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.schema.show import NOTHING, show

MAX_NAME_BYTES = 1_024
MAX_VERSION = 2**32 - 1
MAX_SAFE = 2**53 - 1

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_ABSENT = object()


def invalid(field: str, expected: str, received: object = _ABSENT) -> AmphisError:
    """The error of a field that is not as spec/message.md says."""
    text = NOTHING if received is _ABSENT else show(received)
    return AmphisError(
        ErrorCode.MESSAGE_INVALID,
        f"Cannot make message: {field} must be {expected}, got {text}",
        {"field": field, "expected": expected, "received": text},
    )


def check_int(field: str, value: object, least: int, most: int) -> None:
    """Refuse anything but an int within limits."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise invalid(field, f"an integer from {least} to {most}", value)


def check_name(field: str, value: object) -> None:
    """Refuse anything but a short text without control characters."""
    if not isinstance(value, str) or not is_name(value):
        expected = f"text of at most {MAX_NAME_BYTES} bytes without control characters"
        raise invalid(field, expected, value)


def is_name(text: str) -> bool:
    """Tell whether a text may name an endpoint, a topic or a schema."""
    if len(text) > MAX_NAME_BYTES or _CONTROL.search(text) is not None:
        return False
    return text.isascii() or len(text.encode()) <= MAX_NAME_BYTES


def check_uuid(field: str, value: object) -> None:
    """Refuse anything but a UUID."""
    if not isinstance(value, UUID):
        raise invalid(field, "a UUID", value)


def check_metadata(value: object) -> None:
    """Refuse anything but a map with string keys."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise invalid("metadata", "a map with string keys", value)
