"""Bytes with descriptors from a Unix socket, none of which is ever lost."""

from __future__ import annotations

import array
import errno
import fcntl
import os
import socket
import stat
from contextlib import suppress

# Room for what may come; the kernel itself closes those that find none.
_MOST = 8


class Arrived:
    """What one read gave.

    Attributes:
        data: bytes; empty at the end of the stream
        descriptors: that came with them; the receiver's to close
        is_cut: whether there were more descriptors than any message may have
    """

    __slots__ = ("data", "descriptors", "is_cut")

    def __init__(self, data: bytes, descriptors: list[int], *, is_cut: bool) -> None:
        self.data = data
        self.descriptors = descriptors
        self.is_cut = is_cut


def receive_with_descriptors(sock: socket.socket, byte_length: int) -> Arrived | None:
    """Take up to so many bytes and what comes with them; None when nothing is there now."""
    room = socket.CMSG_SPACE(_MOST * array.array("i").itemsize)
    flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
    try:
        data, ancillary, said, _ = sock.recvmsg(byte_length, room, flags)
    except (BlockingIOError, InterruptedError):
        return None
    except ConnectionResetError:
        return Arrived(b"", [], is_cut=False)
    found: list[int] = []
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers = array.array("i")
            numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
            found.extend(numbers)
    return Arrived(data, found, is_cut=bool(said & socket.MSG_CTRUNC))


def close_all(descriptors: list[int]) -> None:
    """Close them and forget them."""
    while descriptors:
        with suppress(OSError):
            os.close(descriptors.pop())


def is_doorbell(descriptor: int, access: int) -> bool:
    """Tell whether it is the end of a pipe that is read, or the one that is written.

    Args:
        descriptor: whatever came
        access: `os.O_RDONLY` or `os.O_WRONLY`
    """
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        return False
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == access


def open_doorbell(descriptor: int) -> int:
    """Open a doorbell anew, so that nobody else has a hand on its flags.

    Both ends are open in what is returned. So it never blocks and never ends, and ringing it never
    raises SIGPIPE, whatever the host does to its own end; and this process can ring for itself.

    Raises:
        OSError: this process may not open it
    """
    return os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)


def ring(doorbell: int) -> None:
    """Ring it; a full one rings already."""
    with suppress(BlockingIOError):
        os.write(doorbell, b"\1")


def silence(doorbell: int) -> None:
    """Take back all its rings."""
    with suppress(BlockingIOError):
        os.read(doorbell, 512)


def is_over(error: OSError) -> bool:
    """Tell whether it says that the peer is gone."""
    return error.errno in {errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN}
