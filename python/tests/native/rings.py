"""Sealed memory with two rings, and programs at the other end of them."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from amphis._internal.native import Core, Missing, Ring, map_region, open_ring

if TYPE_CHECKING:
    from mmap import mmap

CAPACITY = 1024
RING_BYTES = 640 + CAPACITY

_MAGIC, _VERSION = 0x474E5241, 1
# Not in Python's fcntl before 3.13.
_F_ADD_SEALS, _F_SEAL_SHRINK, _F_SEAL_GROW = 1033, 2, 4
_SOURCES = str(Path(__file__).parents[2] / "src")


def memory_of(size: int, *, seals: int = _F_SEAL_SHRINK | _F_SEAL_GROW) -> int:
    """A descriptor of new memory."""
    descriptor = os.memfd_create("rings", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, _F_ADD_SEALS, seals)
    return descriptor


@dataclass(frozen=True, slots=True)
class Rings:
    """Two empty rings, one after the other."""

    descriptor: int
    memory: mmap
    core: Core | Missing

    @staticmethod
    def lay(core: Core | Missing) -> Rings:
        """New memory with both."""
        descriptor = memory_of(2 * RING_BYTES)
        for offset in (0, RING_BYTES):
            os.pwrite(descriptor, struct.pack("<III", _MAGIC, _VERSION, CAPACITY), offset)
        return Rings(descriptor, map_region(descriptor, 2 * RING_BYTES), core)

    def side(self, *, producer: bool, second: bool = False, doorbell: int = -1) -> Ring:
        """One side of the first ring, or of the second."""
        offset = RING_BYTES if second else 0
        return open_ring(
            self.memory,
            producer=producer,
            offset=offset,
            byte_length=RING_BYTES,
            doorbell=doorbell,
            core=self.core,
        )

    def word(self, offset: int) -> int:
        """A control word of the first ring."""
        return int.from_bytes(self.memory[offset : offset + 4], "little")

    def write(self, offset: int, word: int) -> None:
        """Overwrite a control word, as a hostile peer does."""
        self.memory[offset : offset + 4] = word.to_bytes(4, "little")


class Peer:
    """A Python program that reads the first ring and writes the second."""

    PREFACE = """
import os, signal, sys
from amphis._internal.native import map_region, open_ring
from amphis._internal.native.load import Missing
size, region, liveness = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
core = Missing("asked for") if sys.argv[4] == "plain" else None
memory = map_region(region, 2 * size)
requests = open_ring(memory, producer=False, byte_length=size, core=core)
answers = open_ring(memory, producer=True, offset=size, byte_length=size, core=core)
"""

    def __init__(self, rings: Rings, program: str) -> None:
        near, far = socket.socketpair()
        kind = "plain" if isinstance(rings.core, Missing) else "core"
        numbers = [RING_BYTES, rings.descriptor, far.fileno()]
        with far:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-c", self.PREFACE + program, *map(str, numbers), kind],
                pass_fds=numbers[1:],
                env={**os.environ, "PYTHONPATH": _SOURCES},
            )
        self._socket = near
        self.liveness = near.fileno()

    def close(self) -> None:
        """End it, whatever it does."""
        with ExitStack() as stack:
            stack.enter_context(self._socket)
            stack.enter_context(self.process)
            self.process.kill()
