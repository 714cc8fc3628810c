"""Breaks off calls that are not wanted any more, and never anything else of the process.

The thread that reads the control line asks for it; a call ends in its own thread. What makes it
safe is that a call can be broken off only while it is armed, which it is exactly while code of the
user runs: `arm` and `disarm` stand around that, in one `try` whose `finally` disarms, within
another one that takes what `disarm` itself may still raise. Each call is broken off at most once.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import time

from amphis._internal.light import NamedTuple, Protocol
from amphis._internal.worker.exceptions import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from amphis._internal.worker.awaiting import Awaited

# Real-time signals have no meaning that a library could give them, and no default that hurts.
CANCEL_SIGNAL = signal.SIGRTMIN + 6 if hasattr(signal, "SIGRTMIN") else signal.SIGUSR1
# Cancels of calls that have not come yet are kept, so that they are not begun; those that came too
# late look the same, and must not fill the memory.
_MOST_ASKED = 4_096
# How long a finalizer that was broken off has to end.
_AGAIN_S = 0.01


class Why(NamedTuple):
    """Why a call is broken off."""

    reason: str
    code: str


class Asked(dict[int, Why]):
    """Calls that the program wants no more, and why, by number until they are answered.

    A dictionary, so that it takes no step of Python to see that it is empty, as it is for most.
    """

    __slots__ = ()

    def add(self, call_id: int, why: Why) -> None:
        """Remember it. One thread adds."""
        self[call_id] = why
        while len(self) > _MOST_ASKED:
            self.pop(next(iter(self)), None)

    def take(self, call_id: int) -> Why | None:
        """Why, if it was asked for, and forget it: the call is answered."""
        return self.pop(call_id, None)


class Guard(Protocol):
    """The thread that a call runs in.

    Attributes:
        armed: number of the call whose code runs right now; 0 for none
        current: number of the call that is done, also where other code runs
        awaited: what that awaits
    """

    armed: int
    current: int
    awaited: Awaited | None

    def arm(self, call_id: int) -> None:
        """Let it be broken off from here on; raises `Cancelled` if that was asked for before."""

    def disarm(self) -> None:
        """No longer, when this has returned or raised; may raise a last `Cancelled`."""

    def suspend(self) -> int:
        """Disarm within the code of a call, for something that must not be broken off."""

    def resume(self, call_id: int) -> None:
        """Undo `suspend`, with what it returned; raises `Cancelled` if it was asked for since."""

    def deliver(self, call_id: int) -> None:
        """Break the call off if it is armed; called by the thread that reads the control line."""

    def missed(self) -> int:
        """Say in this thread that a `Cancelled` was swallowed; whom to deliver it to again."""


class MainGuard:
    """The main thread, which a signal reaches, also in a sleep or a read that blocks."""

    __slots__ = ("_asked", "_ident", "armed", "awaited", "current")

    def __init__(self, asked: Asked) -> None:
        self.armed = self.current = 0
        self.awaited: Awaited | None = None
        self._asked = asked
        self._ident = threading.get_ident()
        signal.signal(CANCEL_SIGNAL, self._signalled)

    def arm(self, call_id: int) -> None:
        """See `Guard`."""
        self.armed = call_id
        if self._asked:
            self._check(call_id)

    def disarm(self) -> None:
        """See `Guard`."""
        self.armed = 0

    def suspend(self) -> int:
        """See `Guard`."""
        call_id, self.armed = self.armed, 0
        return call_id

    def resume(self, call_id: int) -> None:
        """See `Guard`."""
        self.arm(call_id)

    def deliver(self, call_id: int) -> None:
        """See `Guard`."""
        if self.armed == call_id:
            signal.pthread_kill(self._ident, CANCEL_SIGNAL)

    def missed(self) -> int:
        """See `Guard`."""
        self.armed = self.current
        return self.armed

    def _check(self, call_id: int) -> None:
        why = self._asked.get(call_id)
        if why is not None and call_id:
            self.armed = 0
            raise Cancelled(why.reason)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        # Between any two bytecodes of this thread, so that nothing changes while this looks.
        if self.armed and self.armed in self._asked:
            if self.awaited is not None and self.awaited.cancel_here():
                self.armed = 0
            else:
                self._check(self.armed)


class ThreadGuard:
    """Another thread, which an exception reaches at its next bytecode of Python.

    `deliver` sets that exception, and it comes some time later. So whoever disarms makes sure
    that none is on its way any more.
    """

    __slots__ = (
        "_asked",
        "_hit",
        "_ident",
        "_is_delivering",
        "_seen",
        "armed",
        "awaited",
        "current",
    )

    def __init__(self, asked: Asked) -> None:
        self.armed = self.current = 0
        self.awaited: Awaited | None = None
        self._asked = asked
        self._ident = threading.get_ident()
        self._is_delivering = False
        # The call that an exception was set for, and the one that was raised for.
        self._hit = 0
        self._seen = 0

    def arm(self, call_id: int) -> None:
        """See `Guard`."""
        self.armed = call_id
        if self._asked:
            self._check(call_id)

    def disarm(self) -> None:
        """See `Guard`."""
        self.armed = 0
        if self._is_delivering or self._hit:
            self._settle()

    def suspend(self) -> int:
        """See `Guard`."""
        call_id = self.armed
        self.disarm()
        return call_id

    def resume(self, call_id: int) -> None:
        """See `Guard`."""
        self.arm(call_id)

    def deliver(self, call_id: int) -> None:
        """See `Guard`."""
        # Before the look at `armed`: the thread that disarms looks at the two the other way around.
        self._is_delivering = True
        try:
            awaited = self.awaited
            if self.armed == call_id and awaited is not None:
                # Nothing else is safe for an event loop.
                awaited.cancel()
            elif self.armed == call_id and self._hit != call_id:
                self._hit = call_id
                _raise_in(self._ident, _kind_for(self, self._asked.get(call_id)))
        finally:
            self._is_delivering = False

    def missed(self) -> int:
        """See `Guard`."""
        self._hit = self._seen = 0
        return self.armed

    def was_raised(self) -> None:
        """Called by the exception itself."""
        self._seen = self._hit

    def _check(self, call_id: int) -> None:
        why = self._asked.get(call_id)
        if why is not None and call_id and self._seen != call_id:
            self._seen = call_id
            raise Cancelled(why.reason)

    def _settle(self) -> None:
        while self._is_delivering:
            time.sleep(0)
        _raise_in(self._ident, None)
        self._hit = 0


def deliver_again(guards: dict[int, Guard]) -> None:
    """See to it that `Cancelled` is not lost where Python lets no exception through.

    That is so in finalizers, and in functions that C code calls. It is raised again soon after.
    """
    others = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        guard = guards.get(threading.get_ident())
        if guard is None or not isinstance(unraisable.exc_value, Cancelled):
            others(unraisable)
            return
        again = threading.Timer(_AGAIN_S, guard.deliver, (guard.missed(),))
        again.daemon = True
        again.start()

    sys.unraisablehook = hook


def _kind_for(guard: ThreadGuard, why: Why | None) -> type[Cancelled]:
    """A class whose instance, which Python makes when it raises it, says that it was raised."""
    reason = "" if why is None else why.reason

    def __init__(self: Cancelled) -> None:  # noqa: N807 - it is the one of the class
        guard.was_raised()
        BaseException.__init__(self, reason)

    return type("Cancelled", (Cancelled,), {"__module__": "amphis", "__init__": __init__})


def _raise_in(ident: int, kind: type[BaseException] | None) -> None:
    exception = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), exception)
