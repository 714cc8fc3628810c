"""Connects a bus in an event loop to a host, through rings where that is possible."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from amphis._internal.channel.failures import host_silent
from amphis._internal.channel.loop_link import LoopRingLink
from amphis._internal.channel.opening import OVER_SOCKET, Opening, OverSocket
from amphis._internal.channel.rings import Rings
from amphis._internal.transport.loop_link import LoopLink
from amphis._internal.transport.socket_connect import connect_failed, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.transport.address import SharedAddress
    from amphis._internal.transport.thread_link import Wired


async def connect_loop_rings(  # noqa: PLR0913, PLR0917 - called in one place
    loop: asyncio.AbstractEventLoop,
    text: str,
    address: SharedAddress,
    timeout: float,
    max_frame_bytes: int,
    begin: Callable[[], Wired],
) -> LoopRingLink | LoopLink:
    """Connect and open a channel.

    Raises:
        AmphisError: CONNECT_FAILED, PEER_LOST, FRAME_INVALID, MEMORY_REFUSED, RING_CORRUPT,
            CONNECTION_CLOSED
    """
    until = loop.time() + timeout
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    opened: Rings | OverSocket = OVER_SOCKET
    try:
        sock.settimeout(0)
        await _connect(loop, sock, text, address, timeout)
        opened = await _open(loop, sock, text, until, timeout)
        if isinstance(opened, Rings):
            return LoopRingLink(loop, sock, opened, max_frame_bytes, begin)
        link = LoopLink(loop, begin)
        await loop.create_unix_connection(lambda: link, sock=sock)
    except BaseException:
        if isinstance(opened, Rings):
            opened.close()
        sock.close()
        raise
    return link


async def _connect(
    loop: asyncio.AbstractEventLoop,
    sock: socket.socket,
    text: str,
    address: SharedAddress,
    timeout: float,
) -> None:
    try:
        await asyncio.wait_for(loop.sock_connect(sock, address.path), timeout)
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise connect_failed(text, "it took too long", error) from None
    except OSError as error:
        raise connect_failed(text, describe(error), error) from None


async def _open(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, text: str, until: float, timeout: float
) -> Rings | OverSocket:
    opening = Opening(sock, text, None)
    readable = asyncio.Event()
    loop.add_reader(sock, readable.set)
    try:
        opening.begin()
        while (opened := opening.advance()) is None:
            readable.clear()
            await asyncio.wait_for(readable.wait(), max(0.0, until - loop.time()))
    except (asyncio.TimeoutError, TimeoutError):
        raise host_silent(text, timeout, "open it") from None
    finally:
        loop.remove_reader(sock)
        opening.close()
    return opened
