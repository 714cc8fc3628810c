"""Where in a schema something is, and how to say that it is wrong."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError


def invalid(pointer: str, reason: str) -> AmphisError:
    """The error of a schema that cannot be compiled."""
    return AmphisError(
        ErrorCode.SCHEMA_INVALID,
        f"Cannot compile schema: {reason} at {pointer or 'the root'}",
        {"path": pointer, "reason": reason},
    )


def escape(name: str) -> str:
    """One step of a JSON Pointer."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
