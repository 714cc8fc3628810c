"""Bytes of frames that wait to be written to a connection."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from amphis._internal.priority import Priority
from amphis._internal.transport.line import PriorityLine
from amphis._internal.transport.waiting import Waiter, wake_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amphis._internal.frame.frame import Buffer

# Small frames are joined up to so many bytes for one write; larger parts are written as they are.
_BATCH_BYTES = 64 * 1024


# What is owed may be so large in any case.
_LEAST_OWED_BYTES = 64 * 1024


# The parts of a frame, how many bytes they are, and whether they are owed.
_Waiting: TypeAlias = "tuple[Sequence[Buffer], int, bool]"


class Outbox:
    """Frames that wait to be written, more urgent ones first. It knows no socket.

    Args:
        high_water: bytes beyond which senders wait, see `waiters`
    """

    __slots__ = ("_chunks", "_frames", "_owed", "_pong", "bytes", "high_water", "waiters")

    bytes: int
    high_water: int
    waiters: list[Waiter]

    def __init__(self, high_water: int) -> None:
        self.bytes = 0
        self.high_water = high_water
        # Woken whenever no more than `high_water` bytes are left.
        self.waiters = []
        self._frames: PriorityLine[_Waiting] = PriorityLine()
        self._owed = 0
        self._chunks: deque[Buffer] = deque()
        self._pong: Buffer | None = None

    @property
    def is_full(self) -> bool:
        """Whether a sender has to wait before it puts more."""
        return self.bytes > self.high_water

    @property
    def is_overdrawn(self) -> bool:
        """Whether nothing more should be read, as the peer does not take what it is owed."""
        return self._owed > _LEAST_OWED_BYTES and self._owed > self.high_water

    def put(self, priority: Priority, parts: Sequence[Buffer], *, is_owed: bool = False) -> None:
        """Add a frame; one that is owed answers what was just read, so nobody waited for room."""
        size = sum(map(_size, parts))
        if size < _BATCH_BYTES:
            parts = (b"".join(parts),)
        self._frames.put(priority, (parts, size, is_owed))
        self.bytes += size
        if is_owed:
            self._owed += size

    def put_pong(self, frame: Buffer) -> None:
        """Answer a ping. Only the latest counts: a peer that asks and never reads costs nothing."""
        if self._pong is not None:
            self.bytes -= _size(self._pong)
        self._pong = frame
        self.bytes += _size(frame)

    def chunk(self) -> Buffer | None:
        """What is to be written next, or None; the same until `advance` says it was."""
        if not self._chunks:
            self._fill()
        return self._chunks[0] if self._chunks else None

    def advance(self, written: int) -> None:
        """Say how many bytes of the chunk were written."""
        chunk = self._chunks.popleft()
        if written != _size(chunk):
            self._chunks.appendleft(memoryview(chunk).cast("B")[written:])
        self.bytes -= written
        if self.waiters and self.bytes <= self.high_water:
            wake_all(self.waiters)

    def _fill(self) -> None:
        small: list[Buffer] = []
        waiting = 0
        if self._pong is not None:
            small.append(self._pong)
            waiting = _size(self._pong)
            self._pong = None
        while waiting < _BATCH_BYTES and self._frames:
            parts, size, is_owed = self._frames.pop()
            waiting += size
            if is_owed:
                self._owed -= size
            if size < _BATCH_BYTES:
                small += parts
            else:
                self._join(small)
                self._chunks.extend(parts)
        self._join(small)

    def _join(self, small: list[Buffer]) -> None:
        if small:
            self._chunks.append(small[0] if len(small) == 1 else b"".join(small))
            small.clear()


def _size(data: Buffer) -> int:
    return data.nbytes if isinstance(data, memoryview) else len(data)
