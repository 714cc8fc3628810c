"""The profile `process`: the main thread does one thing after the other."""

from __future__ import annotations

from collections import deque
from functools import partial
from threading import get_ident

from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.cancel import MainGuard, ThreadGuard, Why
from amphis._internal.worker.performing import Performing
from amphis._internal.worker.reading import Reading
from amphis._internal.worker.recalled import Recalled
from amphis._internal.worker.releases import Releases
from amphis._internal.worker.requests import read_call, read_credit, read_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.core import Core
    from amphis._internal.worker.streams import Stream

_CALL, _PROGRAM = FrameKind.CALL, FrameKind.PROGRAM


class ProcessProfile:
    """Does calls, programs and credits in the order in which they came, each to its answer.

    While a callback waits for its answer, whichever thread that is, it does what is nested.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._performing = Performing(core)
        self._guard = MainGuard(core.asked)
        core.guards[get_ident()] = self._guard
        self._reading = Reading(core.channel, self._callback_of, core.drop)
        core.callbacks.join(core.incoming, self._reading, self._handle_nested)
        # Streams that were opened within a callback, and which: their items are part of it.
        self._nested: dict[int, int] = {}
        # Nested work is handed to another thread than the one that reads what comes behind it.
        self._releases = Releases(core.release)
        self._numbers: dict[int, int] = {}
        self._unwanted: deque[int] = deque()
        self._recalled = Recalled(core)
        # None: for ever; 0: whatever has come, as the program wants no more.
        self._patience: float | None = None
        self._is_stopping = False

    def run(self) -> NoReturn:
        """Work until the program has enough."""
        core, reading, unwanted = self._core, self._reading, self._unwanted
        gone = core.callbacks.held.gone
        perform, guard = self._performing.perform, self._guard
        perform_plain = self._performing.perform_plain
        recalled, marks = self._recalled, self._recalled.marks
        try:
            while True:
                if gone:
                    core.tell_gone()
                frame = reading.next(self._patience)
                if frame is None:
                    self._look_around()
                elif not isinstance(frame, Frame):
                    recalled.reached = frame[0]
                    if not (marks and recalled.skips(frame)):
                        perform_plain(frame, guard)
                elif frame.kind is _CALL or frame.kind is _PROGRAM:
                    recalled.reached = frame.call_id
                    if not (marks and recalled.skips(frame)):
                        perform(frame, guard)
                else:
                    self._handle(frame, guard)
                if unwanted:
                    self._close_unwanted()
                # What came with a call is not held while the next one is waited for.
                frame = None
        except AmphisError:
            # The channel is over, and with it everything that could be done.
            core.end()

    def cancel(self, call_id: int, why: Why) -> None:
        """Break a call off; called by the thread that reads the control line."""
        if call_id in self._recalled.marks:
            return
        core = self._core
        core.asked.add(call_id, why)
        for guard in list(core.guards.values()):
            guard.deliver(call_id)
        self._reading.end(call_id)
        if call_id in core.streams:
            self._unwanted.append(call_id)
            self._reading.wake()

    def recall(self, call_ids: Iterable[int]) -> list[int]:
        """Give calls back that are not begun, and say which; called as `cancel`."""
        return self._recalled.take(call_ids)

    def stop(self) -> None:
        """End when everything is done that came so far; called as `cancel`."""
        self._is_stopping = True
        self._reading.wake()

    def _look_around(self) -> None:
        if self._is_stopping and self._patience is None:
            self._patience = 0.0
        elif self._is_stopping and not self._core.streams:
            self._core.leave()
        elif self._is_stopping:
            # They go on to their end, as calls do.
            self._patience = 0.05

    def _close_unwanted(self) -> None:
        while self._unwanted:
            stream = self._core.streams.get(self._unwanted.popleft())
            if stream is not None and not stream.is_busy:
                self._performing.close(stream, self._guard)

    def _handle(self, frame: Frame, guard: Guard, number: int = 0) -> None:
        kind = frame.kind
        if kind is _CALL or kind is _PROGRAM:
            looked = partial(self._releases.looked, number) if number else None
            self._performing.perform(frame, guard, looked)
        elif kind is FrameKind.CREDIT:
            self._credit(frame, guard)
        elif kind is FrameKind.RELEASE:
            self._releases.add(frame)
        else:
            self._core.complain(frame)

    def _credit(self, frame: Frame, guard: Guard) -> None:
        stream = self._core.streams.get(frame.call_id)
        if stream is None:
            # It has ended meanwhile.
            return
        try:
            stream.given += read_credit(self._core.codec.decode(frame.body))
        except AmphisError as error:
            self._core.complain(frame, error)
        else:
            # When given from within the code that makes an item, the outer turn uses it.
            if not stream.is_busy:
                self._produce(stream, guard)

    def _produce(self, stream: Stream, guard: Guard) -> None:
        stream.is_busy = True
        try:
            self._performing.produce(stream, guard)
        finally:
            stream.is_busy = False
        if self._nested and stream.call_id not in self._core.streams:
            self._nested.pop(stream.call_id, None)

    def _callback_of(self, frame: Frame) -> int | None:
        """See `Reading`."""
        if frame.kind is FrameKind.CREDIT:
            return self._nested.get(frame.call_id)
        try:
            if frame.kind is _CALL:
                options = read_call(self._core.codec.decode(frame.body)).options
            elif frame.kind is _PROGRAM:
                options = read_program(self._core.codec.decode(frame.body)).options
            else:
                return None
        except AmphisError:
            # Answered when its turn comes.
            return None
        if not options.is_nested:
            return None
        if options.is_stream:
            self._nested[frame.call_id] = options.within
        self._numbers[frame.call_id] = self._releases.came()
        return options.within

    def _handle_nested(self, frame: Frame) -> None:
        """Do it in this thread, whose callback waits."""
        number = self._numbers.pop(frame.call_id, 0)
        try:
            self._do_nested(frame, number)
        finally:
            self._releases.looked(number)

    def _do_nested(self, frame: Frame, number: int) -> None:
        guards, ident = self._core.guards, get_ident()
        guard = guards.get(ident)
        if guard is not None:
            self._handle(frame, guard, number)
            return
        guards[ident] = made = ThreadGuard(self._core.asked)
        try:
            self._handle(frame, made, number)
        finally:
            del guards[ident]
