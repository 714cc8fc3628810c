"""Moves the bytes of one session through a transport of asyncio."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.transport.address import UnixAddress
from amphis._internal.transport.socket_connect import connect_failed, describe, tls_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.transport.address import HostAddress
    from amphis._internal.transport.thread_link import Wired


class LoopLink(asyncio.Protocol):
    """One connection. What is said within one turn of the loop is written at its end, joined."""

    def __init__(self, loop: asyncio.AbstractEventLoop, begin: Callable[[], Wired]) -> None:
        self._loop = loop
        self._begin = begin
        self._wired: Wired | None = None
        self._transport: asyncio.Transport | None = None
        self._ended: asyncio.Future[None] = loop.create_future()
        self._error: AmphisError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_flush_due = False
        self._is_paused = False
        self._is_deaf = False
        self._is_closed = False

    async def run(self) -> None:
        """Wait until the connection ends; see `Link`."""
        try:
            await self._ended
        finally:
            self.close()
            if not self._ended.done():
                # Cancelled: the transport still has to let go of its socket.
                self._error = None
        if self._error is not None:
            raise self._error

    def flush(self) -> None:
        """Write what waits at the end of this turn of the loop; see `Link`."""
        if not self._is_flush_due and not self._is_paused:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def finish(self) -> None:
        """Say that nothing more is sent; see `Link`."""
        transport = self._transport
        if transport is None or self._is_closed:
            return
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()

    def close(self) -> None:
        """End it now; see `Link`."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()

    def abandon(self) -> None:
        """A loop does not outlive a fork."""
        self._is_closed = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bytes can flow."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self._wired = self._begin()
            self._flush()
            self._tick()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        wired = self._wired
        if wired is None or self._is_closed:
            return
        try:
            wired.receive(data, self._loop.time())
        except AmphisError as error:
            self._fail(error)
            return
        if wired.is_due_sooner:
            if self._timer is not None:
                self._timer.cancel()
            self._tick()
        if wired.outbox.bytes:
            self.flush()
            self._listen()

    def eof_received(self) -> bool:
        """The hub sends nothing more."""
        if self._wired is not None and not self._is_closed and self._error is None:
            self._error = self._wired.ended()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """The connection ended."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        if isinstance(error, OSError) and self._error is None and self._wired is not None:
            self._error = _broken(self._wired.address, error)
        if not self._ended.done():
            self._ended.set_result(None)

    def pause_writing(self) -> None:
        """The transport has enough to write; the rest waits where it goes by priority."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """The transport takes more."""
        self._is_paused = False
        self._flush()

    def _flush(self) -> None:
        self._is_flush_due = False
        wired, transport = self._wired, self._transport
        if wired is None or transport is None:
            return
        while not self._is_paused and not self._is_closed:
            chunk = wired.outbox.chunk()
            if chunk is None:
                break
            transport.write(chunk)
            wired.outbox.advance(chunk.nbytes if isinstance(chunk, memoryview) else len(chunk))
            if self._is_deaf:
                wired.progressed(self._loop.time())
        self._listen()

    def _listen(self) -> None:
        """Read nothing while too many answers wait."""
        wired, transport = self._wired, self._transport
        if wired is None or transport is None or self._is_closed:
            return
        is_deaf = wired.outbox.is_overdrawn
        if is_deaf != self._is_deaf:
            self._is_deaf = is_deaf
            if is_deaf:
                transport.pause_reading()
            else:
                transport.resume_reading()

    def _tick(self) -> None:
        if self._wired is None or self._is_closed:
            return
        now = self._loop.time()
        try:
            due_at = self._wired.tick(now)
        except AmphisError as error:
            self._fail(error)
            return
        if self._wired.outbox.bytes:
            self.flush()
        self._timer = None if due_at == float("inf") else self._loop.call_at(due_at, self._tick)

    def _fail(self, error: AmphisError) -> None:
        if self._error is None:
            self._error = error
        self.close()


async def connect_loop(  # noqa: PLR0913, PLR0917 - called in one place
    loop: asyncio.AbstractEventLoop,
    text: str,
    address: UnixAddress | HostAddress,
    timeout: float,
    ssl_context: ssl.SSLContext | None,
    begin: Callable[[], Wired],
) -> LoopLink:
    """Connect.

    Raises:
        AmphisError: CONNECT_FAILED, PEER_REJECTED
    """
    link = LoopLink(loop, begin)
    try:
        await asyncio.wait_for(_open(loop, link, address, ssl_context), timeout)
    except (asyncio.TimeoutError, TimeoutError) as error:
        link.close()
        raise connect_failed(text, "it took too long", error) from None
    except ssl.SSLError as error:
        raise tls_failed(text, error) from None
    except OSError as error:
        raise connect_failed(text, describe(error), error) from None
    return link


async def _open(
    loop: asyncio.AbstractEventLoop,
    link: LoopLink,
    address: UnixAddress | HostAddress,
    ssl_context: ssl.SSLContext | None,
) -> None:
    if isinstance(address, UnixAddress):
        await loop.create_unix_connection(lambda: link, address.path)
    elif address.scheme == "tcp":
        await loop.create_connection(lambda: link, address.host, address.port)
    else:
        context = ssl_context or ssl.create_default_context()
        await loop.create_connection(lambda: link, address.host, address.port, ssl=context)


def _broken(address: str, error: OSError) -> AmphisError:
    return AmphisError(
        ErrorCode.CONNECTION_CLOSED,
        f"Cannot go on with connection to {address}: {describe(error)}",
        {"address": address, "reason": describe(error)},
        cause=error,
    )
