"""The streams of chunks of one channel, and whose frame is whose."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.stream_failures import kept, stalled
from amphis._internal.memory.stream_frames import let_go
from amphis._internal.memory.stream_reader import ChunkReader
from amphis._internal.memory.stream_writer import ChunkWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amphis._internal.frame.frame import Frame
    from amphis._internal.memory.guest import GuestMemory

_WINDOW = 8
_MOST_WAITING_BYTES = 64 * 1_048_576


class FrameChannel(Protocol):
    """A blocking channel, as `amphis._internal.channel.Channel` is."""

    @property
    def memory(self) -> GuestMemory | None:
        """Memory of the host, if it shares any."""

    def send(self, frame: Frame, timeout: float | None = None) -> None:
        """Send a frame, and wait until there is room for it."""

    def receive(self, timeout: float | None = None) -> Frame | None:
        """Wait for the next frame; None when none came within so many seconds."""


class ChunkStreams:
    """Gives the frames of a channel to its streams of chunks, and all others to `receive`.

    Whoever waits here reads for all, one thread at a time: a program of one thread reads a stream
    in the middle of what it was called for, and in one with threads they serve each other. From
    here on nobody else may receive from the channel, and `send` is to be used instead of its own.

    Args:
        channel: ends all streams when it ends
        max_waiting_bytes: of frames for `receive`; while more wait, who waits for a stream is
            refused with CHUNK_STREAM_STALLED
    """

    def __init__(
        self, channel: FrameChannel, *, max_waiting_bytes: int = _MOST_WAITING_BYTES
    ) -> None:
        self._channel = channel
        self._max_waiting_bytes = max_waiting_bytes
        # Reentrant, as a garbage collection may close a reader in the middle of anything.
        self.lock = threading.RLock()
        self._news = threading.Condition(self.lock)
        self._is_reading = False
        self._readers: dict[int, ChunkReader] = {}
        self._writers: dict[int, ChunkWriter] = {}
        self._others: deque[Frame] = deque()
        self._waiting_bytes = 0
        self._unsaid: deque[Frame] = deque()
        self._local = threading.local()
        self._error: AmphisError | None = None

    @property
    def memory(self) -> GuestMemory | None:
        """Memory of the host, if it shares any."""
        return self._channel.memory

    def open(self, call_id: int, *, window: int = _WINDOW) -> tuple[ChunkReader, ChunkWriter]:
        """Both ends of the streams of one call, independent of each other.

        To be opened before the frame that follows the call is received.

        Args:
            call_id: of the call
            window: chunks that may be on their way to the reader or wait
        """
        reader, writer = ChunkReader(self, call_id, window), ChunkWriter(self, call_id)
        with self.lock:
            if call_id in self._readers or call_id in self._writers:
                raise ValueError(f"Cannot open streams: those of call {call_id} are open")
            if self._error is not None:
                raise kept(self._error)
            self._readers[call_id], self._writers[call_id] = reader, writer
        return reader, writer

    def send(self, frame: Frame, timeout: float | None = None) -> None:
        """Send a frame; see `Channel.send`."""
        with self._busy():
            self._channel.send(frame, timeout)
        self._flush()

    def receive(self, timeout: float | None = None) -> Frame | None:
        """Wait for the next frame that is of no stream; None when none came in time.

        Raises:
            AmphisError: why the channel ended
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        if not self._wait(lambda: len(self._others) > 0, deadline):
            return None
        with self.lock:
            frame = self._others.popleft()
            self._waiting_bytes -= _bytes_of(frame)
        return frame

    def wait(self, is_ready: Callable[[], bool]) -> None:
        """Wait for news of a stream, and read if nobody else does; for its two ends.

        Raises:
            AmphisError: CHUNK_STREAM_STALLED
        """
        self._wait(lambda: is_ready() or self._has_no_place(), None)
        if not is_ready():
            raise stalled(self._max_waiting_bytes)

    def say(self, frame: Frame) -> None:
        """Send a small frame of a stream; it never raises.

        It goes later when this thread is in the middle of sending or receiving: then a garbage
        collection has closed a reader.
        """
        self._unsaid.append(frame)
        if not self._is_busy:
            self._flush()

    def forget_reader(self, call_id: int) -> None:
        """It is over; what still comes for it is let go of."""
        with self._news:
            self._readers.pop(call_id, None)
            self._news.notify_all()

    def forget_writer(self, call_id: int) -> None:
        """It is over."""
        with self._news:
            self._writers.pop(call_id, None)
            self._news.notify_all()

    def _wait(self, is_ready: Callable[[], bool], deadline: float | None) -> bool:
        while True:
            self._flush()
            with self._news:
                while self._is_reading and not is_ready() and self._error is None:
                    if not self._news.wait(_left(deadline)):
                        return is_ready()
                if is_ready():
                    return True
                if self._error is not None:
                    raise kept(self._error)
                self._is_reading = True
            if not self._read(deadline):
                return is_ready()

    def _read(self, deadline: float | None) -> bool:
        """Take one frame, as the only thread that does; False at the deadline."""
        try:
            with self._busy():
                frame = self._channel.receive(_left(deadline))
                if frame is not None:
                    self._route(frame)
        except AmphisError as error:
            self._end(error)
            return True
        finally:
            with self._news:
                self._is_reading = False
                self._news.notify_all()
        return frame is not None

    def _route(self, frame: Frame) -> None:
        with self.lock:
            reader, writer = self._readers.get(frame.call_id), self._writers.get(frame.call_id)
            if reader is not None and reader.take(frame):
                return
            if writer is not None and writer.take(frame):
                return
            if frame.kind in _OF_STREAMS:
                let_go(frame, self.memory)
                return
            self._others.append(frame)
            self._waiting_bytes += _bytes_of(frame)

    def _end(self, error: AmphisError) -> None:
        with self.lock:
            self._error = kept(error)
            for reader in list(self._readers.values()):
                reader.close(error)
            for writer in list(self._writers.values()):
                writer.close(error)

    def _has_no_place(self) -> bool:
        return self._waiting_bytes > self._max_waiting_bytes

    def _flush(self) -> None:
        while self._unsaid:
            try:
                frame = self._unsaid.popleft()
            except IndexError:
                return
            try:
                with self._busy():
                    self._channel.send(frame)
            except AmphisError as error:
                # Who waits next tries again; a channel that ended tells whoever waits.
                if error.code == ErrorCode.REQUEST_TIMEOUT:
                    self._unsaid.appendleft(frame)
                return

    @property
    def _is_busy(self) -> bool:
        return getattr(self._local, "depth", 0) > 0

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """This thread may have a turn of the channel, for which it must not wait again."""
        self._local.depth = getattr(self._local, "depth", 0) + 1
        try:
            yield
        finally:
            self._local.depth -= 1


_OF_STREAMS = frozenset({FrameKind.ITEM, FrameKind.CREDIT, FrameKind.END})


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _bytes_of(frame: Frame) -> int:
    return len(frame.body) + sum(len(data) for _, data in frame.attachments)
