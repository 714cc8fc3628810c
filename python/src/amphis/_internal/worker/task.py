"""Calls and programs as tasks of an event loop."""

from __future__ import annotations

import asyncio
import signal
import threading
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.awaiting import Awaited, is_awaitable, next_of
from amphis._internal.worker.cancel import CANCEL_SIGNAL
from amphis._internal.worker.core import shown
from amphis._internal.worker.exceptions import Cancelled
from amphis._internal.worker.invoke import invoke
from amphis._internal.worker.program import Steps
from amphis._internal.worker.requests import read_call, read_program
from amphis._internal.worker.streams import DONE, Stream, iterator_of
from amphis._internal.worker.telling import TELLING
from amphis._internal.worker.trace import TRACE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from amphis._internal.frame.frame import Frame
    from amphis._internal.worker.cancel import Asked
    from amphis._internal.worker.core import Core
    from amphis._internal.worker.requests import Options


class Running:
    """A call that is under way.

    Attributes:
        is_armed: whether its own code runs, or is waited for
        is_waiting: whether it waits for something of the worker's, and may be cancelled
        is_hit: whether it was broken off already
        is_urgent: whether it need not wait for others if it is nested
        given: credit for its stream
        credit: set when there may be some
    """

    __slots__ = (
        "call_id",
        "credit",
        "given",
        "has_place",
        "is_armed",
        "is_hit",
        "is_urgent",
        "is_waiting",
        "task",
    )

    def __init__(self, call_id: int) -> None:
        self.call_id = call_id
        self.task: asyncio.Task[None] | None = None
        self.is_armed = self.is_waiting = self.is_hit = False
        self.is_urgent = self.has_place = False
        self.given = 0
        self.credit = asyncio.Event()

    def cancel(self) -> None:
        """Break it off, in the thread of the loop; what it does otherwise is not touched."""
        is_possible = self.is_armed or self.is_waiting
        if self.task is not None and is_possible and not self.is_hit:
            self.is_hit = True
            self.task.cancel()

    def arm(self, asked: Asked) -> None:
        """Let it be broken off from here on."""
        self.is_armed = True
        self.check(asked)

    def check(self, asked: Asked) -> None:
        """Raise `Cancelled` if that was asked for."""
        why = asked.get(self.call_id) if asked and not self.is_hit else None
        if why is not None:
            self.is_hit = True
            raise Cancelled(why.reason)


class TaskGuard:
    """The main thread, which runs a loop; see `Guard`.

    A task that waits is cancelled as tasks are. One whose code keeps the loop from everything else
    is broken off by a signal.
    """

    def __init__(self, asked: Asked, tasks: Tasks, loop: asyncio.AbstractEventLoop) -> None:
        self.armed = self.current = 0
        self.awaited: Awaited | None = None
        self._asked = asked
        self._tasks = tasks
        self._loop = loop
        self._ident = threading.get_ident()
        signal.signal(CANCEL_SIGNAL, self._signalled)

    def arm(self, call_id: int) -> None:
        """See `Guard`."""
        self.resume(call_id)

    def disarm(self) -> None:
        """See `Guard`."""
        self.suspend()

    def suspend(self) -> int:
        """See `Guard`."""
        running = self._running()
        if running is None or not running.is_armed:
            return 0
        running.is_armed = False
        return running.call_id

    def resume(self, call_id: int) -> None:
        """See `Guard`."""
        running = self._running()
        if call_id and running is not None and running.call_id == call_id:
            running.arm(self._asked)

    def deliver(self, call_id: int) -> None:
        """See `Guard`."""
        del call_id
        signal.pthread_kill(self._ident, CANCEL_SIGNAL)

    def missed(self) -> int:
        """See `Guard`."""
        running = self._running()
        if running is None:
            return 0
        running.is_hit = False
        return running.call_id

    def _running(self) -> Running | None:
        task = asyncio.current_task(self._loop)
        return None if task is None else self._tasks.by_task.get(task)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        running = self._running()
        if running is not None and running.is_armed:
            running.arm(self._asked)


class Tasks:
    """Performs what came in frames, each in a task of its own.

    Args:
        limit: how many may be under way; 0: any number

    Attributes:
        by_task: what each task does
        places: one for each that is under way; None: there are enough for all
    """

    def __init__(self, core: Core, limit: int) -> None:
        self.places = asyncio.Semaphore(limit) if limit else None
        self.by_task: dict[asyncio.Task[None], Running] = {}
        self._core = core
        self._asked = core.asked
        self._answers = core.answers

    async def perform(self, frame: Frame, running: Running, looked: Callable[[], None]) -> None:
        """Do a call or program, and answer it.

        Args:
            frame: of a call or a program
            running: of this task
            looked: called when no handle in it is looked at any more; perhaps never

        Raises:
            AmphisError: the channel is over
        """
        doing = _Doing(self._core, frame, running, self.places)
        try:
            await doing.do(looked)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
            running.is_armed = False
            doing.discard()
            why = self._asked.take(frame.call_id)
            self._answers.error(
                frame.call_id,
                error,
                call=doing.name,
                why=why,
                arguments=doing.arguments,
                step=doing.step,
            )
        else:
            if self._asked:
                self._asked.take(frame.call_id)
        finally:
            self._core.flush_output(frame.call_id)
            if running.has_place and self.places is not None:
                self.places.release()


