"""A blocking channel to the host, for programs that do one thing after the other."""

from __future__ import annotations

import time
import weakref

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.channel import fork
from amphis._internal.channel.dues import Dues
from amphis._internal.channel.failures import again, channel_closed, host_silent, waited_too_long
from amphis._internal.channel.loans import Loans, Wanted
from amphis._internal.channel.plain import PLAIN_HEADS, read_call, write_plain
from amphis._internal.channel.sieve import Inbox, Sieve
from amphis._internal.channel.spill import Spill
from amphis._internal.channel.turns import Turns
from amphis._internal.channel.wire import WriteStalled
from amphis._internal.errors import AmphisError
from amphis._internal.frame.encode import frame_parts, plain_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.ambient import clear_ambient, set_ambient
from amphis._internal.memory.guest import GuestMemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from amphis._internal.channel.options import ChannelOptions
    from amphis._internal.channel.wire import Wire
    from amphis._internal.frame.frame import Buffer
    from amphis._internal.memory.lender import Lender
    from amphis._internal.native import PlainCall


class Channel:
    """A connection to the host, whose frames go through shared memory where that is possible.

    One thread at a time receives; any thread may send, and use `memory`. Frames about memory, pings
    and pongs stay in here. Of several channels with memory, new arrays of the process lie in that
    of the one that was opened last. Rules that keep threads from waiting in a circle:

    - There is a turn to read and a turn to write. No thread waits for one while it has the other:
      who reads writes only what there is room for at once, and who writes and finds no room reads
      only if nobody else does.
    - Who waits for something of the host takes the turn to read if it is free, and otherwise waits
      until what it waits for came or the turn is free. So somebody reads as long as anybody waits,
      and who reads serves the others: frames are kept for `receive`, answers about memory go to
      who asked.
    - Letting go of memory, and giving signs of life, takes only a turn that is free at once.

    The first error ends both directions. What came before it is still received, and frames that
    were received may be kept as long as one likes.
    """

    def __init__(
        self,
        wire: Wire,
        address: str,
        options: ChannelOptions,
        *,
        key: bytes = b"",
        holder: int = 0,
    ) -> None:
        self.address = address
        self._wire = wire
        self._options = options
        self._most_bytes = options.max_frame_bytes
        self._turns = Turns(wire.close)
        regions = wire.regions
        self._loans = None
        if regions is not None and holder != 0:
            self._loans = Loans(key, holder, regions, self, wire.whole_bytes)
        self._memory = None
        if self._loans is not None:
            self._memory = _memory_of(self._loans, options.max_frame_bytes)
        self._sieve = Sieve(options.max_frame_bytes, self._loans, self._memory)
        self._spill = None if self._loans is None else Spill(self._loans, options.spill_bytes)
        self._whole = self._sieve.whole
        self._inbox = Inbox()
        self._error: AmphisError | None = None
        self._peer_ended: AmphisError | None = None
        self._has_ended = False
        self._is_woken = False
        self._dues = Dues(wire, self._turns, self._loans, self._may_send)
        # A record that begins now begins a frame.
        self._is_between = True
        # For one that is forgotten, or open when the program ends.
        self._finalizer = weakref.finalize(self, _close, wire, self._turns)
        fork.watch(self)
        if self._memory is not None:
            set_ambient(self._memory)

    @property
    def memory(self) -> GuestMemory | None:
        """Memory of the host, ambient while the channel is open; None where it lends none."""
        return self._memory

    @property
    def lender(self) -> Lender | None:
        """What `memory` stands on."""
        return self._loans

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more, and nothing more comes."""
        return self._error is not None

    def send(self, frame: Frame, timeout: float | None = None) -> None:
        """Send a frame, and wait until there is room for it.

        Args:
            frame: of any kind but memory
            timeout: seconds; None: `send_timeout` of the options

        Raises:
            AmphisError: FRAME_TOO_LARGE; REQUEST_TIMEOUT when nothing of it was sent in time;
                PEER_LOST when only some of it was, which ends the channel; or why it ended
        """
        options = self._options
        parts: Sequence[Buffer]
        whole = plain_frame(frame, options.max_frame_bytes)
        if whole is not None:
            parts = (whole,)
        elif frame.kind is FrameKind.MEMORY:
            raise ValueError("Cannot send frame: those of kind memory belong to the channel")
        else:
            parts = frame_parts(frame, max_frame_bytes=options.max_frame_bytes)
        self._send(parts, options.send_timeout if timeout is None else timeout)

    def send_plain(self, kind: FrameKind, call_id: int, body: list[object]) -> bool:
        """Send a frame without attachments if all of its body is plain, in as few steps as can be.

        Plain are nil, bools, ints of 64 bits, floats, strings, bytes below 64 KiB, and lists,
        tuples and maps (with scalar keys) of these: exact types only, as a subclass may mean
        something else. Waits for room as `send` does.

        Args:
            kind: `RESULT`, `ITEM` and the like
            call_id: of the call
            body: `[value]` of a result, `[sequence, value]` of an item

        Returns:
            False when something in it is not plain, or it cannot be sent for another reason that
            `send` names: nothing was sent then

        Raises:
            AmphisError: as `send`
        """
        limit = self._most_bytes
        word = PLAIN_HEADS[kind]
        if self._turns.try_write():
            try:
                if self._error is not None or self._has_ended:
                    self._refuse_write()
                frame = self._wire.push_plain(word, call_id, body, limit)
            except AmphisError as error:
                if error.code != ErrorCode.CONNECTION_CLOSED:
                    self._fail(error)
                raise
            finally:
                self._turns.end_write()
        else:
            frame = write_plain(word, call_id, body, limit)
        if frame is None:
            return False
        if frame is not True:
            self._send((frame,), self._options.send_timeout)
        elif self._dues.may_be_open:
            self._dues.after_frame()
        return True

    def receive(self, timeout: float | None = None) -> Frame | None:
        """Wait for the next frame; None when none came within so many seconds, or at `wake`.

        Raises:
            AmphisError: CONNECTION_CLOSED when nothing more comes, or why the channel ended
        """
        came = self._receive(timeout, as_call=False)
        return came if isinstance(came, Frame) else None

    def receive_call(self, timeout: float | None = None) -> PlainCall | Frame | None:
        """As `receive`, and a plain call comes as what it means, which saves most of the time.

        Returns:
            `(call_id, function, args, kwargs, options, far)` for each call in msgpack without
            attachments whose body is as spec/worker.md has it; its type is `tuple`. `far` is how
            many handles and attachments are in args, kwargs and options, so that at 0 nobody needs
            to look for them. Anything else comes as its `Frame`, also a call that is wrong.
        """
        # Nearly always: nobody else reads, and nothing waits in here.
        if self._turns.try_read():
            try:
                call: bool | PlainCall = True
                if not self._inbox.frames and not self._is_woken:
                    call = self._take_some(None if timeout is None else 0.0, self._is_between)
            finally:
                self._turns.end_read()
            if not isinstance(call, bool):
                return call
        came = self._receive(timeout, as_call=True)
        if isinstance(came, Frame):
            return read_call(came) or came
        return came

    def _receive(self, timeout: float | None, *, as_call: bool) -> PlainCall | Frame | None:
        deadline = None if timeout is None else time.monotonic() + timeout
        frames = self._inbox.frames
        while not frames:
            failure = self._peer_ended or self._error
            if failure is not None:
                raise again(failure)
            if self._is_woken:
                self._is_woken = False
                return None
            if self._turns.read(self._has_news, deadline):
                try:
                    in_time = bool(frames) or self._take_some(
                        deadline, as_call and self._is_between
                    )
                finally:
                    self._turns.end_read()
                if not isinstance(in_time, bool):
                    return in_time
            else:
                in_time = self._has_news()
            if not in_time and not self._is_woken:
                return None
        return self._inbox.pop()

    def wake(self) -> None:
        """Make a `receive` that finds nothing return None; the next one if none waits.

        For any thread. Twice before it is heard is as good as once.
        """
        self._is_woken = True
        self._wire.wake()

    def end(self, timeout: float | None = None) -> None:
        """Say that nothing more is sent; what the host sends is still received.

        The channel is closed as soon as the host has said so too.

        Raises:
            AmphisError: REQUEST_TIMEOUT, or why the channel ended
        """
        if self._has_ended:
            return
        limit = self._options.send_timeout if timeout is None else timeout
        self._write(None, limit)
        self._close_if_both_ended()

    def close(self) -> None:
        """End it now, in both directions, from any thread; a second call does nothing.

        Whoever waits in it is told within 50 ms.
        """
        self._over(channel_closed(self.address, "this side closed it"))
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def carry(self, frame: bytes, deadline: float) -> None:
        """Send a frame about memory; see `Carrier`."""
        self._write([frame], deadline - time.monotonic())

    def wait_for(self, wanted: Wanted, deadline: float) -> None:
        """Wait for an answer about memory, and read if nobody else does; see `Carrier`."""
        while not wanted.done.is_set():
            if self._turns.read(wanted.done.is_set, deadline):
                try:
                    in_time = wanted.done.is_set() or self._take_some(deadline)
                finally:
                    self._turns.end_read()
            else:
                in_time = wanted.done.is_set()
            if not in_time and time.monotonic() >= deadline:
                return
            if not self._has_place() and not wanted.done.is_set():
                raise waited_too_long("shared memory: too many frames wait to be received", 0)

    def releases_wait(self) -> None:
        """Let go of memory; see `Carrier`."""
        self._dues.let_go()

    def begin(self) -> bool:
        """Take the turn to read, if it is free; see `BlockedReader`."""
        return self._has_place() and not self._is_over() and self._turns.try_read()

    def drain(self) -> None:
        """Read what is there; see `BlockedReader`."""
        while self._has_place() and not self._is_over() and self._take_some(0.0):
            pass

    def finish(self) -> None:
        """End the turn to read; see `BlockedReader`."""
        self._turns.end_read()

    def forked(self) -> None:
        """End in a child of the process that opened it, without a word; see `Forked`."""
        error = channel_closed(self.address, "this process was forked off the one that opened it")
        self._error = error
        self._finalizer.detach()
        # Threads that had a turn are not here any more.
        self._turns = Turns(_nothing)
        self._wire.abandon()
        if self._loans is not None:
            self._loans.abandon(error)

    def _has_news(self) -> bool:
        return bool(self._inbox.frames) or self._is_woken or self._is_over()

    def _is_over(self) -> bool:
        """Whether nothing more comes."""
        return self._peer_ended is not None or self._error is not None

    def _has_place(self) -> bool:
        return self._inbox.bytes <= self._options.max_waiting_bytes

    def _take_some(self, deadline: float | None, as_call: bool = False) -> bool | PlainCall:  # noqa: FBT001, FBT002 - it is called for every frame
        """Read once, with the turn to read; False when nothing came until the deadline."""
        if self._peer_ended is not None or self._error is not None:
            return True
        try:
            data = self._wire.read(deadline, self._dues.before_sleep, as_call)
            if data is None:
                return False
            if not isinstance(data, bytes):
                return data
            frame = self._whole(data)
            if frame is None:
                self._take(data)
            else:
                self._inbox.put(frame)
        except AmphisError as error:
            is_end = error.code == ErrorCode.CONNECTION_CLOSED
            self._fail((self._sieve.truncated() if is_end else None) or error)
        except BaseException:
            # Raised by a signal, say. Bytes that were taken and not kept cannot be had again.
            if not self._wire.is_waiting:
                self._fail(channel_closed(self.address, "a read was broken off"))
            raise
        return True

    def _take(self, data: bytes) -> None:
        if not data:
            self._take_end()
            return
        for frame in self._sieve.feed(data):
            if frame.kind is FrameKind.PING:
                self._dues.answer(frame)
            elif frame.kind is not FrameKind.PONG:
                self._inbox.put(frame)
        self._is_between = not self._sieve.is_mid_frame
        if self._sieve.failure is not None:
            raise self._sieve.failure

    def _take_end(self) -> None:
        truncated = self._sieve.truncated()
        if truncated is not None:
            raise truncated
        self._peer_ended = channel_closed(self.address, "the host sends nothing more")
        if self._loans is not None:
            self._loans.end_answers(self._peer_ended)
        self._close_if_both_ended()

    def _send(self, parts: Sequence[Buffer], limit: float) -> None:
        """Write a frame, through memory where it is large."""
        spill = self._spill
        moved = None
        if spill is not None:
            byte_length = sum(map(len, parts))
            if byte_length >= spill.least_bytes:
                moved = spill.move(parts, byte_length, limit)
        if spill is None or moved is None:
            self._write(parts, limit)
            return
        frame, generation = moved
        try:
            self._write((frame,), limit)
        except BaseException:
            spill.take_back(generation)
            raise

    def _write(self, parts: Sequence[Buffer] | None, limit: float) -> None:
        """Write a frame, or that nothing more comes."""
        deadline = time.monotonic() + limit
        if not self._turns.write(deadline):
            raise waited_too_long(f"other threads that send over {self.address}", limit)
        try:
            if self._error is not None or self._has_ended:
                self._refuse_write()
            if parts is None:
                self._dues.send()
                self._wire.end(deadline, self)
                self._has_ended = True
            else:
                self._wire.write(parts, deadline, self)
        except WriteStalled:
            raise self._stalled(limit) from None
        except AmphisError as error:
            # The end of the host is found by whoever reads, behind what the host sent before.
            if error.code != ErrorCode.CONNECTION_CLOSED:
                self._fail(error)
            raise
        except BaseException:
            if self._wire.is_mid_frame:
                self._fail(channel_closed(self.address, "a write was broken off"))
            raise
        finally:
            self._turns.end_write()
        if self._dues.may_be_open:
            self._dues.after_frame()

    def _may_send(self) -> bool:
        return self._error is None and not self._has_ended

    def _refuse_write(self) -> None:
        if self._error is not None:
            raise again(self._error)
        raise channel_closed(self.address, "this side said that it sends nothing more")

    def _stalled(self, limit: float) -> AmphisError:
        if not self._wire.is_mid_frame:
            return waited_too_long(f"room in channel {self.address}", limit)
        error = host_silent(self.address, limit, "take the rest of a frame")
        self._fail(error)
        return again(error)

    def _fail(self, error: AmphisError) -> None:
        """End both directions, with a turn."""
        self._over(error)
        self._wire.interrupt()

    def _over(self, error: AmphisError) -> None:
        if self._error is None:
            # Without its traceback, whose frames would keep the memory mapped.
            self._error = again(error)
        if self._loans is not None:
            self._loans.end(self._error)
        if self._memory is not None:
            clear_ambient(self._memory)

    def _close_if_both_ended(self) -> None:
        if self._has_ended and self._peer_ended is not None:
            self.close()


def _memory_of(loans: Loans, max_frame_bytes: int) -> GuestMemory:
    most_inline = max_frame_bytes // 8
    return GuestMemory(loans, loans.device_shares(), max_inline_bytes=most_inline)


def _close(wire: Wire, turns: Turns) -> None:
    wire.interrupt()
    turns.finish()


def _nothing() -> None:
    """Nothing is left to close."""
