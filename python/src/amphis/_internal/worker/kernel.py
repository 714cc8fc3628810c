"""What Linux does for a process that asks; Python has no names for it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import CDLL

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# Thousandths of the machine's memory that a worker seems to take beyond what it does.
_SACRIFICE = 500


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent ends; False where nothing can."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int, signal: int) -> bool:
    """Get a signal when the parent ends, also when it has already.

    False where nothing can. Not inherited by children.
    """
    if not _prctl(_PR_SET_PDEATHSIG, signal):
        return False
    if os.getppid() != parent:
        os.kill(os.getpid(), signal)
    return True


def volunteer() -> None:
    """When memory runs out, have the kernel end this process and its children before others."""
    # Without `pathlib`, which takes a while to load.
    with suppress(OSError, ValueError), open("/proc/self/oom_score_adj", "r+") as score:  # noqa: PTH123 - as above
        asked = min(int(score.read()) + _SACRIFICE, 1000)
        score.seek(0)
        score.write(str(asked))


def _prctl(option: int, value: int) -> bool:
    libc = _libc()
    return libc is not None and bool(libc.prctl(option, value, 0, 0, 0) == 0)


@cache
def _libc() -> CDLL | None:
    """Who has it before a fork has it behind it without a search."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes  # noqa: PLC0415 - some builds have none

        libc = ctypes.CDLL(None)
        libc.prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)
    except (ImportError, OSError, AttributeError):
        return None
    return libc