class _Doing:
    def __init__(
        self, core: Core, frame: Frame, running: Running, places: asyncio.Semaphore | None
    ) -> None:
        self._core = core
        self._places = places
        self._frame = frame
        self._running = running
        self._name = "call" if frame.kind is FrameKind.CALL else "program"
        self._steps: Steps | None = None
        self._is_read = False
        self._given: Sequence[object] = ()

    @property
    def name(self) -> str:
        """What is called."""
        return self._name if self._steps is None else self._steps.describe()

    def discard(self) -> None:
        """Let go of attachments that nobody decoded, and nobody will."""
        if self._steps is not None:
            self._steps.discard()
        elif not self._is_read:
            self._core.drop(self._frame)

    @property
    def arguments(self) -> Sequence[object]:
        """What was given to what failed."""
        return self._given if self._steps is None else self._steps.arguments

    @property
    def step(self) -> int | None:
        """The step that failed, of a program."""
        return None if self._steps is None else self._steps.failed

    async def do(self, looked: Callable[[], None]) -> None:
        began = perf_counter_ns()
        body, far = self._core.codec.decode_counted(self._frame.body)
        if self._frame.kind is FrameKind.CALL:
            call = read_call(body)
            options = call.options
            self._is_read = True
            args, kwargs = call.args, call.kwargs
            self._name = call.function
            if far:
                self._core.incoming.decode_call(args, kwargs, self._frame.attachments)
            self._given = shown(args, kwargs)
            looked()
            decoded = perf_counter_ns()
            await self._begin(options)
            value = await self._own(
                lambda: invoke(self._core.names.resolve(self._name), args, kwargs)
            )
        else:
            program = read_program(body)
            options = program.options
            self._steps = Steps(
                program.steps, self._frame.attachments, self._core.names, self._core.incoming
            )
            decoded = perf_counter_ns()
            await self._begin(options)
            value = await self._run(self._steps)
            looked()
        answers, call_id = self._core.answers, self._frame.call_id
        if options.is_stream:
            await self._stream(await self._own(lambda: iterator_of(value, self.name)), options)
        elif options.is_timed:
            answers.timed_result(call_id, value, options.mode, began, decoded)
        else:
            answers.result(call_id, value, options.mode)

    async def _begin(self, options: Options) -> None:
        if options.is_heard:
            TELLING.is_on = True
        if options.traceparent is not None:
            # The context is this task's own.
            TRACE.set(options.traceparent)
        if not (self._running.is_urgent and options.is_nested):
            await self._take_place()

    async def _take_place(self) -> None:
        if self._places is not None:
            await self._wait(self._places.acquire)
            self._running.has_place = True

    def _leave_place(self) -> bool:
        if self._places is None or not self._running.has_place:
            return False
        self._running.has_place = False
        self._places.release()
        return True

    async def _run(self, steps: Steps) -> object:
        while not steps.is_done:
            steps.prepare()
            steps.keep(await self._own(steps.do, is_awaited=steps.is_call))
        return steps.value

    async def _own(self, code: Callable[[], Any], *, is_awaited: bool = True) -> Any:  # noqa: ANN401
        """Run code of the user, and await what it returns."""
        running = self._running
        try:
            running.arm(self._core.asked)
            value = code()
            if is_awaited and is_awaitable(value):
                value = await value
        finally:
            running.is_armed = False
        return value

    async def _wait(self, code: Callable[[], Any]) -> None:
        """Wait for something of the worker's; a signal does not come between."""
        running = self._running
        try:
            running.is_waiting = True
            running.check(self._core.asked)
            await code()
        finally:
            running.is_waiting = False

    async def _stream(self, iterator: object, options: Options) -> None:
        stream = Stream(self._frame.call_id, options, self._core.answers)
        stream.open(self.name, iterator)
        try:
            while True:
                await self._credit(stream)
                value = await self._own(_next_of(stream), is_awaited=stream.is_async)
                stream.send(value)
                if value is DONE:
                    return
        except BaseException:
            closing = stream.closing
            if closing is not None:
                left = closing()
                if stream.is_async:
                    await left
            raise

    async def _credit(self, stream: Stream) -> None:
        running = self._running
        had_place = False
        while True:
            stream.given = running.given
            if stream.has_credit:
                break
            had_place = self._leave_place() or had_place
            running.credit.clear()
            await self._wait(running.credit.wait)
        if had_place:
            await self._take_place()


def _next_of(stream: Stream) -> Callable[[], Any]:
    iterator = stream.iterator
    if stream.is_async:
        return lambda: next_of(iterator)
    return lambda: next(iterator, DONE)
