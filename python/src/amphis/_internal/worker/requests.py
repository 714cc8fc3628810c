"""What the program asks, checked: bodies of calls, programs, credits and the like."""

from __future__ import annotations

from amphis._internal.bodies.place import MAX_SAFE, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from amphis._internal.codec.codec import Codec

_MODES = ("auto", "value", "handle", "arrow")
_FLAGS = {
    "stream": "is_stream",
    "timed": "is_timed",
    "nested": "is_nested",
    "operations": "is_heard",
    "idempotent": "",
}
_MAX_CREDIT = 2**31 - 1
_CODES = ("REQUEST_CANCELLED", "REQUEST_TIMEOUT")


class Options:
    """How a call or program is done.

    Attributes:
        mode: how its result travels: `auto`, `value`, `handle` or `arrow`
        is_stream: whether it is answered item by item
        is_timed: whether the answer tells how long it took
        is_nested: whether it is asked from within a callback, and done before that goes on
        within: number of that callback; 0: not said
        is_heard: whether somebody hears of operations
        traceparent: W3C trace context
    """

    __slots__ = (
        "is_heard",
        "is_nested",
        "is_stream",
        "is_timed",
        "mode",
        "traceparent",
        "within",
    )

    def __init__(self, body: str, given: dict[str, object]) -> None:
        self.mode = "auto"
        self.is_stream = self.is_timed = self.is_nested = self.is_heard = False
        self.within = 0
        self.traceparent: str | None = None
        if given and not self._read_right(given):
            self._read(Place(body, given))

    def _read_right(self, given: dict[str, object]) -> bool:
        """Read options as nearly all are; False: one is not, and is to be looked at with care."""
        for name, value in given.items():
            kind = type(value)
            if name == "result" and kind is str and value in _MODES:
                self.mode = value
            elif name == "traceparent" and kind is str:
                self.traceparent = value  # type: ignore[assignment] # as above
            elif name == "within" and kind is int and 0 <= value <= MAX_SAFE:  # type: ignore[operator]
                self.within = value  # type: ignore[assignment] # as above
            elif name == "ttlMs" and kind is int and 0 <= value <= MAX_SAFE:  # type: ignore[operator]
                continue
            elif kind is not bool or name not in _FLAGS:
                return False
            elif value and name != "idempotent":
                setattr(self, _FLAGS[name], value)
        return True

    def _read(self, given: Place) -> None:
        self.is_stream = _flag(given.key("stream"))
        self.is_timed = _flag(given.key("timed"))
        self.is_nested = _flag(given.key("nested"))
        self.is_heard = _flag(given.key("operations"))
        _flag(given.key("idempotent"))
        mode, trace, ttl = given.key("result"), given.key("traceparent"), given.key("ttlMs")
        within = given.key("within")
        if not mode.is_absent:
            self.mode = mode.text()
            if self.mode not in _MODES:
                raise mode.invalid("auto, value, handle or arrow")
        if not trace.is_absent:
            self.traceparent = trace.text()
        if not ttl.is_absent:
            ttl.integer(0, MAX_SAFE)
        if not within.is_absent:
            self.within = within.integer(0, MAX_SAFE)


NO_OPTIONS: Final = Options("call", {})
"""Of the calls that say nothing, which are most."""


class Call:
    """One call of a function by name."""

    __slots__ = ("args", "function", "kwargs", "options")

    def __init__(
        self, function: str, args: list[object], kwargs: dict[str, object], options: Options
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.options = options


class Program:
    """A chain of steps, each an operation with what it needs; read only as far as its shape."""

    __slots__ = ("options", "steps")

    def __init__(self, steps: list[list[object]], options: Options) -> None:
        self.steps = steps
        self.options = options


def read_call(body: object) -> Call:
    """Read the body of a call.

    Raises:
        AmphisError: BODY_INVALID
    """
    if type(body) is list and len(body) >= 4:
        function, args, kwargs, options = body[:4]
        is_plain = type(function) is str and type(args) is list and options == {}
        if is_plain and type(kwargs) is dict and _are_texts(kwargs):
            return Call(function, args, kwargs, NO_OPTIONS)
    name, listed, named, given, *_ = Place("call", body).array(4)
    return Call(name.text(), listed.items(), named.map(), Options("call", given.map()))


# How many parts each kind of step has behind its name, at least and at most.
_STEPS = {
    "name": (1, 1),
    "get": (2, 2),
    "set": (3, 3),
    "delete": (2, 2),
    "call": (3, 3),
    "item": (2, 2),
    "setItem": (3, 3),
    "deleteItem": (2, 2),
    "value": (1, 1),
}


def read_program(body: object) -> Program:
    """Read the body of a program.

    Raises:
        AmphisError: BODY_INVALID
    """
    steps, given, *_ = Place("program", body).array(2)
    places = steps.array(1)
    return Program([_step(place) for place in places], Options("program", given.map()))


def _step(place: Place) -> list[object]:
    parts = place.array(2)
    name = parts[0].text()
    least = _STEPS.get(name)
    if least is None:
        raise parts[0].invalid("one of " + ", ".join(_STEPS))
    if len(parts) <= least[0]:
        raise place.invalid(f"{name} with {least[0]} parts")
    if name in {"get", "set", "delete"}:
        parts[2].text()
    elif name == "name":
        parts[1].text()
    elif name == "call":
        parts[2].items()
        parts[3].map()
    return place.items()


def read_credit(body: object) -> int:
    """Read how many more items may come.

    Raises:
        AmphisError: BODY_INVALID
    """
    return Place("credit", body).array(1)[0].integer(1, _MAX_CREDIT)


def read_release(body: object) -> Sequence[int]:
    """Read which handles are let go.

    Raises:
        AmphisError: BODY_INVALID
    """
    numbers = Place("release", body).array(1)[0]
    return [place.integer(0, MAX_SAFE) for place in numbers.array(0)]


def read_cancel(body: object) -> tuple[str, str]:
    """Read why a call is not wanted any more: reason and code.

    Raises:
        AmphisError: BODY_INVALID
    """
    reason, code, *_ = Place("cancel", body).array(2)
    if code.text() not in _CODES:
        raise code.invalid(" or ".join(_CODES))
    return reason.text(), code.text()


def read_event(codec: Codec, data: bytes) -> tuple[str, Place]:
    """Read which event it is, an empty text for one that has no name, and where the rest is.

    Raises:
        AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
    """
    body = Place("event", codec.decode(data))
    event = body.key("event")
    return ("" if event.is_absent else event.text()), body


def read_recall(event: Place) -> list[int]:
    """Read which calls are taken back.

    Raises:
        AmphisError: BODY_INVALID
    """
    return [place.integer(1, MAX_SAFE) for place in event.key("calls").array(1)]


def _are_texts(names: dict[object, object]) -> bool:
    return not names or all(type(name) is str for name in names)


def _flag(place: Place) -> bool:
    return not place.is_absent and place.boolean()
