"""Does calls and programs in the thread that has them, one after the other."""

from __future__ import annotations

from time import perf_counter_ns

from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.awaiting import is_awaitable
from amphis._internal.worker.core import Core, shown
from amphis._internal.worker.exceptions import Cancelled
from amphis._internal.worker.invoke import invoke
from amphis._internal.worker.program import Steps
from amphis._internal.worker.requests import (
    NO_OPTIONS,
    Call,
    Options,
    read_call,
    read_program,
)
from amphis._internal.worker.streams import DONE, Stream, iterator_of
from amphis._internal.worker.telling import TELLING
from amphis._internal.worker.trace import TRACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amphis._internal.frame.frame import Frame
    from amphis._internal.native import PlainCall
    from amphis._internal.worker.cancel import Guard

_CALL, _RESULT = FrameKind.CALL, FrameKind.RESULT
# Results of these types, which most calls have, are certainly not awaitable.
_PLAIN = frozenset((type(None), bool, int, float, str, bytes, list, dict, tuple))


class Performing:
    """Performs what came in frames. Each thread has its own guard; all else is shared.

    Code of the user runs between `arm` and `disarm` of the guard only; see `cancel`.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._asked = core.asked
        self._answers = core.answers
        self._send_plain = core.answers.send_plain
        self._incoming = core.incoming
        self._decode = core.codec.decode_counted
        self._flush = core.flush_output
        resolve = core.names.resolve
        self._resolve = resolve if core.judge is None else core.judge.callee(resolve)
        self._await = core.awaiting.run

    def perform(
        self, frame: Frame, guard: Guard, decoded: Callable[[], None] | None = None
    ) -> None:
        """Do a call or program, and answer it.

        Args:
            frame: of a call or a program
            guard: of this thread
            decoded: called when no handle in it is looked at any more; perhaps never

        Raises:
            AmphisError: the channel is over
        """
        outer, guard.current = guard.current, frame.call_id
        try:
            if frame.kind is _CALL:
                self._call(frame, guard, decoded)
            else:
                self._program(frame, guard, decoded)
            self._flush(frame.call_id)
        finally:
            guard.current = outer

    def perform_plain(self, came: PlainCall, guard: Guard) -> None:
        """As `perform`, of a call that came as what it means."""
        call_id, name, args, kwargs, given, far = came
        outer, guard.current = guard.current, call_id
        try:
            if given or far:
                began = perf_counter_ns()
                options = Options("call", given) if given else NO_OPTIONS
                if far:
                    args = self._incoming.decode(args)
                    kwargs = self._incoming.decode(kwargs)
                decoded = perf_counter_ns()
                value = self._run_call(Call(name, args, kwargs, options), call_id, guard)
                self._answer(call_id, options, name, value, began, decoded, guard)
            else:
                # The same in as few steps as can be, as nearly all calls come here.
                try:
                    guard.arm(call_id)
                    value = invoke(self._resolve(name), args, kwargs)
                    if type(value) not in _PLAIN and is_awaitable(value):
                        value = self._await(value, guard)
                finally:
                    guard.disarm()
                if not self._send_plain(_RESULT, call_id, [value]):
                    self._answers.result_in_parts(call_id, value, "auto")
                if self._asked:
                    self._asked.take(call_id)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
            self._fail(call_id, error, name, shown(args, kwargs))
        finally:
            guard.current = outer
        output = self._core.output
        if output is not None and output.unended:
            output.flush(call_id)

    def _call(self, frame: Frame, guard: Guard, ready: Callable[[], None] | None = None) -> None:
        call_id, attachments = frame.call_id, frame.attachments
        name = "call"
        args: Sequence[object] = ()
        kwargs: dict[str, object] = {}
        began = perf_counter_ns()
        try:
            call, far = self._read(frame)
            name, args, kwargs = call.function, call.args, call.kwargs
            if far:
                self._incoming.decode_call(args, kwargs, attachments)
            if ready is not None:
                ready()
            decoded = perf_counter_ns()
            value = self._run_call(call, call_id, guard)
            self._answer(call_id, call.options, name, value, began, decoded, guard)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
            # Before the answer: who has it may let go of handles, and expect them gone.
            if ready is not None:
                ready()
            self._fail(call_id, error, name, shown(args, kwargs))

    def _read(self, frame: Frame) -> tuple[Call, int]:
        try:
            body, far = self._decode(frame.body)
            return read_call(body), far
        except BaseException:
            self._core.drop(frame)
            raise

    def _steps(self, frame: Frame) -> tuple[Steps, Options]:
        try:
            program = read_program(self._decode(frame.body)[0])
            steps = Steps(program.steps, frame.attachments, self._core.names, self._incoming)
        except BaseException:
            self._core.drop(frame)
            raise
        return steps, program.options

    def _run_call(self, call: Call, call_id: int, guard: Guard) -> object:
        options = call.options
        if options.is_heard:
            TELLING.is_on = True
        trace = None if options.traceparent is None else TRACE.set(options.traceparent)
        try:
            guard.arm(call_id)
            value = invoke(self._resolve(call.function), call.args, call.kwargs)
            if type(value) not in _PLAIN and is_awaitable(value):
                value = self._await(value, guard)
            if options.is_stream:
                value = iterator_of(value, call.function)
        finally:
            guard.disarm()
            if trace is not None:
                TRACE.reset(trace)
        return value

    def _program(self, frame: Frame, guard: Guard, ready: Callable[[], None] | None = None) -> None:
        call_id = frame.call_id
        began = perf_counter_ns()
        steps: Steps | None = None
        try:
            steps, options = self._steps(frame)
            decoded = perf_counter_ns()
            if options.is_heard:
                TELLING.is_on = True
            trace = None if options.traceparent is None else TRACE.set(options.traceparent)
            try:
                value = self._run(steps, call_id, guard)
                if options.is_stream:
                    guard.arm(call_id)
                    value = iterator_of(value, steps.describe())
            finally:
                guard.disarm()
                if trace is not None:
                    TRACE.reset(trace)
            name = steps.describe() if options.is_stream else ""
            if ready is not None:
                ready()
            self._answer(call_id, options, name, value, began, decoded, guard)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
            name, step = "program", None
            arguments: Sequence[object] = ()
            target: object = None
            if steps is not None:
                name, step, arguments = steps.describe(), steps.failed, steps.arguments
                target = steps.target
                steps.discard()
            if ready is not None:
                ready()
            self._fail(call_id, error, name, arguments, step, target)

    def _answer(  # noqa: PLR0913, PLR0917 - what is known of a call, on the way of each
        self,
        call_id: int,
        options: Options,
        name: str,
        value: object,
        began: int,
        decoded: int,
        guard: Guard,
    ) -> None:
        if options.is_stream:
            self._open(call_id, options, name, value, guard)
            return
        if options.is_timed:
            self._answers.timed_result(call_id, value, options.mode, began, decoded)
        else:
            self._answers.result(call_id, value, options.mode)
        if self._asked:
            self._asked.take(call_id)

    def _run(self, steps: Steps, call_id: int, guard: Guard) -> object:
        while not steps.is_done:
            steps.prepare()
            try:
                guard.arm(call_id)
                value = steps.do()
                if steps.is_call and type(value) not in _PLAIN and is_awaitable(value):
                    value = self._await(value, guard)
            finally:
                guard.disarm()
            steps.keep(value)
        return steps.value

    def _open(
        self, call_id: int, options: Options, name: str, iterator: object, guard: Guard
    ) -> None:
        stream = self._core.streams.get(call_id)
        if stream is None:
            stream = self._core.streams[call_id] = Stream(call_id, options, self._answers)
        stream.open(name, iterator)
        # Asked for while it was in neither place where that is looked for.
        if self._asked and call_id in self._asked:
            self.close(stream, guard)

    def produce(self, stream: Stream, guard: Guard) -> None:
        """Send items of a stream, as long as there is credit.

        Raises:
            AmphisError: the channel is over
        """
        call_id = stream.call_id
        outer, guard.current = guard.current, call_id
        try:
            while stream.has_credit:
                value = self._next(stream, guard)
                stream.send(value)
                if value is DONE:
                    self._forget(call_id)
                    return
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
            self._forget_with(stream, error, guard)
        finally:
            guard.current = outer

    def close(self, stream: Stream, guard: Guard) -> None:
        """End a stream that is not wanted any more, and answer so.

        Raises:
            AmphisError: the channel is over
        """
        why = self._asked.get(stream.call_id)
        self._forget_with(stream, Cancelled("" if why is None else why.reason), guard)

    def _next(self, stream: Stream, guard: Guard) -> object:
        traceparent = stream.options.traceparent
        trace = None if traceparent is None else TRACE.set(traceparent)
        try:
            guard.arm(stream.call_id)
            if stream.is_async:
                return self._core.awaiting.next(stream.iterator, guard)
            return next(stream.iterator, DONE)
        finally:
            guard.disarm()
            if trace is not None:
                TRACE.reset(trace)

    def _forget_with(self, stream: Stream, error: BaseException, guard: Guard) -> None:
        """End a stream by an error; its generator may clean up first."""
        closing = stream.closing
        why = self._asked.take(stream.call_id)
        if closing is not None:
            try:
                try:
                    guard.arm(stream.call_id)
                    left = closing()
                    if stream.is_async:
                        self._await(left, guard)
                finally:
                    guard.disarm()
            except BaseException as raised:  # noqa: BLE001 - of the user's code, and newer
                error, why = raised, None
        self._core.streams.pop(stream.call_id, None)
        self._answers.error(stream.call_id, error, call=stream.name, why=why)

    def _forget(self, call_id: int) -> None:
        self._core.streams.pop(call_id, None)
        if self._asked:
            self._asked.take(call_id)

    def _fail(  # noqa: PLR0913, PLR0917 - what is known of a call that failed
        self,
        call_id: int,
        error: BaseException,
        name: str,
        arguments: Sequence[object],
        step: int | None = None,
        target: object = None,
    ) -> None:
        self._core.streams.pop(call_id, None)
        why = self._asked.take(call_id)
        self._answers.error(
            call_id, error, call=name, why=why, arguments=arguments, step=step, target=target
        )
