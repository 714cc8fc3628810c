"""The profile `thread`: several threads do calls at the same time."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.cancel import ThreadGuard, Why
from amphis._internal.worker.pooled import Pooled, options_of, run_in_own_thread
from amphis._internal.worker.releases import Releases
from amphis._internal.worker.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from amphis._internal.frame.frame import Frame
    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.core import Core

_LOOK_S = 0.05


class ThreadProfile:
    """The main thread reads; others work. Calls begin in the order in which they came.

    What is nested gets a thread of its own: all others may be waiting for just that.
    """

    def __init__(self, core: Core, count: int) -> None:
        self._core = core
        self._count = count
        self._waits = Waits()
        self._queue: SimpleQueue[Callable[[Guard], None]] = SimpleQueue()
        self._releases = Releases(core.release)
        self._pooled = Pooled(core, self._releases, self._queue.put, self._on_idle)
        self._nested = Pooled(core, self._releases, self._start_nested, self._on_idle)
        self._nested_streams: set[int] = set()
        self._is_stopping = False
        core.callbacks.join(core.incoming, self._waits, core.complain)

    def run(self) -> NoReturn:
        """Work until the program has enough."""
        for number in range(self._count):
            name = f"amphis-{number}"
            threading.Thread(target=self._work, name=name, daemon=True).start()
        try:
            self._read()
        except AmphisError:
            # The channel is over, and with it everything that could be done.
            self._core.end()

    def cancel(self, call_id: int, why: Why) -> None:
        """Break a call off; called by the thread that reads the control line."""
        core = self._core
        core.asked.add(call_id, why)
        for guard in list(core.guards.values()):
            guard.deliver(call_id)
        self._waits.end(call_id)
        self._side_of(call_id).cancel(call_id)

    def recall(self, call_ids: Iterable[int]) -> list[int]:
        """Give nothing back: all that came may have begun; called as `cancel`."""
        del call_ids
        return []

    def stop(self) -> None:
        """End when everything is done that came so far; called as `cancel`."""
        self._is_stopping = True
        self._core.channel.wake()

    def _read(self) -> NoReturn:
        core, gone = self._core, self._core.callbacks.held.gone
        patience = None
        while True:
            if gone:
                core.tell_gone()
            frame = core.channel.receive(patience)
            if frame is not None:
                self._handle(frame)
            elif self._is_stopping and patience is None:
                patience = 0.0
            elif self._is_stopping and self._pooled.is_idle and self._nested.is_idle:
                core.leave()
            elif self._is_stopping:
                # Whoever becomes idle wakes this, unless that came between the two looks.
                patience = _LOOK_S

    def _handle(self, frame: Frame) -> None:
        kind = frame.kind
        if kind is FrameKind.CALL or kind is FrameKind.PROGRAM:
            self._call(frame)
        elif kind is FrameKind.RESULT or kind is FrameKind.ERROR:
            if not self._waits.answer(frame):
                self._core.drop(frame)
        elif kind is FrameKind.CREDIT:
            self._side_of(frame.call_id).credit(frame)
        elif kind is FrameKind.RELEASE:
            self._releases.add(frame)
        else:
            self._core.complain(frame)

    def _call(self, frame: Frame) -> None:
        options = options_of(self._core, frame) if self._waits.are_some else None
        if options is None or not options.is_nested:
            self._pooled.call(frame)
            return
        if options.is_stream:
            self._nested_streams.add(frame.call_id)
        self._nested.call(frame)

    def _side_of(self, call_id: int) -> Pooled:
        if call_id in self._nested_streams:
            if self._nested.has(call_id):
                return self._nested
            self._nested_streams.discard(call_id)
        return self._pooled

    def _start_nested(self, work: Callable[[Guard], None]) -> None:
        run_in_own_thread(self._core, work)

    def _work(self) -> None:
        core = self._core
        guard = core.guards[threading.get_ident()] = ThreadGuard(core.asked)
        try:
            while True:
                self._queue.get()(guard)
        except AmphisError:
            # As above.
            core.end()

    def _on_idle(self) -> None:
        if self._is_stopping:
            self._core.channel.wake()
