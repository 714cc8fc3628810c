"""Opens the rings of a bus among threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.channel.failures import host_silent
from amphis._internal.channel.opening import Opening, OverSocket

if TYPE_CHECKING:
    import socket

    from amphis._internal.channel.rings import Rings
    from amphis._internal.transport.socket_connect import Attempt


def open_rings(
    attempt: Attempt, sock: socket.socket, text: str, timeout: float
) -> Rings | OverSocket:
    """Open a channel on a socket that was connected; it is closed when that fails.

    Raises:
        AmphisError: PEER_LOST, FRAME_INVALID, MEMORY_REFUSED, RING_CORRUPT, CONNECTION_CLOSED, or
            CONNECT_FAILED when the attempt was given up
    """
    opening = Opening(sock, text, None)
    try:
        opening.begin()
        while (opened := opening.advance()) is None:
            attempt.await_readable(sock, lambda: host_silent(text, timeout, "open it"))
    except BaseException:
        opening.close()
        sock.close()
        raise
    return opened
