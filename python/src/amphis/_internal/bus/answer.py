"""Parts of an answer, as they arrived: decoded only by whoever waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from amphis._internal.bodies.error import ErrorBody
from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.bus.failures import body_invalid, fresh
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from amphis._internal.bus.flow import Inflow
    from amphis._internal.codec.codec import Codec
    from amphis._internal.frame.frame import Frame


class Answer(NamedTuple):
    """A result, item, end or error; or an error that this side made."""

    kind: FrameKind
    body: bytes
    codec: Codec | None
    error: Exception | None = None

    @staticmethod
    def failed(error: Exception) -> Answer:
        """An error of this side."""
        return Answer(FrameKind.ERROR, b"", None, error)

    def decode(self) -> object:
        """The value of the body.

        Raises:
            AmphisError: what the codec raises for bytes that are no value
        """
        if self.codec is None:
            raise body_invalid(self.kind.name.lower(), "$", "in a codec that was agreed on")
        return self.codec.decode(self.body)

    def result(self) -> object:
        """The value that was answered with.

        Raises:
            AmphisError: the error that was answered with; BODY_INVALID
        """
        if self.kind is FrameKind.RESULT:
            value = self.decode()
            if type(value) is list and value:
                return value[0]
            raise body_invalid("result", "$", "a list of 1 or more")
        raise self.failure()

    def failure(self) -> Exception:
        """Why there is no value."""
        if isinstance(self.error, AmphisError):
            # Many calls may end with one error; each raises its own, as tracebacks grow.
            return fresh(self.error)
        if self.error is not None:
            return self.error
        if self.kind is FrameKind.ERROR:
            return ErrorBody.decode(self.body)
        return body_invalid(self.kind.name.lower(), "$", "a result, as one value was asked for")

    def item(self, flow: Inflow) -> object:
        """The value of an item, checked to be the next.

        Raises:
            AmphisError: SEQUENCE_BROKEN, BODY_INVALID
        """
        sequence, value, *_ = Place("item", self.decode()).array(2)
        flow.check.item(sequence.integer(0, MAX_SAFE))
        return value.value

    def finish(self, flow: Inflow) -> None:
        """The end of a stream, checked to come after all items.

        Raises:
            AmphisError: SEQUENCE_BROKEN, BODY_INVALID, or the error that the stream ended with
        """
        if self.kind is not FrameKind.END:
            raise self.failure()
        flow.check.end(Place("end", self.decode()).array(1)[0].integer(0, MAX_SAFE))


def credit_of(frame: Frame, codec: Codec | None) -> int:
    """How much credit a frame gives.

    Raises:
        AmphisError: BODY_INVALID
    """
    value = Answer(frame.kind, bytes(frame.body), codec).decode()
    return Place("credit", value).array(1)[0].integer(1, 2**31 - 1)
