"""Threads that wait for the answers to their callbacks."""

from __future__ import annotations

import threading
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.frame.frame import Frame


class Bell:
    """Wakes the one thread that waits for it; rung before, the wait does not begin."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Wake it. Twice is as good as once."""
        try:
            self._lock.release()
        except RuntimeError:
            # Rung already.
            return

    def wait(self) -> None:
        """Wait until it is rung."""
        self._lock.acquire()


class Waiter:
    """Somebody who waits for the answer to a callback.

    Attributes:
        call_id: the call in which that is; 0 for none
        answer: the frame, when it came
        ident: of the thread
        is_over: whether no answer is wanted any more
        work: what is to be done in this thread before it goes on
        has_left: whether it waits no more, and so takes no work
    """

    __slots__ = ("answer", "bell", "call_id", "has_left", "ident", "is_over", "work")

    def __init__(self, call_id: int) -> None:
        self.call_id = call_id
        self.ident = threading.get_ident()
        self.answer: Frame | None = None
        self.is_over = self.has_left = False
        self.bell = Bell()
        self.work: deque[Frame] = deque()

    @property
    def is_done(self) -> bool:
        """Whether the wait has ended."""
        return self.answer is not None or self.is_over


class Waits:
    """Waits for answers where a thread that does nothing else reads the channel."""

    def __init__(self) -> None:
        self._waiters: dict[int, Waiter] = {}

    @property
    def are_some(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiters)

    def has(self, ident: int) -> bool:
        """Whether a thread waits."""
        return any(waiter.ident == ident for waiter in list(self._waiters.values()))

    def expect(self, number: int, call_id: int) -> Waiter:
        """Say before a callback is sent that its answer is waited for."""
        waiter = self._waiters[number] = Waiter(call_id)
        return waiter

    def forget(self, number: int) -> None:
        """Say that it is not, or not any more."""
        self._waiters.pop(number, None)

    def wait(self, waiter: Waiter, work: Callable[[Frame], None]) -> None:
        """Wait until it is done; `work` does what is nested where that is this thread's part.

        Raises:
            AmphisError: the channel is over
        """
        del work
        while not waiter.is_done:
            waiter.bell.wait()

    def answer(self, frame: Frame) -> bool:
        """Give an answer to who waits for it; False when nobody does."""
        waiter = self._waiters.get(frame.call_id)
        if waiter is None:
            return False
        waiter.answer = frame
        waiter.bell.ring()
        return True

    def end(self, call_id: int) -> None:
        """Let nobody wait any more within a call."""
        for waiter in list(self._waiters.values()):
            if waiter.call_id == call_id:
                waiter.is_over = True
                waiter.bell.ring()
