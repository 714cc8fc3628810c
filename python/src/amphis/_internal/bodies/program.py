"""Programs, callbacks and releases: what workers hear and say besides calls (spec/worker.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amphis._internal.bodies.options import encode_options, read_option, result_mode, whole
from amphis._internal.bodies.place import Place
from amphis._internal.codec.msgpack.codec import msgpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amphis._internal.codec.codec import Bytes, Codec

_MSGPACK = msgpack()
_METHODS = ("call", "next", "return")
_CALLBACK_FIELDS = 4
# How many elements a step has, its name included.
_STEPS = {
    "name": 2,
    "get": 3,
    "set": 4,
    "delete": 3,
    "call": 4,
    "item": 3,
    "setItem": 4,
    "deleteItem": 3,
    "value": 2,
}
_BY_NAME = ("get", "set", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramBody:
    """Steps that are done one after the other; the answer is that of the last.

    Attributes:
        steps: each a list, as spec/worker.md says
        ttl_ms: time left for the program
        idempotent: whether it may be done again after its worker died
        stream: whether the answer is a stream of items
        result: how it travels: `auto`, `value`, `handle`, `arrow`
        traceparent: W3C trace context, there for the code that is called
        timed: whether the answer tells how long it took
        nested: whether it is asked from within a callback of a call in progress
        within: number of that callback
        operations: whether somebody hears of the operations that the code tells of
    """

    steps: Sequence[Sequence[object]]
    ttl_ms: int | None = None
    idempotent: bool | None = None
    stream: bool | None = None
    result: str | None = None
    traceparent: str | None = None
    timed: bool | None = None
    nested: bool | None = None
    within: int | None = None
    operations: bool | None = None

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind program."""
        return codec.encode([[list(step) for step in self.steps], encode_options(self)])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> ProgramBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        steps, options, *_ = Place("program", codec.decode(data)).array(2)
        return cls(
            steps=[_step(step) for step in steps.array(1)],
            ttl_ms=read_option(options, "ttlMs", whole),
            idempotent=read_option(options, "idempotent", Place.boolean),
            stream=read_option(options, "stream", Place.boolean),
            result=read_option(options, "result", result_mode),
            traceparent=read_option(options, "traceparent", Place.text),
            timed=read_option(options, "timed", Place.boolean),
            nested=read_option(options, "nested", Place.boolean),
            within=read_option(options, "within", whole),
            operations=read_option(options, "operations", Place.boolean),
        )


def _step(step: Place) -> list[object]:
    """Attributes go by name; targets, keys and values may be anything."""
    kind = step.array(1)[0].one_of(_STEPS)
    parts = step.array(_STEPS[kind])
    if kind == "name":
        parts[1].text()
    elif kind in _BY_NAME:
        parts[2].text()
    elif kind == "call":
        parts[2].items()
        parts[3].map()
    return step.items()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackBody:
    """A call of a function or an iterable of the program, from a worker.

    Attributes:
        function: its number
        method: `call`, or `next` and `return` of an iterable
    """

    function: int
    method: str = "call"
    args: Sequence[object] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind callback."""
        return codec.encode([self.function, self.method, list(self.args), dict(self.kwargs)])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> CallbackBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        place = Place("callback", codec.decode(data))
        function, method, args, kwargs, *_ = place.array(_CALLBACK_FIELDS)
        return cls(
            function=whole(function),
            method=method.one_of(_METHODS),
            args=args.items(),
            kwargs=kwargs.map(),
        )


@dataclass(frozen=True, slots=True)
class ReleaseBody:
    """What is let go: live objects of a worker, or functions and iterables of the program."""

    ids: Sequence[int]

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind release."""
        return codec.encode([list(self.ids)])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> ReleaseBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        ids = Place("release", codec.decode(data)).array(1)[0]
        return cls([whole(place) for place in ids.array(0)])
