"""One side of a ring of records in shared memory (spec/ring.md)."""

from __future__ import annotations

import os
import sys

from amphis._internal.light import Protocol
from amphis._internal.native.failures import no_ring
from amphis._internal.native.load import Core, Missing, load_core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from typing import Literal, TypeAlias, TypeGuard

    from typing_extensions import Self

    from amphis._internal.native.load import FastMsgpack

PlainCall: TypeAlias = "tuple[int, str, list[object], dict[str, object], dict[str, object], int]"
"""A call in msgpack without attachments: call id, function, args, kwargs, options, and how many
handles and attachments are in it, at any depth."""

Pause: TypeAlias = "Literal['timeout', 'peer-gone']"
"""Why a wait did not bring what was waited for."""


class Ring(Protocol):
    """One side of a ring; for one thread at a time.

    Raises `RING_CORRUPT` when the memory breaks the rules of spec/ring.md.
    """

    def push(self, record: bytes | bytearray | memoryview, /) -> bool:
        """Copy a record in and wake the consumer; False when there is no room now."""

    def push_quietly(self, record: bytes | bytearray | memoryview, /) -> bool:
        """As `push`, but the consumer is not woken: it finds it when it looks, or at a `nudge`."""

    def nudge(self) -> None:
        """Wake the consumer if it sleeps and has not seen all; the next `push` does so too."""

    def pop(self) -> bytes | None:
        """Take the next record; None when there is none."""

    def next_length(self) -> int | None:
        """Bytes of the next record; None when there is none."""

    def take(self, target: bytearray | memoryview, /) -> int:
        """Copy the payloads of whole records to the target, one after the other; how many bytes.

        Ends where one does not fit or none is there, and before an empty record, which means
        something of its own: at 0, `next_length()` is None when nothing is there, and 0 before an
        empty record, which `pop` takes. `RING_RECORD_TOO_LARGE` when the first does not fit.
        """

    def wait(
        self, *, byte_length: int = 0, spin_ns: int = 0, timeout_ns: int = -1, liveness: int = -1
    ) -> Literal["ready"] | Pause:
        """Sleep until there is a record, or room for `byte_length`.

        Takes back what `arm` asked for this side.

        Args:
            byte_length: for a producer: the record that is to fit
            spin_ns: upper bound of looking before sleeping; less where that does not pay
            timeout_ns: -1: for ever
            liveness: descriptor of a socket to the peer; "peer-gone" within 50 ms of its end,
                after everything that the peer left was taken
        """

    def exchange(  # noqa: PLR0913 - all but three are keyword-only and optional
        self,
        consumer: Self,
        record: bytes | bytearray | memoryview,
        target: bytearray | memoryview,
        /,
        *,
        spin_ns: int = 0,
        timeout_ns: int = -1,
        liveness: int = -1,
    ) -> int | Literal["no-room"] | Pause:
        """Push a record into this ring, and take the next one of `consumer` to the target's start.

        Its length; "no-room" when nothing was sent; or why there is no answer yet although the
        record was sent. Options as for `wait`. Both rings are of the extension, or neither is.
        """

    def arm(self, byte_length: int = 0, /) -> bool:
        """Ask for one ring of the doorbell at the next record or room; True: no need to wait."""


class CoreRing(Ring, Protocol):
    """A ring of the extension, which reads and writes frames (spec/frame.md) itself."""

    def pop_call(self, codec: FastMsgpack, most_bytes: int, /) -> PlainCall | bytes | None:
        """Take the next record; as what it means if that is a plain call of this length or less."""

    def await_record(self, spin_ns: int, timeout_ns: int, /) -> bool:
        """As `wait`, in fewer steps: whether there is a record."""

    def wake(self) -> None:
        """End the wait of another thread, or the next one, as at its time-out."""

    def push_plain(  # noqa: PLR0913, PLR0917 - it is called for every answer
        self,
        codec: FastMsgpack,
        word: int,
        call_id: int,
        body: list[object],
        whole_bytes: int,
        most_bytes: int,
        /,
    ) -> Literal[True] | bytes:
        """Push a frame that begins with this word, if its body is plain.

        The frame when there is no room, or when it is longer than `whole_bytes`; NotImplemented
        when the body is not plain (see `Channel.send_plain`), or the frame longer than
        `most_bytes`.
        """


def is_core_ring(ring: Ring) -> TypeGuard[CoreRing]:
    """Whether it is a ring of the extension."""
    return hasattr(ring, "pop_call")


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

    Raises `NATIVE_UNAVAILABLE` where neither the extension nor Python can do it correctly.
    """
    chosen = load_core() if core is None else core
    if isinstance(chosen, Core):
        return chosen.ring(
            memory, producer=producer, offset=offset, byte_length=byte_length, doorbell=doorbell
        )
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        # Later, as the extension is usual and ctypes takes its time.
        from amphis._internal.native.plain_ring import PlainRing  # noqa: PLC0415

        return PlainRing(
            memory, producer=producer, offset=offset, byte_length=byte_length, doorbell=doorbell
        )
    # Elsewhere the processor reorders what Python writes, and Python has no way to forbid it.
    raise no_ring(chosen.reason)
