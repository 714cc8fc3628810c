"""The trace that a call belongs to (W3C trace context)."""

from __future__ import annotations

from contextvars import ContextVar

TRACE: ContextVar[str | None] = ContextVar("amphis_trace", default=None)


def trace_context() -> str | None:
    """Tell the `traceparent` of the call that runs, for telemetry of one's own; None without."""
    return TRACE.get()
