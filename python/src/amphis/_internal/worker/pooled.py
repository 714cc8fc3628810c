"""Calls and streams that several threads do, whichever is free."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.cancel import ThreadGuard
from amphis._internal.worker.performing import Performing
from amphis._internal.worker.requests import read_call, read_credit, read_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.frame.frame import Frame
    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.core import Core
    from amphis._internal.worker.releases import Releases
    from amphis._internal.worker.requests import Options
    from amphis._internal.worker.streams import Stream


class Pooled:
    """What threads share who do calls at the same time.

    A stream is with one thread at a time. Without credit it is with none.

    Args:
        start: has a thread do something, with its guard
        idle: called when nothing is left to do
    """

    def __init__(
        self,
        core: Core,
        releases: Releases,
        start: Callable[[Callable[[Guard], None]], None],
        idle: Callable[[], None],
    ) -> None:
        self._core = core
        self._releases = releases
        self._start = start
        self._idle = idle
        self._performing = Performing(core)
        self._lock = threading.Lock()
        # Calls that came and have not been answered, and the credit that came for them.
        self._running: dict[int, int] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to do."""
        return not self._running and not self._core.streams

    def has(self, call_id: int) -> bool:
        """Whether a call, or its stream, is under way."""
        return call_id in self._running or call_id in self._core.streams

    def call(self, frame: Frame, number: int | None = None) -> None:
        """Have a call or program done; with its number of `Releases`, if it has one already."""
        if number is None:
            number = self._releases.came()
        with self._lock:
            self._running[frame.call_id] = 0
        self._start(partial(self._call, frame, number))

    def credit(self, frame: Frame) -> None:
        """Have items of a stream sent."""
        try:
            count = read_credit(self._core.codec.decode(frame.body))
        except AmphisError as error:
            self._core.complain(frame, error)
            return
        call_id = frame.call_id
        with self._lock:
            if call_id in self._running:
                self._running[call_id] += count
                return
            stream = self._core.streams.get(call_id)
            if stream is None:
                # It has ended meanwhile.
                return
            stream.given += count
        self._resume(stream)

    def cancel(self, call_id: int) -> None:
        """Have a stream closed, if it is one that waits for credit."""
        stream = self._core.streams.get(call_id)
        if stream is not None:
            self._resume(stream)

    def _call(self, frame: Frame, number: int, guard: Guard) -> None:
        call_id = frame.call_id
        try:
            self._performing.perform(frame, guard, lambda: self._releases.looked(number))
        finally:
            self._releases.looked(number)
            with self._lock:
                early = self._running.pop(call_id, 0)
                stream = self._core.streams.get(call_id)
                if stream is not None:
                    stream.given += early
            if stream is not None:
                self._resume(stream)
            self._rest()

    def _resume(self, stream: Stream) -> None:
        """Give it to a thread, if there is something to do and none has it."""
        with self._lock:
            if stream.is_busy or not self._has_work(stream):
                return
            stream.is_busy = True
        self._start(lambda guard: self._produce(stream, guard))

    def _has_work(self, stream: Stream) -> bool:
        if self._core.streams.get(stream.call_id) is not stream:
            return False
        return stream.has_credit or stream.call_id in self._core.asked

    def _produce(self, stream: Stream, guard: Guard) -> None:
        while True:
            if stream.call_id in self._core.asked:
                self._performing.close(stream, guard)
            else:
                self._performing.produce(stream, guard)
            with self._lock:
                if not self._has_work(stream):
                    stream.is_busy = False
                    break
        self._rest()

    def _rest(self) -> None:
        if self._core.callbacks.held.gone:
            self._core.tell_gone()
        if self.is_idle:
            self._idle()


def options_of(core: Core, frame: Frame) -> Options | None:
    """Options of a call or program; None for anything else, and for what cannot be read."""
    try:
        if frame.kind is FrameKind.CALL:
            return read_call(core.codec.decode(frame.body)).options
        if frame.kind is FrameKind.PROGRAM:
            return read_program(core.codec.decode(frame.body)).options
    except AmphisError:
        # Answered when its turn comes.
        return None
    return None


def run_in_own_thread(core: Core, work: Callable[[Guard], None]) -> None:
    """Do something in a thread that is there for nothing else."""
    thread = threading.Thread(target=_run, args=(core, work), name="amphis-nested", daemon=True)
    thread.start()


def _run(core: Core, work: Callable[[Guard], None]) -> None:
    ident = threading.get_ident()
    guard = core.guards[ident] = ThreadGuard(core.asked)
    try:
        work(guard)
    except AmphisError:
        # The channel is over, and with it everything that could be done.
        core.end()
    finally:
        del core.guards[ident]
