"""Sends descriptors over the socket at 3 that look like memory and are none that is safe to map."""

import fcntl
import os
import socket

_F_ADD_SEALS, _F_SEAL_SHRINK = 1033, 2


def _forged(flags: int, size: int, *, sealed: bool) -> int:
    descriptor = os.memfd_create("forged", flags)
    os.ftruncate(descriptor, size)
    if sealed:
        fcntl.fcntl(descriptor, _F_ADD_SEALS, _F_SEAL_SHRINK)
    return descriptor


channel = socket.socket(fileno=3)
unsealed = _forged(os.MFD_ALLOW_SEALING, 8192, sealed=False)
small = _forged(os.MFD_ALLOW_SEALING, 4096, sealed=True)
huge = _forged(os.MFD_ALLOW_SEALING | os.MFD_HUGETLB, 1 << 21, sealed=True)
socket.send_fds(channel, [b"x"], [unsealed, small, huge, 3])
# As soon as the peer looked at its size: the pages that it would touch are gone.
os.ftruncate(unsealed, 0)
