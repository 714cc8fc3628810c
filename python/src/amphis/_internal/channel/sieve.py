"""Frames that came and wait to be received; those about memory are taken out."""

from __future__ import annotations

from collections import deque

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.header import FrameKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.channel.loans import Loans
    from amphis._internal.frame.frame import Buffer, Frame


class Sieve:
    """Makes frames of bytes, and gives those about memory to the loans of the connection.

    Args:
        loans: None where there is no memory; a frame about it is refused then

    Attributes:
        whole: takes bytes that are one plain frame for a receiver, before `feed` is tried
    """

    def __init__(self, max_frame_bytes: int, loans: Loans | None) -> None:
        self._decoder = FrameDecoder(max_frame_bytes=max_frame_bytes)
        self._loans = loans
        self.whole = self._decoder.whole
        self._failure: AmphisError | None = None

    @property
    def failure(self) -> AmphisError | None:
        """Why nothing more is taken; frames from before it were given by `feed`."""
        return self._failure

    @property
    def is_mid_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._decoder.is_mid_frame

    def feed(self, data: Buffer) -> list[Frame]:
        """Take bytes; return the frames that they complete, up to the first wrong one."""
        frames: list[Frame] = []
        try:
            for frame in self._decoder.feed(data):
                if frame.kind is FrameKind.MEMORY:
                    self._take(frame)
                else:
                    frames.append(frame)
            self._failure = self._decoder.failure
        except AmphisError as error:
            self._failure = error
        return frames

    def truncated(self) -> AmphisError | None:
        """The error of an end at this place, if there is one."""
        try:
            self._decoder.end()
        except AmphisError as error:
            return error
        return None

    def _take(self, frame: Frame) -> None:
        if self._loans is None:
            raise AmphisError(
                ErrorCode.FRAME_INVALID,
                "Cannot take frame: it is about memory, and this connection has none",
                {"field": "kind", "received": int(frame.kind)},
            )
        self._loans.take(frame.body)


class Inbox:
    """A queue from the thread that reads to the one that receives, which knows its size.

    Attributes:
        frames: that wait; for looking at, and changed here only
    """

    __slots__ = ("_bytes_in", "_bytes_out", "frames")

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque()
        # Each is changed by one of the two threads only.
        self._bytes_in = 0
        self._bytes_out = 0

    @property
    def bytes(self) -> int:
        """What waits."""
        return self._bytes_in - self._bytes_out

    def put(self, frame: Frame) -> None:
        """Add at the end."""
        self._bytes_in += _size(frame) if frame.attachments else len(frame.body)
        self.frames.append(frame)

    def pop(self) -> Frame:
        """Take the first."""
        frame = self.frames.popleft()
        self._bytes_out += _size(frame) if frame.attachments else len(frame.body)
        return frame


def _size(frame: Frame) -> int:
    return len(frame.body) + sum([len(one.data) for one in frame.attachments])
