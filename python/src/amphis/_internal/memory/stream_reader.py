"""Reads a stream of chunks."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from amphis._internal.bodies.call import CancelBody
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.bodies.stream import CreditBody, EndBody
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.carrier import open_attachment
from amphis._internal.memory.stream_failures import kept
from amphis._internal.memory.stream_flow import Inflow
from amphis._internal.memory.stream_frames import decode_chunk, let_go

if TYPE_CHECKING:
    from collections.abc import Generator

    from typing_extensions import Self

    from amphis._internal.memory.streams import ChunkStreams

# ended: all chunks came, and some may wait. over: it broke off, or the consumer is done.
_State: TypeAlias = Literal["open", "ended", "over"]

_STOPPED = "the consumer stopped reading"


class ChunkReader:
    """Large values that come one after the other: `for chunk in reader`. Made by `ChunkStreams`.

    A chunk stays in memory as long as anything shows it, so one that is to be kept is simply kept.
    The peer gets credit for what was used up: chunks that are on their way or wait are never more
    than the window, besides the one that the loop still names. Leaving the loop cancels the peer
    at once, as its iterator is closed; so does `cancel`, and the end of a `with` block. An error of
    the peer, and anything that it may not send, is raised in the loop as soon as it is known, and
    what waits is let go of. One thread at a time reads.
    """

    def __init__(self, streams: ChunkStreams, call_id: int, window: int) -> None:
        if window < 1:
            raise ValueError(f"Cannot read chunks: window must be 1 or more, got {window}")
        self._streams = streams
        self._call_id = call_id
        self._inflow = Inflow(window)
        self._waiting: deque[object] = deque()
        self._state: _State = "open"
        # Why it broke off, until the consumer knows.
        self._error: AmphisError | None = None

    def __iter__(self) -> Generator[Any, None, None]:
        """Chunks in order.

        Raises:
            AmphisError: what the stream broke off with, once: then it is over
        """
        try:
            # A chunk has no name in here: only the consumer is to keep it.
            while (chunk := self._next()) is not None:
                yield chunk.pop()
                self._use()
        finally:
            self.cancel()

    def cancel(self, reason: str = _STOPPED) -> None:
        """Want no more, and say so to the peer. Let go of everything. Again, it does nothing."""
        with self._streams.lock:
            was_open = self._state == "open"
            self._end(None)
        if was_open:
            self._say(FrameKind.CANCEL, CancelBody(reason).encode())

    def take(self, frame: Frame) -> bool:
        """Take a frame of the peer, if it is for a reader; what is wrong with it breaks off.

        With the lock of the streams.
        """
        if frame.kind not in _KINDS:
            return False
        # An error behind the end is one of the call.
        if frame.kind is FrameKind.ERROR and self._state != "open":
            return False
        try:
            self._take(frame)
        except AmphisError as error:
            self._end(kept(error))
            self._say(FrameKind.CANCEL, CancelBody(error.message).encode())
        return True

    def close(self, error: AmphisError) -> None:
        """Break off without a word, unless all chunks came. With the lock of the streams."""
        if self._state == "open":
            self._end(kept(error))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()

    def _take(self, frame: Frame) -> None:
        if frame.kind is FrameKind.ITEM:
            self._take_chunk(frame)
        elif frame.kind is FrameKind.END:
            self._inflow.end(EndBody.decode(frame.body).sequence)
            self._state = "ended"
        else:
            self._end(ErrorBody.decode(frame.body))

    def _take_chunk(self, frame: Frame) -> None:
        guest = self._streams.memory
        try:
            chunk = decode_chunk(frame)
            self._inflow.arrive(chunk.sequence)
        except AmphisError:
            let_go(frame, guest)
            raise
        self._waiting.append(open_attachment(chunk.attachment, chunk.value, guest))

    def _next(self) -> list[object] | None:
        """The next chunk, alone in a list; None at the end."""
        with self._streams.lock:
            credit = self._inflow.begin() if self._state == "open" else 0
        self._give(credit)
        self._streams.wait(self._has_news)
        with self._streams.lock:
            if self._waiting:
                return [self._waiting.popleft()]
            error, self._error = self._error, None
        if error is None:
            return None
        try:
            raise error
        finally:
            # Its traceback leads here, and to the chunk in the consumer's hand: no circle of these.
            del error

    def _has_news(self) -> bool:
        return len(self._waiting) > 0 or self._state != "open"

    def _use(self) -> None:
        with self._streams.lock:
            credit = self._inflow.use() if self._state == "open" else 0
        self._give(credit)

    def _give(self, credit: int) -> None:
        if credit:
            self._say(FrameKind.CREDIT, CreditBody(credit).encode())

    def _say(self, kind: FrameKind, body: bytes) -> None:
        self._streams.say(Frame(kind, body, self._call_id))

    def _end(self, error: AmphisError | None) -> None:
        """Let go of everything; the consumer hears of the error when it asks next."""
        self._state = "over"
        self._error = error
        self._waiting.clear()
        self._streams.forget_reader(self._call_id)


_KINDS = frozenset({FrameKind.ITEM, FrameKind.END, FrameKind.ERROR})
