"""How urgent a message or frame is."""

from __future__ import annotations

from enum import IntEnum


class Priority(IntEnum):
    """How urgent a message or frame is; the number is the one on the wire."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    CRITICAL = 3
