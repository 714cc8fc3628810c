"""The errors of streams of chunks."""

from __future__ import annotations

import copy

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError


def cancelled(reason: str) -> AmphisError:
    """The reader wants no more."""
    return AmphisError(
        ErrorCode.CHUNK_STREAM_CANCELLED,
        f"Cannot write chunk: the reader wants no more: {reason}",
        {"reason": reason},
    )


def overrun(sequence: int, window: int) -> AmphisError:
    """The writer sends more than it may."""
    return AmphisError(
        ErrorCode.CHUNK_STREAM_OVERRUN,
        f"Cannot take chunk {sequence}: it came without credit",
        {"window": window},
    )


def after_end(act: str) -> AmphisError:
    """The stream is over; `act` says what cannot be done."""
    return AmphisError(
        ErrorCode.CHUNK_STREAM_ENDED, f"Cannot {act}: the stream of chunks has ended"
    )


def stalled(limit: int) -> AmphisError:
    """Too much else waits for whoever receives."""
    return AmphisError(
        ErrorCode.CHUNK_STREAM_STALLED,
        f"Cannot wait for chunk: more than {limit} bytes of other frames wait to be received",
        {"limit": limit},
    )


def kept(error: AmphisError) -> AmphisError:
    """The same error without its traceback, whose frames would keep chunks in memory."""
    return copy.copy(error)
