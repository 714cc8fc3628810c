"""What is told on the control line of a worker: logs and events (spec/worker.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amphis._internal.bodies.options import read_option, whole
from amphis._internal.bodies.place import Place
from amphis._internal.codec.msgpack.codec import msgpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amphis._internal.codec.codec import Bytes, Codec

_MSGPACK = msgpack()
_LEVELS = ("debug", "info", "warning", "error", "critical")
_STREAMS = ("stdout", "stderr")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBody:
    """A line that Python logged or printed.

    Attributes:
        time: milliseconds since 1970
        level: `debug`, `info`, `warning`, `error` or `critical`
        call: the call that said it; 0: none
        stream: `stdout` or `stderr`, of `print`
        exception: text of the exception that was logged with it
    """

    time: float
    level: str
    logger: str
    message: str
    call: int = 0
    stream: str | None = None
    file: str | None = None
    line: int | None = None
    exception: str | None = None

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind log."""
        optional: dict[str, object | None] = {
            "stream": self.stream,
            "file": self.file,
            "line": self.line,
            "exception": self.exception,
        }
        return codec.encode(
            {
                "time": self.time,
                "level": self.level,
                "logger": self.logger,
                "message": self.message,
                "call": self.call,
                **{name: value for name, value in optional.items() if value is not None},
            }
        )

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> LogBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        log = Place("log", codec.decode(data))
        return cls(
            time=log.key("time").number(),
            level=log.key("level").one_of(_LEVELS),
            logger=log.key("logger").text(),
            message=log.key("message").text(),
            call=whole(log.key("call")),
            stream=read_option(log, "stream", lambda place: place.one_of(_STREAMS)),
            file=read_option(log, "file", Place.text),
            line=read_option(log, "line", whole),
            exception=read_option(log, "exception", Place.text),
        )


@dataclass(frozen=True, slots=True)
class EventBody:
    """Something that one side tells the other; ones that are not known are to be ignored.

    Attributes:
        fields: all keys of the event, `event` included
    """

    fields: Mapping[str, object]

    @property
    def event(self) -> str:
        """What it is about."""
        return Place("event", self.fields.get("event"), "$.event").text()

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind event."""
        return codec.encode(dict(self.fields))

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> EventBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        place = Place("event", codec.decode(data))
        place.key("event").text()
        return cls(place.map())
