"""The side that owns shared memory, in Python: lends, counts shares, judges references."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Mapping
from mmap import mmap

from amphis import AmphisError, Reference
from amphis._internal.memory.claim import read_claim
from amphis._internal.memory.lender import Lent
from amphis._internal.memory.reference import PublishedSpan, ReferenceVerifier
from amphis._internal.native.region import map_region

ARENA = 3
HOLDER = 7
_F_ADD_SEALS = 1033
_F_SEAL_SHRINK_AND_GROW = 2 | 4


def make_region(byte_length: int) -> int:
    """An anonymous file that map_region takes."""
    descriptor = os.memfd_create("amphis-test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, byte_length)
    fcntl.fcntl(descriptor, _F_ADD_SEALS, _F_SEAL_SHRINK_AND_GROW)
    return descriptor


class Host:
    """Owns one region. `shares` says how many shares the guest has, by generation."""

    def __init__(self, byte_length: int = 1 << 24) -> None:
        self.descriptor = make_region(byte_length)
        self.memory = mmap(self.descriptor, byte_length)
        self.key = os.urandom(32)
        self.shares: dict[int, int] = {}
        self.wrongly_released: list[int] = []
        self._places: dict[int, PublishedSpan] = {}
        self._generation = 0
        self._lock = threading.RLock()
        self._judge = ReferenceVerifier(self.key, lambda named: self._places.get(named.generation))

    def close(self) -> None:
        os.close(self.descriptor)

    def lender(self) -> DirectLender:
        return DirectLender(self)

    def lend(self, byte_length: int) -> Lent:
        """Give the guest memory of its own."""
        with self._lock:
            offset = self._room(byte_length)
            if offset is None:
                raise AmphisError(
                    "MEMORY_EXHAUSTED",
                    "Cannot lend: the region is full",
                    {"requested": byte_length, "available": 0},
                )
            self._generation += 1
            self.shares[self._generation] = 1
            self._places[self._generation] = PublishedSpan(
                arena=ARENA, offset=offset, byte_length=byte_length
            )
            return Lent(ARENA, self._generation, offset, byte_length)

    def send(  # noqa: PLR0913 - the fields of a reference
        self,
        lent: Lent,
        *,
        offset: int | None = None,
        byte_length: int | None = None,
        arena: int = ARENA,
        holder: int = HOLDER,
        expires_at: int = 0,
        descriptor: Mapping[str, object] | None = None,
    ) -> bytes:
        """Name memory for the guest, which has a share more from here on."""
        with self._lock:
            if holder == HOLDER:
                self.shares[lent.generation] = self.shares.get(lent.generation, 0) + 1
        reference = Reference(
            arena=arena,
            generation=lent.generation,
            offset=lent.offset if offset is None else offset,
            byte_length=lent.byte_length if byte_length is None else byte_length,
            holder=holder,
            expires_at=expires_at,
            descriptor=descriptor or {},
        )
        return reference.signed(self.key).encode()

    def place(self, data: bytes) -> Lent:
        """Memory with these bytes, in which the guest has no share yet."""
        lent = self.lend(len(data))
        self.memory[lent.offset : lent.offset + len(data)] = data
        self.shares.pop(lent.generation)
        return lent

    def accept(self, data: bytes) -> memoryview:
        """What the guest names, in the host's own mapping."""
        reference = read_claim(data)
        self._judge.verify(reference, 0)
        if reference.generation not in self.shares:
            raise AmphisError("REFERENCE_STALE", "Cannot use reference: the guest has no share")
        return memoryview(self.memory)[reference.offset : reference.offset + reference.byte_length]

    def release(self, generation: int) -> None:
        with self._lock:
            left = self.shares.get(generation, 0) - 1
            if left < 0:
                self.wrongly_released.append(generation)
            elif left > 0:
                self.shares[generation] = left
            else:
                del self.shares[generation]
                self._places.pop(generation, None)

    def _room(self, byte_length: int) -> int | None:
        at = 0
        for place in sorted(self._places.values(), key=lambda place: place.offset):
            if at + byte_length <= place.offset:
                return at
            at = -(-(place.offset + place.byte_length) // 64) * 64
        return at if at + byte_length <= len(self.memory) else None


class DirectLender:
    """A lender whose host is in the same process; its memory is mapped a second time."""

    def __init__(self, host: Host) -> None:
        self.key = host.key
        self.holder = HOLDER
        self._host = host
        self._region = memoryview(map_region(host.descriptor, len(host.memory)))

    def want(self, byte_length: int, timeout_s: float) -> Lent:
        assert timeout_s > 0
        return self._host.lend(byte_length)

    def release(self, generation: int, byte_length: int = 0) -> None:
        del byte_length
        self._host.release(generation)

    def region(self, arena: int) -> memoryview:
        if arena != ARENA:
            raise AmphisError("REFERENCE_STALE", "Cannot find region: it is gone", {"arena": arena})
        return self._region
