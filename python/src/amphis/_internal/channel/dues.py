"""What a channel owes its host beside frames: signs of life, and memory to let go of."""

from __future__ import annotations

from amphis._internal.channel.loans import QUIET_S
from amphis._internal.channel.wire import LOOK_S
from amphis._internal.errors import AmphisError
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind, too_large
from amphis._internal.priority import Priority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.channel.loans import Loans
    from amphis._internal.channel.turns import Turns
    from amphis._internal.channel.wire import Wire

# Of the shortest ring, a frame of this length fits into a record.
_PONG_BYTES = 60


class Dues:
    """Sends what is owed whenever the turn to write is free, and never waits for it.

    Who has that turn looks for more when it has ended.

    Args:
        wire: sends it
        turns: of the channel
        loans: memory of the host; None where it lends none
        may_send: whether the channel still sends anything

    Attributes:
        may_be_open: whether something may be owed, or records wait for a nudge
    """

    def __init__(
        self, wire: Wire, turns: Turns, loans: Loans | None, may_send: Callable[[], bool]
    ) -> None:
        self._wire = wire
        self._turns = turns
        self._loans = loans
        self._may_send = may_send
        self._pong: bytes | None = None
        self.may_be_open = self._has_quiet = False

    def answer(self, ping: Frame) -> None:
        """Owe an answer to the latest ping only: a host that never listens costs nothing."""
        pong = encode_frame(Frame(FrameKind.PONG, bytes(ping.body), priority=Priority.CRITICAL))
        if len(pong) > _PONG_BYTES:
            raise too_large(_PONG_BYTES, len(pong))
        self._pong = pong
        self.may_be_open = True

    def let_go(self) -> None:
        """Let go of memory that is not needed any more.

        Little is written without waking the host, which finds it with the next frame; the one who
        reads wakes it when no frame came for 10 ms. Much wakes it now, and so does whatever is
        let go of while somebody sleeps until the host says something.
        """
        self.may_be_open = True
        loans = self._loans
        is_quiet = loans is not None and not loans.is_much and not self._wire.is_waiting
        self._settle(is_quiet=is_quiet)

    def before_sleep(self, is_idle: bool) -> float | None:  # noqa: FBT001 - as the wire has it
        """Send what is owed; after how many seconds there is more to do."""
        if not self.may_be_open:
            return None
        if self._pong is None and not is_idle:
            return QUIET_S
        self._settle(is_quiet=False)
        if not self._has_quiet and not (self._may_send() and self._is_open()):
            self.may_be_open = False
            # Another thread may have let go of something while that was said.
            self.may_be_open = self._is_open() or self._has_quiet
        return LOOK_S if self.may_be_open and self._may_send() else None

    def after_frame(self) -> None:
        """Send what is owed behind a frame for which the host was woken."""
        self._has_quiet = self.may_be_open = False
        if self._loans is not None:
            self._loans.heard()
        if self._is_open():
            self.may_be_open = True
            self._settle(is_quiet=True)

    def send(self, *, is_quiet: bool = False) -> bool:
        """Send it, with the turn to write; False without room.

        Args:
            is_quiet: the host need not be woken for memory that it gets back
        """
        pong = self._pong
        if pong is not None:
            if not self._wire.write_now(pong):
                return False
            if self._pong is pong:
                self._pong = None
        loans = self._loans
        frame = None if loans is None else loans.releases()
        if loans is not None and frame is not None:
            if not self._wire.write_now(frame, is_quiet=is_quiet):
                return False
            loans.released()
            if is_quiet:
                self._has_quiet = True
                # After it: who settles looks at it after taking this one back.
                self.may_be_open = True
        if not is_quiet and loans is not None:
            if self._has_quiet:
                self._wire.nudge()
            self._has_quiet = False
            loans.heard()
        return True

    def _settle(self, *, is_quiet: bool) -> None:
        """Send what is owed now if nobody writes, else whoever writes does."""
        while self._may_send() and (self._is_open() or (self._has_quiet and not is_quiet)):
            if not self._turns.try_write():
                return
            try:
                went = self.send(is_quiet=is_quiet)
            except AmphisError:
                # Found again, and told, by whoever sends or receives; a finalizer cannot.
                return
            finally:
                self._turns.end_write()
            if not went:
                return

    def _is_open(self) -> bool:
        return self._pong is not None or (self._loans is not None and self._loans.has_releases)
