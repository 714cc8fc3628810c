"""Who reads the channel of a worker whose main thread does the work."""

from __future__ import annotations

import threading
from collections import deque

from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.waits import Bell, Waiter, Waits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.channel.channel import Channel
    from amphis._internal.native import PlainCall

_RESULT, _ERROR = FrameKind.RESULT, FrameKind.ERROR


class Reading(Waits):
    """Gives each frame to whom it is for.

    One thread at a time reads: the main thread when it has nothing to do, otherwise one of those
    that wait for an answer. Whoever stops reading wakes the others, so that somebody reads as long
    as anybody waits. What is for the main thread and may not be done now is deferred, in order.

    Args:
        channel: to read
        is_nested: tells of a frame, which came while somebody waits, whether to do it meanwhile
        drop: gets answers that nobody waits for
    """

    def __init__(
        self,
        channel: Channel,
        is_nested: Callable[[Frame], bool],
        drop: Callable[[Frame], None],
    ) -> None:
        super().__init__()
        self._receive = channel.receive
        self._receive_call = channel.receive_call
        self._wake = channel.wake
        self._is_nested = is_nested
        self._drop = drop
        self._turn = threading.Lock()
        self._idle = Bell()
        self._deferred: deque[Frame] = deque()

    def next(self, patience: float | None = None) -> PlainCall | Frame | None:
        """Wait for the next frame that the main thread is to handle; None when it was woken.

        Most calls come as what they mean; see `Channel.receive_call`.

        Args:
            patience: seconds after which it is None too; None: for ever

        Raises:
            AmphisError: the channel is over
        """
        while True:
            if self._deferred:
                return self._deferred.popleft()
            if not self._turn.acquire(blocking=False):
                self._idle.wait()
                if not self._deferred and self._turn.locked():
                    return None
                continue
            try:
                # Another thread may have deferred something since.
                frame = None if self._deferred else self._receive_call(patience)
            finally:
                self._turn.release()
                if self._waiters:
                    self._pass_turn()
            if frame is None:
                return self._deferred.popleft() if self._deferred else None
            if not isinstance(frame, Frame):
                return frame
            if frame.kind is not _RESULT and frame.kind is not _ERROR:
                return frame
            if not self.answer(frame):
                self._drop(frame)

    def wake(self) -> None:
        """Have the main thread look around, if it waits."""
        self._wake()
        self._idle.ring()

    def wait(self, waiter: Waiter, work: Callable[[Frame], None]) -> None:
        """See `Waits`."""
        while not waiter.is_done:
            if self._turn.acquire(blocking=False):
                try:
                    nested = self._read_for(waiter)
                finally:
                    self._turn.release()
                    self._pass_turn()
                if nested is not None:
                    work(nested)
            else:
                waiter.bell.wait()

    def end(self, call_id: int) -> None:
        """See `Waits`."""
        super().end(call_id)
        if self._waiters:
            self._wake()

    def _read_for(self, waiter: Waiter) -> Frame | None:
        """Read until it is done, or something is to be done within the call."""
        while not waiter.is_done:
            frame = self._receive()
            if frame is None:
                # It may have been meant for the main thread.
                self._idle.ring()
            elif frame.kind is _RESULT or frame.kind is _ERROR:
                if not self.answer(frame):
                    self._drop(frame)
            elif self._is_nested(frame):
                return frame
            else:
                self._deferred.append(frame)
                self._idle.ring()
        return None

    def _pass_turn(self) -> None:
        for waiter in list(self._waiters.values()):
            waiter.bell.ring()
        self._idle.ring()
