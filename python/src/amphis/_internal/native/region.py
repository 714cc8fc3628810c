"""Mapping memory that another process made."""

from __future__ import annotations

import fcntl
import os
from mmap import PAGESIZE, mmap

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

# Not in Python's fcntl before 3.13.
_F_GET_SEALS = 1034
_F_SEAL_SHRINK = 2


def map_region(descriptor: int, byte_length: int) -> mmap:
    """Map memory whose size nobody can take back.

    Touching other memory could end this process with SIGBUS whenever the peer likes, so it is
    refused with `MEMORY_REFUSED`. The descriptor stays the caller's, and may be closed afterwards.
    """
    # Blocks of huge pages are as large as the pages, whose pool may be empty at the first touch.
    if os.fstatvfs(descriptor).f_bsize > PAGESIZE:
        raise _refused("huge-pages", "its pages are taken from a pool that may be empty")
    try:
        seals = fcntl.fcntl(descriptor, _F_GET_SEALS)
    except OSError as error:
        raise _refused("not-memory", "the descriptor is not an anonymous file in memory") from error
    if not seals & _F_SEAL_SHRINK:
        raise _refused("unsealed", "it is not sealed against shrinking")
    # Seals before size: from here on the size cannot become smaller.
    if byte_length < 1 or byte_length > os.fstat(descriptor).st_size:
        raise _refused("too-small", "it is smaller than announced")
    return mmap(descriptor, byte_length)


def _refused(reason: str, why: str) -> AmphisError:
    return AmphisError(ErrorCode.MEMORY_REFUSED, f"Cannot map region: {why}", {"reason": reason})
