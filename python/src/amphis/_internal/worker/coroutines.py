"""The profile `asyncio`: calls are tasks of one event loop, which the main thread runs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, NoReturn

from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.cancel import Why
from amphis._internal.worker.pooled import Pooled, options_of, run_in_own_thread
from amphis._internal.worker.releases import Releases
from amphis._internal.worker.requests import read_credit
from amphis._internal.worker.task import Running, TaskGuard, Tasks
from amphis._internal.worker.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from amphis._internal.frame.frame import Frame
    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.core import Core
    from amphis._internal.worker.requests import Options

_LOOK_S = 0.05


class AsyncioProfile:
    """A thread reads; the main thread runs the loop, in which each call is a task.

    A function that is no coroutine runs in the loop too, as it would when a coroutine called it.
    While the loop itself waits for a callback, or for code that waits for one, what is nested gets
    a thread of its own.

    Args:
        limit: how many calls may be under way, without streams that have no credit; 0: any number
    """

    def __init__(self, core: Core, limit: int) -> None:
        self._core = core
        self._waits = Waits()
        self._releases = Releases(core.release)
        self._nested = Pooled(core, self._releases, self._start_nested, self._on_idle)
        self._nested_streams: set[int] = set()
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._ident = threading.get_ident()
        self._tasks = Tasks(core, limit)
        core.guards[self._ident] = TaskGuard(core.asked, self._tasks, self._loop)
        core.current_call = _CALL.get  # type: ignore[method-assign] # calls share the thread
        self._running: dict[int, Running] = {}
        self._came: deque[Frame] = deque()
        # Nested calls that the loop is to do, if it finds the time before that moment.
        self._offered: dict[int, tuple[Frame, int]] = {}
        self._patient_until = 0.0
        # The same by identity; they are in the queue of the loop too.
        self._offers: set[int] = set()
        self._is_taking = False
        self._is_stopping = False
        core.callbacks.join(core.incoming, self._waits, core.complain)

    def run(self) -> NoReturn:
        """Work until the program has enough."""
        threading.Thread(target=self._read, name="amphis-read", daemon=True).start()
        self._loop.run_forever()
        self._core.leave()

    def cancel(self, call_id: int, why: Why) -> None:
        """Break a call off; called by the thread that reads the control line."""
        core = self._core
        core.asked.add(call_id, why)
        for guard in list(core.guards.values()):
            guard.deliver(call_id)
        self._waits.end(call_id)
        if call_id in self._nested_streams:
            self._nested.cancel(call_id)
        else:
            self._loop.call_soon_threadsafe(self._cancel, call_id)

    def recall(self, call_ids: Iterable[int]) -> list[int]:
        """Give nothing back: all that came may have begun; called as `cancel`."""
        del call_ids
        return []

    def stop(self) -> None:
        """End when everything is done that came so far; called as `cancel`."""
        self._is_stopping = True
        self._core.channel.wake()

    # In the thread that reads.

    def _read(self) -> None:
        core, gone = self._core, self._core.callbacks.held.gone
        patience = None
        try:
            while True:
                if gone:
                    core.tell_gone()
                frame = core.channel.receive(_LOOK_S if self._offered else patience)
                if self._offered and time.monotonic() >= self._patient_until:
                    self._withdraw()
                if frame is not None:
                    self._take(frame)
                elif self._offered:
                    continue
                elif self._is_stopping and patience is None:
                    patience = 0.0
                elif self._is_stopping and self._is_idle:
                    self._loop.call_soon_threadsafe(self._loop.stop)
                    return
                elif self._is_stopping:
                    # Whoever becomes idle wakes this, unless that came between the two looks.
                    patience = _LOOK_S
        except AmphisError:
            # The channel is over, and with it everything that could be done.
            core.end()

    @property
    def _is_idle(self) -> bool:
        return not (self._came or self._running) and self._nested.is_idle

    def _take(self, frame: Frame) -> None:
        kind = frame.kind
        if kind is FrameKind.RESULT or kind is FrameKind.ERROR:
            if not self._waits.answer(frame):
                self._core.drop(frame)
        elif not self._take_nested(frame):
            self._came.append(frame)
            if not self._is_taking:
                self._is_taking = True
                self._loop.call_soon_threadsafe(self._handle_all)

    def _take_nested(self, frame: Frame) -> bool:
        """Do what the loop cannot, as it waits for just that."""
        if frame.kind is FrameKind.CREDIT and frame.call_id in self._nested_streams:
            self._nested.credit(frame)
            return True
        options = options_of(self._core, frame) if self._waits.are_some else None
        if options is None or not options.is_nested:
            return False
        if self._waits.has(self._ident):
            self._do_nested(frame, options)
            return True
        if not self._offered:
            self._patient_until = time.monotonic() + _LOOK_S
        self._offers.add(id(frame))
        # Counted now: what lets go of handles may come behind it before it is withdrawn.
        self._offered[id(frame)] = (frame, self._releases.came())
        return False

    def _claim(self, frame: Frame) -> int | None:
        """Take it back from the offer, in the loop, with its number; None: it was withdrawn."""
        self._offers.discard(id(frame))
        # One step, as in `_withdraw`, so that only one of the two gets it.
        offered = self._offered.pop(id(frame), None)
        return None if offered is None else offered[1]

    def _withdraw(self) -> None:
        """Do what was offered to the loop, which something keeps from everything."""
        for offer in list(self._offered):
            frame, number = self._offered.pop(offer, (None, 0))
            options = None if frame is None else options_of(self._core, frame)
            if frame is not None and options is not None:
                self._do_nested(frame, options, number)

    def _do_nested(self, frame: Frame, options: Options, number: int | None = None) -> None:
        if options.is_stream:
            self._nested_streams.add(frame.call_id)
        self._nested.call(frame, number)

    def _start_nested(self, work: Callable[[Guard], None]) -> None:
        run_in_own_thread(self._core, work)

    # In the loop.

    def _handle_all(self) -> None:
        self._is_taking = False
        while self._came:
            self._handle(self._came.popleft())

    def _handle(self, frame: Frame) -> None:
        kind = frame.kind
        if kind is FrameKind.CALL or kind is FrameKind.PROGRAM:
            is_offered = id(frame) in self._offers
            number = self._claim(frame) if is_offered else self._releases.came()
            if number is not None:
                self._begin(frame, number)
        elif kind is FrameKind.CREDIT:
            self._credit(frame)
        elif kind is FrameKind.RELEASE:
            self._releases.add(frame)
        else:
            self._core.complain(frame)

    def _begin(self, frame: Frame, number: int) -> None:
        call_id = frame.call_id
        _CALL.set(call_id)
        running = Running(call_id)
        # What is nested cannot wait for those that wait for it.
        running.is_urgent = self._waits.are_some
        work = self._tasks.perform(frame, running, lambda: self._releases.looked(number))
        running.task = task = self._loop.create_task(work)
        _CALL.set(0)
        self._running[call_id] = running
        self._tasks.by_task[task] = running
        task.add_done_callback(lambda task: self._ended(task, running, number))

    def _ended(self, task: asyncio.Task[None], running: Running, number: int) -> None:
        self._tasks.by_task.pop(task, None)
        if self._running.get(running.call_id) is running:
            del self._running[running.call_id]
        self._releases.looked(number)
        if task.cancelled() or task.exception() is not None:
            # Only for an answer that could not be sent.
            self._core.end()
        if self._core.callbacks.held.gone:
            self._core.tell_gone()
        self._on_idle()

    def _cancel(self, call_id: int) -> None:
        running = self._running.get(call_id)
        if running is not None:
            running.cancel()

    def _credit(self, frame: Frame) -> None:
        running = self._running.get(frame.call_id)
        # Else it has ended meanwhile.
        if running is not None:
            try:
                running.given += read_credit(self._core.codec.decode(frame.body))
            except AmphisError as error:
                self._core.complain(frame, error)
            else:
                running.credit.set()

    def _on_idle(self) -> None:
        if self._is_stopping:
            self._core.channel.wake()


_CALL: ContextVar[int] = ContextVar("amphis_call", default=0)
