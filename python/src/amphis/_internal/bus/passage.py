"""Within which call a stream goes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.bus.runtime import Runtime
    from amphis._internal.bus.session import Session
    from amphis._internal.errors import AmphisError
    from amphis._internal.frame.header import BodyCodec, FrameKind
    from amphis._internal.priority import Priority


@dataclass(frozen=True, slots=True)
class Passage:
    """A call, as far as a stream within it needs to know.

    Attributes:
        flush: writes what waits to be sent
        deadline: seconds on the monotonic clock
        expired: makes the error of a deadline that passed
    """

    runtime: Runtime
    session: Session
    call_id: int
    priority: Priority
    codec: BodyCodec
    flush: Callable[[], None]
    deadline: float | None
    expired: Callable[[], AmphisError]

    def time_left(self) -> float | None:
        """Seconds; None for ever."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    def put(self, kind: FrameKind, body: bytes, codec: BodyCodec = "msgpack") -> None:
        """Say something within the call; call it with the lock held, and `flush` after it."""
        self.session.put(kind, self.call_id, self.priority, body, codec)
