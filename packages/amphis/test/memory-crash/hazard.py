"""Ends or stops this process at the n-th step that it takes in its channel and its memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from amphis._internal.channel import opening, regions, sieve
from amphis._internal.channel.channel import Channel
from amphis._internal.channel.loans import Loans
from amphis._internal.channel.ring_wire import RingWire
from amphis._internal.channel.spill import Spill
from amphis._internal.memory import guest
from amphis._internal.memory.stream_reader import ChunkReader
from amphis._internal.memory.stream_writer import ChunkWriter

_CALLS: list[tuple[Any, tuple[str, ...]]] = [
    (opening, ("receive_with_descriptors", "map_region", "is_doorbell")),
    (regions, ("receive_with_descriptors", "map_region")),
    (opening.Opening, ("_send",)),
    (regions.Regions, ("read", "_drop")),
    (RingWire, ("read", "write", "write_now", "end", "interrupt", "close")),
    (Channel, ("send", "receive", "carry", "wait_for", "releases_wait", "_take", "close")),
    (Loans, ("want", "release", "releases", "released", "take")),
    (Spill, ("move", "take_back")),
    (sieve, ("copy_frame",)),
    (guest, ("export",)),
    (guest.GuestMemory, ("allocate", "refer", "accept", "_end")),
    (ChunkReader, ("_take_chunk", "_use")),
    (ChunkWriter, ("_send_chunk",)),
]
_OF_RINGS = ("push", "push_quietly", "nudge", "pop", "next_length", "take", "wait", "arm")


class Hazard:
    """Counts steps: before and after every call that matters, and wherever the program says.

    Args:
        at: the step with which it strikes; 0: never
        number: of the signal that this process sends to itself
    """

    def __init__(self, at: int, number: int = signal.SIGKILL) -> None:
        self._at = at
        self._number = number
        self._count = 0

    def step(self) -> None:
        """Take one."""
        self._count += 1
        if self._count == self._at:
            os.kill(os.getpid(), self._number)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, with a step on both sides."""

        def stepped(*args: Any, **kwargs: Any) -> Any:
            self.step()
            result = call(*args, **kwargs)
            self.step()
            return result

        return stepped

    def lay(self) -> None:
        """Count in everything that this process calls from here on."""
        for owner, names in _CALLS:
            for name in names:
                setattr(owner, name, self.around(getattr(owner, name)))
        open_ring = opening.open_ring
        opening.open_ring = lambda *args, **kwargs: _Ring(open_ring(*args, **kwargs), self)


class _Ring:
    """A ring of the extension, whose type cannot be changed."""

    def __init__(self, ring: Any, hazard: Hazard) -> None:
        for name in _OF_RINGS:
            setattr(self, name, hazard.around(getattr(ring, name)))


def cut_offer(count: int) -> None:
    """End this process in the middle of the offer, behind so many of its bytes."""

    def send(self: Any, data: bytes) -> None:
        self._sock.send(data[:count])
        os.kill(os.getpid(), signal.SIGKILL)

    opening.Opening._send = send  # type: ignore[method-assign]
