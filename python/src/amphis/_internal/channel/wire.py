"""What moves the bytes of a channel, in whichever mode it was opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from amphis._internal.light import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from amphis._internal.channel.regions import Regions
    from amphis._internal.frame.frame import Buffer
    from amphis._internal.native import PlainCall

BeforeSleep: TypeAlias = Callable[[bool], "float | None"]

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
        is_waiting: whether somebody waits in `read`, or is about to: if that was broken off,
            nothing was taken
        is_mid_frame: whether a write that was broken off had written something
        whole_bytes: longest frame that `write_now` takes
    """

    is_waiting: bool
    is_mid_frame: bool
    whole_bytes: int

    @property
    def regions(self) -> Regions | None:
        """Memory that the host announces; None where there is none."""

    def read(
        self,
        deadline: float | None,
        before_sleep: BeforeSleep,
        as_call: bool,  # noqa: FBT001 - it is called for every frame
        /,
    ) -> bytes | PlainCall | None:
        """Take what came; None at the deadline or at `wake`, nothing at the end of what is sent.

        Args:
            deadline: seconds of `time.monotonic`; None: for ever
            before_sleep: called before each wait, with whether the wait before it brought nothing;
                after how many seconds it is to be called again whatever comes, None: not at all
            as_call: between two frames: what is a plain call may be given as what it means

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

    def push_plain(
        self, word: int, call_id: int, body: list[object], most_bytes: int
    ) -> Literal[True] | bytes | None:
        """Write a frame with a plain body; see `Channel.send_plain`.

        The frame where it cannot be written at once, None when it is not plain.
        """

    def write_now(self, frame: bytes, *, is_quiet: bool = False) -> bool:
        """Write a small frame if there is room for all of it now.

        Args:
            frame: short enough
            is_quiet: the host need not be woken for it before the next frame, or `nudge`
        """

    def nudge(self) -> None:
        """Wake the host for what was written quietly."""

    def end(self, deadline: float, reader: BlockedReader) -> None:
        """Say that nothing more comes; errors as of `write`."""

    def wake(self) -> None:
        """Make a read that finds nothing return None; the next one if none waits."""

    def interrupt(self) -> None:
        """Tell the host and every thread that waits here that it is over."""

    def close(self) -> None:
        """Give everything back; nobody may be in any other call."""

    def abandon(self) -> None:
        """Let go of it without a word: another process goes on with it."""
