"""The errors that a member makes itself."""

from __future__ import annotations

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError


def connection_closed(address: str, reason: str, cause: BaseException | None = None) -> AmphisError:
    """The connection ended, or there is none."""
    return AmphisError(
        ErrorCode.CONNECTION_CLOSED,
        f"Cannot go on with call: {reason}",
        {"address": address, "reason": reason},
        cause=cause,
    )


def bus_closed(reason: str, cause: BaseException | None = None) -> AmphisError:
    """This side drains or has closed the bus."""
    return AmphisError(
        ErrorCode.BUS_CLOSED, f"Cannot use bus: {reason}", {"reason": reason}, cause=cause
    )


def request_timeout(target: str, timeout_ms: int) -> AmphisError:
    """Nobody answered in time."""
    return AmphisError(
        ErrorCode.REQUEST_TIMEOUT,
        f"Cannot wait longer for {target}: it did not answer within {timeout_ms} ms",
        {"target": target, "timeoutMs": timeout_ms},
    )


def request_cancelled(target: str, reason: str) -> AmphisError:
    """Whoever asked does not want the answer any more."""
    return AmphisError(
        ErrorCode.REQUEST_CANCELLED,
        f"Cannot go on with request of {target}: {reason}",
        {"target": target, "reason": reason},
    )


def stream_overrun(credit: int) -> AmphisError:
    """An item came that was not asked for."""
    return AmphisError(
        ErrorCode.STREAM_OVERRUN,
        "Cannot take stream item: it came without credit",
        {"credit": credit},
    )


def stream_unexpected(target: str) -> AmphisError:
    """A stream is the answer where one value was asked for."""
    return AmphisError(
        ErrorCode.STREAM_UNEXPECTED,
        f"Cannot answer request of {target}: it gives a stream, and one value was asked for",
        {"target": target},
    )


def endpoint_busy(endpoint: str, limit: int) -> AmphisError:
    """No more requests may wait."""
    return AmphisError(
        ErrorCode.ENDPOINT_BUSY,
        f"Cannot take request of {endpoint}: {limit} are waiting already",
        {"endpoint": endpoint, "limit": limit},
    )


def endpoint_not_found(target: str) -> AmphisError:
    """The hub sent a request for an endpoint that this member does not have (any more)."""
    return AmphisError(
        ErrorCode.ENDPOINT_NOT_FOUND,
        f"Cannot take request of {target}: there is no such endpoint here",
        {"target": target, "suggestion": ""},
    )


def subscriber_slow(pattern: str, limit: int) -> AmphisError:
    """A subscription that was to end rather than drop had no room."""
    return AmphisError(
        ErrorCode.SUBSCRIBER_SLOW,
        f"Cannot keep subscription of {pattern}: {limit} messages wait already",
        {"pattern": pattern, "limit": limit},
    )


def frame_invalid(field: str, received: int, reason: str) -> AmphisError:
    """A frame that no hub would send."""
    return AmphisError(
        ErrorCode.FRAME_INVALID,
        f"Cannot take frame: {reason}",
        {"field": field, "received": received},
    )


def body_invalid(body: str, path: str, expected: str) -> AmphisError:
    """A body of the wrong shape."""
    return AmphisError(
        ErrorCode.BODY_INVALID,
        f"Cannot read {body}: {path} must be {expected}",
        {"body": body, "path": path, "expected": expected},
    )


def peer_lost(address: str, silent_ms: int, what: str = "sign of life") -> AmphisError:
    """The hub says nothing."""
    return AmphisError(
        ErrorCode.PEER_LOST,
        f"Cannot go on with hub: no {what} came for {silent_ms} ms",
        {"address": address, "silentMs": silent_ms},
    )


def fresh(error: AmphisError) -> AmphisError:
    """The same error without a traceback, for each who raises it."""
    return AmphisError(
        error.code,
        error.message,
        error.context,
        cause=error.__cause__,
        correlation_id=error.correlation_id,
        origin=error.origin,
    )
