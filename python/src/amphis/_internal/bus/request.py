"""What a handler is shown of a request besides its payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amphis._internal.bus.reader import Reader

if TYPE_CHECKING:
    from amphis._internal.bus.passage import Passage
    from amphis._internal.bus.served import Served
    from amphis._internal.message.message import Message


class RequestBase:
    """What both kinds of handlers are shown."""

    __slots__ = ("_reader", "_served", "message")

    def __init__(self, message: Message[Any], served: Served, passage: Passage) -> None:
        self.message = message
        self._served = served
        self._reader = Reader(passage, served.inflow)

    @property
    def endpoint(self) -> str:
        """Name of the endpoint that was chosen."""
        return self._served.endpoint

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more, for whatever reason."""
        return self._served.is_over

    @property
    def deadline(self) -> float | None:
        """When nobody waits any more, in seconds of `time.monotonic`; None for never."""
        deadline = self._served.deadline_ns
        return None if deadline is None else deadline / 1_000_000_000

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline, never negative; None when there is none."""
        return self._served.time_left

    def check(self) -> None:
        """Do nothing while somebody waits for the answer.

        Raises:
            AmphisError: REQUEST_CANCELLED, REQUEST_TIMEOUT
        """
        if self._served.is_over:
            raise self._served.why_over()
