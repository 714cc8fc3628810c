"""Where a MessagePack decoder stands in its input."""

from __future__ import annotations

from amphis._internal.codec.refusal import decode_failed, depth_exceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.errors import AmphisError


class Reader:
    """The input, the place of the next byte and how many more levels may open.

    `end` is where the value or extension that is being read must end. Reading the head of an item
    may run past it, but then the item does not end there, which is checked. `far` counts handles
    and attachments.
    """

    __slots__ = ("data", "end", "far", "max_depth", "pos", "room")

    def __init__(self, data: bytes, max_depth: int) -> None:
        self.data = data
        self.pos = 0
        self.end = len(data)
        self.max_depth = max_depth
        self.room = max_depth
        self.far = 0

    def enter(self, least_bytes: int) -> None:
        """Open a level whose items take at least so many bytes; nothing is allocated before."""
        if least_bytes > self.end - self.pos:
            raise self.truncated()
        if self.room <= 0:
            raise depth_exceeded("decode", "msgpack", self.max_depth)
        self.room -= 1

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        start = self.pos
        stop = start + size
        if stop > self.end:
            raise self.truncated()
        self.pos = stop
        return self.data[start:stop]

    def truncated(self) -> AmphisError:
        """Say that the input ends inside a value."""
        return decode_failed("msgpack", self.end, "the input ends inside a value")

    def failed(self, reason: str) -> AmphisError:
        """Say what is wrong with the item that was just read."""
        return decode_failed("msgpack", min(self.pos, self.end), reason)
