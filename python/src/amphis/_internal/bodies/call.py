"""Calls, their answers and their end before time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amphis._internal.bodies.place import MAX_SAFE, Place
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
    """

    function: str
    args: Sequence[object] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    ttl_ms: int | None = None
    idempotent: bool | None = None
    stream: bool | None = None

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind call."""
        options = {"ttlMs": self.ttl_ms, "idempotent": self.idempotent, "stream": self.stream}
        present = {name: value for name, value in options.items() if value is not None}
        return codec.encode([self.function, list(self.args), dict(self.kwargs), present])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> CallBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        function, args, kwargs, options, *_ = Place("call", codec.decode(data)).array(_CALL_FIELDS)
        ttl, idempotent = options.key("ttlMs"), options.key("idempotent")
        stream = options.key("stream")
        return cls(
            function=function.text(),
            args=args.items(),
            kwargs=kwargs.map(),
            ttl_ms=None if ttl.is_absent else ttl.integer(0, MAX_SAFE),
            idempotent=None if idempotent.is_absent else idempotent.boolean(),
            stream=None if stream.is_absent else stream.boolean(),
        )


@dataclass(frozen=True, slots=True)
class ResultBody:
    """The answer to a call."""

    value: object

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind result."""
        return codec.encode([self.value])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> ResultBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        return cls(Place("result", codec.decode(data)).array(1)[0].value)


@dataclass(frozen=True, slots=True)
class CancelBody:
    """Why a call is no longer wanted."""

    reason: str

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind cancel."""
        return codec.encode([self.reason])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> CancelBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        return cls(Place("cancel", codec.decode(data)).array(1)[0].text())
