"""Moves the bytes of one session over a socket: one thread reads, any thread writes."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Protocol

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.transport.socket_connect import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.frame.frame import Buffer, Frame
    from amphis._internal.transport.outbox import Outbox
    from amphis._internal.transport.waker import Waker

_READ_BYTES = 256 * 1024
_AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, InterruptedError)


class Wired(Protocol):
    """What gets the bytes: a session."""

    address: str
    outbox: Outbox
    is_due_sooner: bool

    def receive(self, data: Buffer, now: float) -> None:
        """Take bytes that came."""

    def hear(self, frames: list[Frame], now: float) -> None:
        """Take frames that came, from a link that makes frames itself."""

    def ended(self) -> AmphisError:
        """No more bytes come."""

    def progressed(self, now: float) -> None:
        """The peer took bytes."""

    def tick(self, now: float) -> float:
        """Do what is due; return when to call again."""


class ThreadLink:
    """One connection. The thread in `run` reads; whoever has something to say writes it at once.

    Only one thread writes at a time. What others add meanwhile goes with its next write, so
    writes grow with the load. What the socket does not take is written by the thread in `run`.
    """

    def __init__(
        self,
        sock: socket.socket,
        wired: Wired,
        lock: AbstractContextManager[object],
        waker: Waker,
        due: Callable[[], None],
    ) -> None:
        self._sock = sock
        self._wired = wired
        self._outbox = wired.outbox
        self._lock = lock
        self._waker = waker
        self._due = due
        self._writing = threading.Lock()
        # OpenSSL does not take a read and a write at the same time.
        self._tls = threading.Lock() if isinstance(sock, ssl.SSLSocket) else None
        self._is_blocked = False
        self._is_closed = False
        self._is_finishing = False
        self._failure: OSError | None = None

    async def run(self) -> None:
        """Read and write until the connection ends; see `Link`."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._waker.near, selectors.EVENT_READ)
                selector.register(self._sock, selectors.EVENT_READ)
                self.flush()
                self._loop(selector)
        except OSError as error:
            raise self._broken(error) from None
        finally:
            self._is_closed = True
            # A thread may be about to write: the number must not name another file by then.
            with self._writing:
                self._sock.close()

    def flush(self) -> None:
        """Write what waits, as far as the socket takes it now; see `Link`."""
        while self._outbox.bytes and not self._is_blocked and self._writing.acquire(blocking=False):
            try:
                self._write()
            finally:
                self._writing.release()

    def finish(self) -> None:
        """Say that nothing more is sent; see `Link`."""
        self._is_finishing = True
        self._waker.wake()

    def close(self) -> None:
        """End it now; see `Link`."""
        self._is_closed = True
        self._waker.wake()

    def abandon(self) -> None:
        """Let go of the socket and say nothing: the parent of this process goes on with it."""
        self._is_closed = True
        self._sock.close()

    def _loop(self, selector: selectors.BaseSelector) -> None:
        events = selectors.EVENT_READ
        due_at = 0.0
        while not self._is_closed:
            now = time.monotonic()
            if now >= due_at or self._wired.is_due_sooner:
                with self._lock:
                    due_at = self._wired.tick(now)
                self.flush()
            wanted = self._events()
            if wanted != events:
                hears_again = wanted & ~events & selectors.EVENT_READ
                _watch(selector, self._sock, events, wanted)
                events = wanted
                # TLS may hold bytes that no selector knows of.
                if hears_again and self._tls is not None and not self._read():
                    return
            timeout = None if due_at == float("inf") else due_at - now
            for key, ready in selector.select(timeout):
                if key.fileobj is self._waker.near:
                    self._woken()
                    continue
                if ready & selectors.EVENT_WRITE:
                    self._is_blocked = False
                    self.flush()
                if ready & selectors.EVENT_READ and not self._read():
                    return
            if self._failure is not None:
                raise self._failure

    def _woken(self) -> None:
        self._waker.clear()
        with self._lock:
            self._due()
        self.flush()
        self._half_close()

    def _events(self) -> int:
        read = 0 if self._outbox.is_overdrawn else selectors.EVENT_READ
        return read | (selectors.EVENT_WRITE if self._is_blocked else 0)

    def _read(self) -> bool:
        """Take what came; False when this side closed meanwhile."""
        while not self._is_closed:
            data = self._receive()
            if data is None:
                return True
            with self._lock:
                if not data:
                    raise self._wired.ended()
                self._wired.receive(data, time.monotonic())
            self.flush()
            if self._tls is None or self._outbox.is_overdrawn:
                return True
        return False

    def _receive(self) -> bytes | None:
        try:
            if self._tls is None:
                return self._sock.recv(_READ_BYTES)
            with self._tls:
                return self._sock.recv(_READ_BYTES)
        except _AGAIN:
            return None

    def _write(self) -> None:
        with self._lock:
            chunk = self._outbox.chunk()
        if chunk is None or self._is_closed:
            self._is_blocked = self._is_closed
            return
        try:
            written = self._send(chunk)
        except _AGAIN:
            written = 0
        except OSError as error:
            # The reader tells everyone; it may find better reasons in what came before.
            self._is_blocked = True
            self._failure = error
            self._waker.wake()
            return
        with self._lock:
            if written:
                self._outbox.advance(written)
                if self._outbox.is_overdrawn:
                    self._wired.progressed(time.monotonic())
        if written < (chunk.nbytes if isinstance(chunk, memoryview) else len(chunk)):
            self._is_blocked = True
            self._waker.wake()

    def _send(self, chunk: Buffer) -> int:
        if self._tls is None:
            return self._sock.send(chunk)
        with self._tls:
            return self._sock.send(chunk)

    def _half_close(self) -> None:
        if self._is_finishing and not self._is_closed:
            self._is_finishing = False
            if isinstance(self._sock, ssl.SSLSocket) and self._tls is not None:
                # Says goodbye, and does not wait for that of the peer.
                with self._tls, suppress(OSError, ValueError):
                    self._sock.unwrap()
            # That of the plain socket: the one of TLS would read on without decrypting.
            socket.socket.shutdown(self._sock, socket.SHUT_WR)

    def _broken(self, error: OSError) -> AmphisError:
        return AmphisError(
            ErrorCode.CONNECTION_CLOSED,
            f"Cannot go on with connection to {self._wired.address}: {describe(error)}",
            {"address": self._wired.address, "reason": describe(error)},
            cause=error,
        )


def _watch(selector: selectors.BaseSelector, sock: socket.socket, before: int, wanted: int) -> None:
    if not wanted:
        selector.unregister(sock)
    elif not before:
        selector.register(sock, wanted)
    else:
        selector.modify(sock, wanted)
