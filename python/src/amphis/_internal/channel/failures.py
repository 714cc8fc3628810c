"""The errors of a channel."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError


def opening_invalid(field: str, received: int) -> AmphisError:
    """The host opened the channel in a way that no host would."""
    return AmphisError(
        ErrorCode.FRAME_INVALID,
        f"Cannot open channel: {field} of the host is {received}",
        {"field": field, "received": received},
    )


def announcement_invalid(field: str, received: int) -> AmphisError:
    """The host announced memory in a way that no host would."""
    return AmphisError(
        ErrorCode.FRAME_INVALID,
        f"Cannot take announced memory: {field} is {received}",
        {"field": field, "received": received},
    )


def channel_closed(address: str, reason: str, cause: BaseException | None = None) -> AmphisError:
    """The connection ended."""
    return AmphisError(
        ErrorCode.CONNECTION_CLOSED,
        f"Cannot use channel {address}: {reason}",
        {"address": address, "reason": reason},
        cause=cause,
    )


def host_silent(address: str, silent_s: float, what: str) -> AmphisError:
    """The host did nothing for too long."""
    silent_ms = round(silent_s * 1_000)
    return AmphisError(
        ErrorCode.PEER_LOST,
        f"Cannot go on with channel {address}: the host did not {what} for {silent_ms} ms",
        {"address": address, "silentMs": silent_ms},
    )


def waited_too_long(what: str, timeout_s: float) -> AmphisError:
    """A deadline passed; the channel is as it was."""
    timeout_ms = round(timeout_s * 1_000)
    return AmphisError(
        ErrorCode.REQUEST_TIMEOUT,
        f"Cannot wait longer for {what}: nothing came of it within {timeout_ms} ms",
        {"target": what, "timeoutMs": timeout_ms},
    )


def again(error: AmphisError) -> AmphisError:
    """The same error for one more caller, as each raise adds its traceback."""
    return AmphisError(error.code, error.message, error.context, cause=error.__cause__)
