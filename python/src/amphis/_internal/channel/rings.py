"""The two rings of an open channel, and what belongs to them."""

from __future__ import annotations

import os

from amphis._internal.light import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from amphis._internal.frame.frame import Buffer
    from amphis._internal.native import Ring

_LENGTH_BYTES = 4


@dataclass(slots=True)
class Rings:
    """Rings and doorbells, as the guest has them. `close` gives the descriptors back.

    Attributes:
        outgoing: to the host
        incoming: from the host
        doorbell: the host rings it; -1 once closed
        far_doorbell: wakes the host; borrowed by `outgoing` and `incoming`
        capacity: bytes of records in each ring
        holder: names this side in references; 0: the host lends no memory
        key: signs references of this connection
        whole_bytes: longest frame that is written as one record
        piece_bytes: length of the records of longer ones: the host takes some while others are
            written
    """

    outgoing: Ring
    incoming: Ring
    doorbell: int
    far_doorbell: int
    capacity: int
    holder: int
    key: bytes = field(repr=False)
    whole_bytes: int = field(init=False)
    piece_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.whole_bytes = self.capacity // 2 - _LENGTH_BYTES
        self.piece_bytes = self.capacity // 4 - _LENGTH_BYTES

    @property
    def has_memory(self) -> bool:
        """Whether the host lends memory."""
        return self.holder != 0

    def whole(self, parts: Sequence[Buffer]) -> Buffer | None:
        """The parts of a frame as one record; None when they are too long for that."""
        total = 0
        for part in parts:
            total += part.nbytes if isinstance(part, memoryview) else len(part)
        if total > self.whole_bytes:
            return None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def pieces(self, parts: Sequence[Buffer]) -> Iterator[Buffer]:
        """The parts of a long frame as records that flow well."""
        for part in parts:
            view = memoryview(part).cast("B")
            for start in range(0, len(view), self.piece_bytes):
                yield view[start : start + self.piece_bytes]

    def close(self) -> None:
        """Give the descriptors and the memory back; nobody may use the rings any more."""
        if self.doorbell < 0:
            return
        os.close(self.doorbell)
        os.close(self.far_doorbell)
        self.doorbell = self.far_doorbell = -1
        # Whoever keeps this, in a traceback say, must not keep the memory.
        del self.outgoing, self.incoming
