"""Moves the bytes of a channel over its socket, where rings cannot be used."""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress

from amphis._internal.channel.failures import channel_closed
from amphis._internal.channel.plain import write_plain
from amphis._internal.channel.wire import LOOK_S, BeforeSleep, BlockedReader, WriteStalled
from amphis._internal.transport.waker import Waker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from amphis._internal.frame.frame import Buffer

_READ_BYTES = 256 * 1024


class SocketWire:
    """See `Wire`.

    Args:
        sock: of the channel, with a timeout of 0; owned from here on
    """

    regions = None
    whole_bytes = 0

    def __init__(self, sock: socket.socket, address: str) -> None:
        self._sock = sock
        self._address = address
        self._is_interrupted = False
        self.is_waiting = False
        self.is_mid_frame = False
        self._waker = Waker()
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)
        self._readable.register(self._waker.near, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sock, select.POLLOUT)
        self._either = select.poll()
        self._either.register(sock, select.POLLIN | select.POLLOUT)

    def read(
        self,
        deadline: float | None,
        before_sleep: BeforeSleep,
        as_call: bool,  # noqa: FBT001 - as `Wire`
        /,
    ) -> bytes | None:
        """Take the next bytes."""
        del as_call
        is_idle = False
        while True:
            self.is_waiting = False
            try:
                return self._sock.recv(_READ_BYTES)
            except (BlockingIOError, InterruptedError):
                self.is_waiting = True
                longest = before_sleep(is_idle)
            except OSError as error:
                raise self._gone(error) from error
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            times = [each for each in (left, longest) if each is not None]
            came = self._readable.poll(min(times) * 1_000 if times else None)
            is_idle = not came
            for descriptor, _ in came:
                if descriptor != self._sock.fileno():
                    self._waker.clear()
                    return None

    def write(self, parts: Sequence[Buffer], deadline: float, reader: BlockedReader) -> None:
        """Write the bytes, as the socket takes them."""
        rest = memoryview(b"".join(parts))
        while rest:
            try:
                rest = rest[self._sock.send(rest) :]
                self.is_mid_frame = True
            except (BlockingIOError, InterruptedError):  # noqa: PERF203 - each turn waits
                self._await_room(deadline, reader)
            except OSError as error:
                raise self._gone(error) from error
        self.is_mid_frame = False

    def push_plain(
        self, word: int, call_id: int, body: list[object], most_bytes: int
    ) -> bytes | None:
        """The frame, which `write` takes."""
        return write_plain(word, call_id, body, most_bytes)

    def write_now(self, frame: bytes, *, is_quiet: bool = False) -> bool:
        """Write a frame if the socket takes it now: one so short is taken whole or not at all."""
        del is_quiet
        try:
            return self._sock.send(frame) == len(frame)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            raise self._gone(error) from error

    def nudge(self) -> None:
        """Nothing is written quietly."""

    def end(self, deadline: float, reader: BlockedReader) -> None:
        """End this half of the connection."""
        del deadline, reader
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise self._gone(error) from error

    def wake(self) -> None:
        """End the wait of a read."""
        self._waker.wake()

    def interrupt(self) -> None:
        """End the connection."""
        self._is_interrupted = True
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket."""
        self._close()

    def abandon(self) -> None:
        """Close what this process has of it."""
        self._is_interrupted = True
        self._close()

    def _close(self) -> None:
        self._sock.close()
        self._waker.close()

    def _await_room(self, deadline: float, reader: BlockedReader) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise WriteStalled
        if not reader.begin():
            self._writable.poll(min(left, LOOK_S) * 1_000)
            return
        try:
            reader.drain()
            self._either.poll(min(left, LOOK_S) * 1_000)
        finally:
            reader.finish()

    def _gone(self, error: OSError) -> Exception:
        if self._is_interrupted:
            return channel_closed(self._address, "this side closed it", error)
        return channel_closed(self._address, "the host is gone", error)
