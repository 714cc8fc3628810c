"""What moves the bytes of a channel, in whichever mode it was opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from amphis._internal.channel.regions import Regions
    from amphis._internal.frame.frame import Buffer

# The longest time before a side that waits looks whether the other one still lives.
LOOK_S = 0.05


class WriteStalled(Exception):  # noqa: N818 - no error: whoever writes knows what it means
    """The deadline passed before everything was written; `is_mid_frame` says if some of it was."""


class BlockedReader(Protocol):
    """Lets a writer without room read: the host may take nothing before it got rid of something."""

    def begin(self) -> bool:
        """Take the turn to read, if it is free and there is a place for what comes."""

    def drain(self) -> None:
        """Read what is there, without waiting."""

    def finish(self) -> None:
        """End the turn."""


class Wire(Protocol):
    """Moves bytes. One thread at a time reads, and one writes.

    Attributes:
        is_waiting: whether a read that was broken off had taken nothing
        is_mid_frame: whether a write that was broken off had written something
        whole_bytes: longest frame that `write_now` takes
    """

    is_waiting: bool
    is_mid_frame: bool
    whole_bytes: int

    @property
    def regions(self) -> Regions | None:
        """Memory that the host announces; None where there is none."""

    def read(self, deadline: float | None, before_sleep: Callable[[], bool]) -> bytes | None:
        """Take what came; None at the deadline, nothing at the end of all that the host sends.

        Args:
            deadline: seconds of `time.monotonic`; None: for ever
            before_sleep: called before each wait; False: it has more to do soon, whatever comes

        Raises:
            AmphisError: the connection is over
        """

    def write(self, parts: Sequence[Buffer], deadline: float, reader: BlockedReader) -> None:
        """Write all parts of one frame.

        Args:
            parts: of the frame
            deadline: seconds of `time.monotonic`
            reader: reads while there is no room

        Raises:
            AmphisError: the connection is over
            WriteStalled: the deadline passed
        """

    def write_now(self, frame: bytes) -> bool:
        """Write a small frame if there is room for all of it now."""

    def end(self, deadline: float, reader: BlockedReader) -> None:
        """Say that nothing more comes; errors as of `write`."""

    def interrupt(self) -> None:
        """Tell the host and every thread that waits here that it is over."""

    def close(self) -> None:
        """Give everything back; nobody may be in any other call."""

    def abandon(self) -> None:
        """Let go of it without a word: another process goes on with it."""
