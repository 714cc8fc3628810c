"""Asks the program to call its functions, from any thread, and waits for what they return."""

from __future__ import annotations

import itertools
from threading import get_ident

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import Place
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.error_wire import decode_error
from amphis._internal.frame.header import FrameKind
from amphis._internal.worker.exceptions import Cancelled, TypeScriptError
from amphis._internal.worker.functions import Held, TypeScriptFunction, TypeScriptIterable
from amphis._internal.worker.headroom import ensure_room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from amphis._internal.frame.frame import Frame
    from amphis._internal.worker.answers import Answers
    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.incoming import Incoming
    from amphis._internal.worker.outgoing import Outgoing
    from amphis._internal.worker.waits import Waits


# As they are shown in Python too.
_KINDS = {
    "call": "TypeScript function",
    "next": "TypeScript iterable",
    "return": "TypeScript iterable",
}


class Callbacks:
    """Calls functions of the program. For all threads.

    A call can be broken off while it waits here, but never between the bytes of a frame: whoever
    asks is not armed (see `cancel`) for so long.

    Args:
        outgoing: converts arguments
        answers: sends
        guards: of threads that run calls, by their number
    """

    def __init__(self, outgoing: Outgoing, answers: Answers, guards: dict[int, Guard]) -> None:
        self._outgoing = outgoing
        self._answers = answers
        self._guards = guards
        self._numbers = itertools.count(1)
        self._codec = msgpack()
        self.held = Held(self)
        self._incoming: Incoming
        self._waits: Waits
        self._work: Callable[[Frame], None]

    def join(self, incoming: Incoming, waits: Waits, work: Callable[[Frame], None]) -> None:
        """Say what converts results, how to wait, and what does nested work meanwhile."""
        self._incoming = incoming
        self._waits = waits
        self._work = work

    def function(self, number: int) -> TypeScriptFunction:
        """The function of a handle."""
        return self.held.function(number)

    def iterable(self, number: int) -> TypeScriptIterable:
        """The iterable of a handle."""
        return self.held.iterable(number)

    def ask(
        self, number: int, method: str, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> Any:  # noqa: ANN401 - whatever the program answers
        """See `Asks`.

        Raises:
            TypeScriptError: what the function has thrown
            AmphisError: an argument cannot travel
            Cancelled: the call in which this is asked is not wanted any more
            RecursionError: calls are nested too deeply; nothing was asked
        """
        ensure_room()
        guard = self._guards.get(get_ident())
        if guard is None:
            return self._ask(0, number, method, args, kwargs)
        call_id = guard.suspend()
        try:
            return self._ask(call_id, number, method, args, kwargs)
        finally:
            guard.resume(call_id)

    def _ask(
        self,
        call_id: int,
        number: int,
        method: str,
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> Any:  # noqa: ANN401 - as `ask`
        travelling, carried = self._outgoing.encode([list(args), kwargs], "auto")
        body = self._codec.encode([number, method, *travelling])  # type: ignore[misc] # a list
        callback = next(self._numbers)
        waiter = self._waits.expect(callback, call_id)
        try:
            self._answers.send(FrameKind.CALLBACK, callback, body, carried)
            self._waits.wait(waiter, self._work)
        finally:
            self._waits.forget(callback)
        answer = waiter.answer
        if answer is None:
            raise Cancelled("the call that waited here is not wanted any more")
        return self._read(answer, callback, f"{_KINDS[method]} {number}")

    def _read(self, answer: Frame, callback: int, function: str) -> object:
        body = self._codec.decode(answer.body)
        if answer.kind is FrameKind.ERROR:
            raise _thrown(body, callback, function)
        value = Place("result", body).array(1)[0].value
        return self._incoming.decode(value, answer.attachments)


def _thrown(body: object, callback: int, function: str) -> TypeScriptError:
    error = decode_error(Place("error", body).map())
    origin = error.origin or {}
    code = error.code.value if isinstance(error.code, ErrorCode) else error.code
    return TypeScriptError(
        error.message,
        code=code,
        stack=origin.get("traceback", ""),
        type=origin.get("type", ""),
        callback=callback,
        function=function,
    )
