"""Who reads the channel of a worker whose main thread does the work."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial

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
    What belongs to a callback goes to the thread that waits for it.

    Args:
        channel: to read
        callback_of: tells of a frame, which came while somebody waits, whether to do it meanwhile:
            the number of the callback that it belongs to, 0 for any; None: not meanwhile
        drop: gets answers that nobody waits for
    """

    def __init__(
        self,
        channel: Channel,
        callback_of: Callable[[Frame], int | None],
        drop: Callable[[Frame], None],
    ) -> None:
        super().__init__()
        self._receive = channel.receive
        self._receive_call = channel.receive_call
        self._wake = channel.wake
        self._callback_of = callback_of
        self._drop = drop
        self._turn = threading.Lock()
        # Asked for every frame.
        self._try_turn: Callable[[], bool] = partial(self._turn.acquire, False)  # noqa: FBT003 - as in `Turns`
        self._idle = Bell()
        # Between somebody who leaves and work that is put into their hands.
        self._handing = threading.Lock()
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
            if not self._try_turn():
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
        while True:
            if waiter.work:
                work(waiter.work.popleft())
            elif waiter.is_done:
                with self._handing:
                    waiter.has_left = not waiter.work
                if waiter.has_left:
                    return
            elif self._try_turn():
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
        while not waiter.is_done and not waiter.work:
            frame = self._receive()
            if frame is None:
                # It may have been meant for the main thread.
                self._idle.ring()
            elif frame.kind is _RESULT or frame.kind is _ERROR:
                if not self.answer(frame):
                    self._drop(frame)
            else:
                callback = self._callback_of(frame)
                if callback is None:
                    self._deferred.append(frame)
                    self._idle.ring()
                elif not self._hand(frame, callback, waiter):
                    return frame
        return None

    def _hand(self, frame: Frame, callback: int, reader: Waiter) -> bool:
        """Give work to the thread that waits for its callback; False: the reader is to do it."""
        asked = self._waiters.get(callback)
        if asked is None or asked.ident == reader.ident:
            return False
        # That thread may wait for another callback meanwhile, within what it did for this one.
        same = [one for one in list(self._waiters.values()) if one.ident == asked.ident]
        with self._handing:
            latest = next((one for one in reversed(same) if not one.has_left), None)
            if latest is None:
                return False
            latest.work.append(frame)
        latest.bell.ring()
        return True

    def _pass_turn(self) -> None:
        for waiter in list(self._waiters.values()):
            waiter.bell.ring()
        self._idle.ring()
