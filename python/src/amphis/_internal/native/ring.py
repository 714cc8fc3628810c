"""One side of a ring of records in shared memory (spec/ring.md)."""

from __future__ import annotations

import platform
import sys
from mmap import mmap
from typing import Protocol

from amphis._internal.native.load import Core, Missing, load_core
from amphis._internal.native.plain_ring import PlainRing


class Ring(Protocol):
    """One side of a ring; for one thread at a time.

    Raises `RING_CORRUPT` when the memory breaks the rules of spec/ring.md.
    """

    def push(self, record: bytes | bytearray | memoryview, /) -> bool:
        """Copy a record in and wake the consumer; False when there is no room now."""

    def pop(self) -> bytes | None:
        """Take the next record; None when there is none."""

    def wait(self, *, byte_length: int = 0, spin_ns: int = 0, timeout_ns: int = -1) -> bool:
        """Sleep until there is a record, or room for `byte_length`; False after `timeout_ns`."""

    def arm(self) -> bool:
        """Ask for one ring of the doorbell at the next record; True when one is there already."""


def open_ring(  # noqa: PLR0913 - all but two are keyword-only and optional
    memory: mmap,
    *,
    producer: bool,
    offset: int = 0,
    byte_length: int = -1,
    doorbell: int = -1,
    core: Core | Missing | None = None,
) -> Ring:
    """Take one side of a ring, with the C extension where there is one.

    Args:
        memory: what `map_region` gave
        producer: whether this is the side that writes
        offset: where the ring begins
        byte_length: how much of the memory belongs to it; -1: all that follows
        doorbell: descriptor that wakes the peer's event loop, if it has one
        core: the extension, when the caller has chosen already
    """
    chosen = load_core() if core is None else core
    if isinstance(chosen, Core):
        return chosen.ring(
            memory, producer=producer, offset=offset, byte_length=byte_length, doorbell=doorbell
        )
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return PlainRing(
            memory, producer=producer, offset=offset, byte_length=byte_length, doorbell=doorbell
        )
    # Elsewhere the processor reorders what Python writes, and Python has no way to forbid it.
    message = f"Cannot open ring without the C extension on this machine: {chosen.reason}"
    raise NotImplementedError(message)
