"""Items of a stream, the credit for more, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError

if TYPE_CHECKING:
    from amphis._internal.codec.codec import Bytes, Codec

_MSGPACK = msgpack()
_MAX_CREDIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ItemBody:
    """One item; `sequence` counts from 0 without gaps."""

    sequence: int
    value: object

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind item."""
        return codec.encode([self.sequence, self.value])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> ItemBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        sequence, value, *_ = Place("item", codec.decode(data)).array(2)
        return cls(sequence.integer(0, MAX_SAFE), value.value)


@dataclass(frozen=True, slots=True)
class CreditBody:
    """Leave to send `count` more items, 1 to 2^31-1."""

    count: int

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind credit."""
        return codec.encode([self.count])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> CreditBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        return cls(Place("credit", codec.decode(data)).array(1)[0].integer(1, _MAX_CREDIT))


@dataclass(frozen=True, slots=True)
class EndBody:
    """The end of a stream; `sequence` is how many items there were."""

    sequence: int

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind end."""
        return codec.encode([self.sequence])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> EndBody:
        """Read it.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        return cls(Place("end", codec.decode(data)).array(1)[0].integer(0, MAX_SAFE))


class SequenceCheck:
    """Checks that the items of one stream come in order and that its end counts them all."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = 0

    def item(self, sequence: int) -> None:
        """Take an item.

        Raises:
            AmphisError: SEQUENCE_BROKEN when one is missing, repeated or out of order
        """
        self._expect(sequence)
        self._next += 1

    def end(self, sequence: int) -> None:
        """Take the end.

        Raises:
            AmphisError: SEQUENCE_BROKEN when items are missing before it
        """
        self._expect(sequence)

    def _expect(self, actual: int) -> None:
        if actual != self._next:
            raise AmphisError(
                ErrorCode.SEQUENCE_BROKEN,
                f"Cannot take stream item {actual}: item {self._next} comes next",
                {"expected": self._next, "actual": actual},
            )
