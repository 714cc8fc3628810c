"""Large frames, which go through lent memory instead of piece by piece through the ring."""

from __future__ import annotations

import time

from amphis._internal.channel.memory_body import frame_in_memory
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import too_large
from amphis._internal.memory.claim import encode_signed
from amphis._internal.memory.shared_path import SharedPath
from amphis._internal.memory.token_key import TokenKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from amphis._internal.channel.loans import Loans
    from amphis._internal.frame.frame import Buffer
    from amphis._internal.memory.guest import GuestMemory

# The side that owns all memory.
_HOST = 0
# A host that has memory says so at once; with less patience than this, its pauses look like none.
_PATIENCE_S = 0.1


def copy_frame(memory: GuestMemory, reference: bytes, max_bytes: int) -> bytes:
    """Copy a frame out of the memory that the host named, and let go of that.

    Raises:
        AmphisError: as `GuestMemory.accept`; FRAME_TOO_LARGE
    """
    span = memory.accept(reference)
    byte_length = span.byte_length
    if byte_length <= max_bytes:
        return bytes(span.memory)
    # A traceback would keep the memory mapped.
    del span
    raise too_large(max_bytes, byte_length)


class Spill:
    """Moves large frames of this side into memory of the host.

    Args:
        loans: of the connection
        least_bytes: shorter frames go through the ring
    """

    def __init__(self, loans: Loans, least_bytes: int) -> None:
        self.least_bytes = least_bytes
        self.sent = 0
        self.fallbacks = 0
        self._loans = loans
        self._key = TokenKey(loans.key)
        self._path = SharedPath()

    def move(
        self, parts: Sequence[Buffer], byte_length: int, timeout_s: float
    ) -> tuple[bytes, int] | None:
        """Put a frame into memory.

        Args:
            parts: of the frame
            byte_length: of all of them
            timeout_s: how long the answer of the host may take

        Returns:
            the frame to send in its place, and the generation to release if it is not sent; None
            where there is no memory, and the frame is to be sent as it is
        """
        if not self._path.admit(time.monotonic() * 1_000):
            return None
        try:
            lent = self._loans.want(byte_length, min(timeout_s, _PATIENCE_S))
        except AmphisError:
            # Refused, late, or the connection is over, which is found again by whoever writes.
            self.fallbacks += 1
            self._path.failed(time.monotonic() * 1_000)
            return None
        self._path.succeeded()
        at = lent.offset
        memory = self._loans.region(lent.arena)
        for part in parts:
            view = memoryview(part).cast("B")
            memory[at : at + len(view)] = view
            at += len(view)
        numbers = (lent.arena, lent.generation, lent.offset, byte_length, _HOST, 0)
        self.sent += 1
        return frame_in_memory(encode_signed(self._key, numbers)), lent.generation

    def take_back(self, generation: int) -> None:
        """Let go of the memory of a frame that was not sent."""
        self._loans.release(generation)
