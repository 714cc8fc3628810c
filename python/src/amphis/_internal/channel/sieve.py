"""Frames that came and wait to be received; those about memory are taken out."""

from __future__ import annotations

from collections import deque

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.channel.spill import copy_frame
from amphis._internal.errors import AmphisError
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.header import FrameKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.channel.loans import Loans
    from amphis._internal.frame.frame import Buffer, Frame
    from amphis._internal.memory.guest import GuestMemory

# What belongs to the channel.
_OWN = frozenset({FrameKind.MEMORY, FrameKind.PING, FrameKind.PONG})


class Sieve:
    """Makes frames of bytes, and gives those about memory to the loans of the connection.

    Args:
        loans: None where there is no memory; a frame about it is refused then
        memory: in which large frames of the host lie; there whenever there are loans

    Attributes:
        whole: takes bytes that are one plain frame for a receiver, before `feed` is tried
    """

    def __init__(
        self, max_frame_bytes: int, loans: Loans | None, memory: GuestMemory | None
    ) -> None:
        self._decoder = FrameDecoder(max_frame_bytes=max_frame_bytes)
        self._max_frame_bytes = max_frame_bytes
        self._loans = loans
        self._memory = memory
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
                if frame.kind is not FrameKind.MEMORY:
                    frames.append(frame)
                elif (whole := self._take(frame)) is not None:
                    frames.append(whole)
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

    def _take(self, frame: Frame) -> Frame | None:
        """The frame that takes its place, if one lies in memory."""
        if self._loans is None or self._memory is None:
            raise _refused(frame.kind, "it is about memory, and this connection has none")
        reference = self._loans.take(frame.body)
        if reference is None:
            return None
        # The other side may write there until the last moment: what is judged is a copy.
        data = copy_frame(self._memory, reference, self._max_frame_bytes)
        decoder = FrameDecoder(max_frame_bytes=self._max_frame_bytes)
        frames = decoder.feed(data)
        decoder.end()
        if len(frames) != 1:
            raise _refused(frame.kind, "what it names is not one whole frame")
        if frames[0].kind in _OWN:
            raise _refused(frames[0].kind, "one of its kind does not lie in memory")
        return frames[0]


def _refused(kind: FrameKind, why: str) -> AmphisError:
    return AmphisError(
        ErrorCode.FRAME_INVALID,
        f"Cannot take frame: {why}",
        {"field": "kind", "received": int(kind)},
    )


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
