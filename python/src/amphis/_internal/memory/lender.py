"""The seam to whatever lends memory: a channel, of which this process is the guest."""

from __future__ import annotations

from amphis._internal.light import Protocol, dataclass


@dataclass(frozen=True, slots=True)
class Lent:
    """Memory in which this process has a share now; the peer's words, not judged yet."""

    arena: int
    generation: int
    offset: int
    byte_length: int


class Lender(Protocol):
    """Lends memory of regions that this process has mapped.

    Attributes:
        key: signs references of the connection
        holder: names this process in references
    """

    @property
    def key(self) -> bytes:
        """Signs references of the connection, both ways."""

    @property
    def holder(self) -> int:
        """Names this process in references; 0 is the side that owns the memory."""

    def want(self, byte_length: int, timeout_s: float) -> Lent:
        """Ask for memory, and wait for the answer.

        Raises:
            AmphisError: what the peer says (MEMORY_EXHAUSTED, MEMORY_QUOTA_EXCEEDED), PEER_LOST,
                or REQUEST_TIMEOUT
        """

    def release(self, generation: int, byte_length: int = 0) -> None:
        """Let one share go. Never blocks and never raises, whatever thread and moment it is.

        Args:
            generation: of the share
            byte_length: how much memory it is: the owner hears of much at once, of little soon
        """

    def region(self, arena: int) -> memoryview:
        """The whole of a mapped region, writable.

        Raises:
            AmphisError: REFERENCE_STALE when there is none of this number
        """
