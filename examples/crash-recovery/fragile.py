"""What the story calls: code that dies, hangs and takes too much, as native libraries may."""

from __future__ import annotations

import ctypes
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import amphis


def double(number: int) -> int:
    """Do as it should."""
    return 2 * number


def segfault() -> None:
    """Read from address 0."""
    ctypes.string_at(0)


# #region once
def export(mark: str) -> str:
    """Write a file; the first attempt dies half-way."""
    file = Path(mark)
    if not file.exists():
        file.touch()
        os.abort()
    file.write_text("done")
    return file.read_text()


# #endregion once


def spin() -> None:
    """Compute for ever, in Python."""
    while True:
        pass


def count() -> int:
    """Count for ever in C, with the lock of the interpreter: nothing can break that off."""
    return sum(itertools.repeat(1))


# #region clean
def clean(mark: str, begun: Callable[[], None]) -> None:
    """Work until it is cancelled, and tidy up."""
    try:
        begun()
        spin()
    except amphis.Cancelled:
        Path(mark).write_text("tidy")
        raise


# #endregion clean


def hog(megabytes: int) -> int:
    """Take memory."""
    return len(bytearray(megabytes << 20))


class Cart:
    """State that lives in a worker."""

    def __init__(self) -> None:
        self.items: list[str] = []

    def put(self, item: str) -> int:
        """Put something in; how much there is."""
        self.items.append(item)
        return len(self.items)
