"""Calls, their answers and their end before time."""

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
_CALL_FIELDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBody:
    """A call of a function by name.

    Attributes:
        function: `module:attribute`
        ttl_ms: time left for the call
        idempotent: whether it may be made again after its worker died
        stream: whether the answer is a stream of items
        result: how it travels: `auto`, `value`, `handle`, `arrow`
        traceparent: W3C trace context, there for the code that is called
        timed: whether the answer tells how long it took
        nested: whether it is asked from within a callback of a call in progress
        within: number of that callback
        operations: whether somebody hears of the operations that the code tells of
    """

    function: str
    args: Sequence[object] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
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
        """Encode it for a frame of kind call."""
        options = encode_options(self)
        return codec.encode([self.function, list(self.args), dict(self.kwargs), options])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> CallBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        function, args, kwargs, options, *_ = Place("call", codec.decode(data)).array(_CALL_FIELDS)
        return cls(
            function=function.text(),
            args=args.items(),
            kwargs=kwargs.map(),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Where a worker spent its time on a call, in nanoseconds."""

    decode: int
    run: int
    encode: int


@dataclass(frozen=True, slots=True)
class ResultBody:
    """The answer to a call, and where the time went if that was asked for."""

    value: object
    figures: Figures | None = None

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind result."""
        figures = self.figures
        if figures is None:
            return codec.encode([self.value])
        names = {"decode": figures.decode, "run": figures.run, "encode": figures.encode}
        return codec.encode([self.value, names])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> ResultBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        value, *more = Place("result", codec.decode(data)).array(1)
        return cls(value.value, _figures(more[0]) if more and not more[0].is_absent else None)


def _figures(place: Place) -> Figures:
    return Figures(
        decode=whole(place.key("decode")),
        run=whole(place.key("run")),
        encode=whole(place.key("encode")),
    )


@dataclass(frozen=True, slots=True)
class CancelBody:
    """Why a call is no longer wanted, and with which code it is to be answered."""

    reason: str
    code: str | None = None

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind cancel."""
        return codec.encode([self.reason] if self.code is None else [self.reason, self.code])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> CancelBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        reason, *more = Place("cancel", codec.decode(data)).array(1)
        code = more[0].text() if more and not more[0].is_absent else None
        return cls(reason.text(), code)
