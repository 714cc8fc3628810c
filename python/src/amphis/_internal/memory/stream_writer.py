"""Writes a stream of chunks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from amphis._internal.bodies.call import CancelBody
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.bodies.stream import CreditBody, EndBody
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.carrier import carry
from amphis._internal.memory.stream_failures import after_end, cancelled, kept
from amphis._internal.memory.stream_flow import Outflow
from amphis._internal.memory.stream_frames import encode_chunk

if TYPE_CHECKING:
    from typing_extensions import Self

    from amphis._internal.memory.streams import ChunkStreams


class ChunkWriter:
    """Sends large values one after the other, as far as the reader gives credit.

    Made by `ChunkStreams`. A chunk takes memory only when it may go, so never more than the
    reader's window is on its way. Any thread may write; chunks go in the order of the calls.
    As a context manager it ends the stream, or breaks it off with what was raised in the block.
    """

    def __init__(self, streams: ChunkStreams, call_id: int) -> None:
        self._streams = streams
        self._call_id = call_id
        self._outflow = Outflow()
        # Held by the thread whose chunk, or end, is the next to go.
        self._turn = threading.Lock()
        self._over: AmphisError | None = None

    def write(self, value: object) -> None:
        """Send a chunk when there is credit. Returns when it is on its way; the value is free then.

        A value that cannot travel is refused, and the stream goes on. What lies in shared memory of
        the connection travels as it is.

        Args:
            value: whatever `carry` takes: an array, a table, bytes

        Raises:
            TypeError: for another value
            AmphisError: CHUNK_STREAM_CANCELLED with the reader's reason; CHUNK_STREAM_ENDED; what
                the value cannot travel with; or what the stream broke off with
        """
        with self._turn:
            self._streams.wait(self._may_go)
            self._check_open()
            self._send_chunk(value)

    def end(self) -> None:
        """Say that no more chunks come.

        Raises:
            AmphisError: as `write`
        """
        with self._turn:
            self._check_open()
            body = EndBody(self._outflow.count).encode()
            with self._streams.lock:
                self.close(after_end("write more"))
            self._streams.send(Frame(FrameKind.END, body, self._call_id))

    def fail(self, error: BaseException) -> None:
        """Break the stream off: the reader gets this error. Does nothing when it is over."""
        own = error if isinstance(error, AmphisError) else after_end("write more")
        with self._streams.lock:
            if self._over is not None:
                return
            self.close(own)
        self._streams.say(Frame(FrameKind.ERROR, ErrorBody(error).encode(), self._call_id))

    def take(self, frame: Frame) -> bool:
        """Take a frame of the peer, if it is for a writer; what is wrong with it breaks off.

        With the lock of the streams.
        """
        if frame.kind not in _KINDS:
            return False
        try:
            if frame.kind is FrameKind.CREDIT:
                self._outflow.grant(CreditBody.decode(frame.body).count)
            else:
                self.close(cancelled(CancelBody.decode(frame.body).reason))
        except AmphisError as error:
            self.fail(error)
        return True

    def close(self, error: AmphisError) -> None:
        """End this side without a word. With the lock of the streams."""
        if self._over is None:
            self._over = kept(error)
            self._streams.forget_writer(self._call_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, raised: BaseException | None, __: object) -> None:
        if raised is not None:
            self.fail(raised)
        elif self._over is None:
            self.end()

    def _may_go(self) -> bool:
        return self._outflow.credit > 0 or self._over is not None

    def _check_open(self) -> None:
        if self._over is not None:
            raise kept(self._over)

    def _send_chunk(self, value: object) -> None:
        chunk = carry(value, self._streams.memory)
        with self._streams.lock:
            self._check_open()
            sequence = self._outflow.take()
        try:
            self._streams.send(encode_chunk(self._call_id, sequence, chunk))
        except BaseException as error:
            # A chunk is missing now.
            self.fail(error)
            raise
        if chunk.journey is not None:
            chunk.journey.arrived()


_KINDS = frozenset({FrameKind.CREDIT, FrameKind.CANCEL})
