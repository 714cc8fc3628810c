"""What a worker consists of, whatever its profile."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from threading import get_ident

from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.answers import Answers
from amphis._internal.worker.awaiting import Awaiting
from amphis._internal.worker.callbacks import Callbacks
from amphis._internal.worker.cancel import Asked
from amphis._internal.worker.incoming import Incoming
from amphis._internal.worker.names import Names, serve
from amphis._internal.worker.objects import Objects
from amphis._internal.worker.outgoing import Outgoing
from amphis._internal.worker.requests import read_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from amphis._internal.channel.channel import Channel
    from amphis._internal.frame.frame import Frame
    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.control import Control
    from amphis._internal.worker.guard_judge import Judge
    from amphis._internal.worker.output import Capture
    from amphis._internal.worker.streams import Stream


# How long the program has to take what it was told, when the worker ends.
_LAST_WORDS_S = 0.25


class Core:
    """The parts that all profiles share.

    Attributes:
        asked: calls that are not wanted any more
        guards: of the threads that run calls, by their number
        judge: of what calls may reach; None where there is no policy
        streams: answers under way, by the number of their call
    """

    def __init__(self, channel: Channel, control: Control, judge: Judge | None = None) -> None:
        self.channel = channel
        self.control = control
        self.codec = msgpack()
        self.asked = Asked()
        self.guards: dict[int, Guard] = {}
        self.streams: dict[int, Stream] = {}
        self.output: Capture | None = None
        self.objects = Objects()
        self.judge = judge
        self.names = Names(self.guards) if judge is None else judge.names(self.guards)
        serve(self.names)
        self.awaiting = Awaiting()
        self.outgoing = Outgoing(self.objects, channel.memory)
        self.answers = Answers(channel, self.outgoing, self.objects)
        self.callbacks = Callbacks(self.outgoing, self.answers, self.guards)
        self.incoming = Incoming(self.objects, channel.memory, self.callbacks)

    def current_call(self) -> int:
        """The call that this thread does; 0 for none."""
        guard = self.guards.get(get_ident())
        return 0 if guard is None else guard.current

    def log(self, entry: dict[str, object]) -> None:
        """Send an entry of the log, which may be made inside of a call.

        Raises:
            AmphisError: a text in it cannot travel
        """
        guard = self.guards.get(get_ident())
        # A line that was broken off in the middle would be the end of the worker.
        call_id = 0 if guard is None else guard.suspend()
        try:
            call = entry.get("call")
            number = call if isinstance(call, int) else 0
            self.control.send(FrameKind.LOG, self.codec.encode(entry), number)
        finally:
            if guard is not None:
                guard.resume(call_id)

    def flush_output(self, call_id: int) -> None:
        """Send what a call printed without the end of a line; in its thread, when it ends."""
        output = self.output
        if output is not None and output.unended:
            output.flush(call_id)

    def tell(self, event: dict[str, object]) -> None:
        """Send an event that is made inside of a call."""
        guard = self.guards.get(get_ident())
        # As a line of the log.
        call_id = 0 if guard is None else guard.suspend()
        try:
            self.event(event)
        finally:
            if guard is not None:
                guard.resume(call_id)

    def event(self, event: dict[str, object]) -> None:
        """Send an event."""
        self.control.send(FrameKind.EVENT, self.codec.encode(event))

    def tell_gone(self) -> None:
        """Tell the program which of its functions nobody here uses any more."""
        numbers = self.callbacks.held.take_gone()
        if numbers:
            self.answers.send(FrameKind.RELEASE, 0, self.codec.encode([numbers]), ())

    def release(self, frame: Frame) -> None:
        """Let go of handles."""
        try:
            numbers = read_release(self.codec.decode(frame.body))
        except AmphisError as error:
            self.complain(frame, error)
        else:
            self.objects.release(numbers)

    def drop(self, frame: Frame) -> None:
        """Let go of what came with a frame that nobody wants: memory has a share for each."""
        if frame.attachments:
            memory = self.channel.memory
            for kind, data in frame.attachments:
                if kind and memory is not None:
                    try:
                        memory.accept(data)
                    except AmphisError:
                        # Then there was nothing in it to let go.
                        continue

    def complain(self, frame: Frame, error: AmphisError | None = None) -> None:
        """Tell of a frame that means nothing here; nothing else happens because of it."""
        self.drop(frame)
        why = "workers take none of that kind" if error is None else error.message
        self.log(
            {
                "time": time.time() * 1_000,
                "level": "warning",
                "logger": "amphis.worker",
                "message": f"A frame of kind {frame.kind.name.lower()} was ignored: {why}",
                "call": frame.call_id,
            }
        )

    def leave(self) -> NoReturn:
        """End the process in good order: what was to be done at its end is done."""
        import atexit  # noqa: PLC0415 - once, at the end

        # The program may have left already.
        with suppress(AmphisError):
            self.channel.end()
        try:
            atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to run them and not return
            _flush(sys.stdout, sys.stderr)
            self.control.finish(_LAST_WORDS_S)
        finally:
            os._exit(0)

    def end(self) -> NoReturn:
        """End the process at once: the program is gone."""
        os._exit(0)


def _flush(*streams: object) -> None:
    for stream in streams:
        flush = getattr(stream, "flush", None)
        if flush is not None:
            flush()


def shown(arguments: Sequence[object], named: dict[str, object]) -> Sequence[object]:
    """What a call got, for an error to tell."""
    return [*arguments, *named.values()] if named else arguments
