"""The errors of rings, for the C extension too: it calls `ring_failure` by name."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

_CORRUPT = {
    "absent": "Cannot open ring: there is no ring of this version in the memory",
    "corrupt": "Cannot use ring: a position or length in the memory is impossible",
}


def no_ring(reason: str) -> AmphisError:
    """The error where neither the extension nor Python alone can use rings."""
    message = f"Cannot open ring without the C extension on this machine: {reason}"
    return AmphisError(ErrorCode.NATIVE_UNAVAILABLE, message, {"reason": reason})


def ring_failure(reason: str, actual: int = 0, limit: int = 0) -> AmphisError:
    """The error for a reason of `native/python.c`."""
    if reason == "too-large":
        return AmphisError(
            ErrorCode.RING_RECORD_TOO_LARGE,
            f"Cannot move record: it has {actual} bytes, and there is room for {limit}",
            {"actual": actual, "limit": limit},
        )
    return AmphisError(ErrorCode.RING_CORRUPT, _CORRUPT[reason], {"reason": reason})
