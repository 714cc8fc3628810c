"""Bytes with descriptors from a Unix socket, none of which is ever lost."""

from __future__ import annotations

import array
import errno
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


def is_doorbell(descriptor: int) -> bool:
    """Tell whether it is an eventfd: writing to anything else might block, or change a file."""
    if stat.S_IFMT(os.fstat(descriptor).st_mode) != 0:
        return False
    # Of what is no file of any kind, only an eventfd takes eight zeros, which change nothing.
    try:
        return os.write(descriptor, bytes(8)) == 8
    except OSError:
        return False


def ring(doorbell: int) -> None:
    """Ring it; a full counter rings already."""
    with suppress(BlockingIOError):
        os.write(doorbell, (1).to_bytes(8, "little"))


def silence(doorbell: int) -> None:
    """Take back all its rings."""
    with suppress(BlockingIOError):
        os.read(doorbell, 8)


def is_over(error: OSError) -> bool:
    """Tell whether it says that the peer is gone."""
    return error.errno in {errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN}
