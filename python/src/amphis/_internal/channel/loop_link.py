"""Moves the bytes of one session through rings, in an event loop of asyncio."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

from amphis._internal.channel import fork
from amphis._internal.channel.descriptors import silence
from amphis._internal.channel.failures import channel_closed
from amphis._internal.channel.loans import QUIET_S, Loans, Wanted
from amphis._internal.channel.regions import Regions
from amphis._internal.channel.sieve import Sieve
from amphis._internal.channel.wire import LOOK_S
from amphis._internal.errors import AmphisError
from amphis._internal.memory.ambient import clear_ambient, set_ambient
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from amphis._internal.channel.rings import Rings
    from amphis._internal.transport.thread_link import Wired

# So many records may follow each other before others in the loop have a turn.
_MOST_RECORDS = 64


class LoopRingLink:
    """As `LoopLink`, through rings. The loop hears of the host by the doorbell.

    The rings are asked for the doorbell before each return to the loop. Whoever asks for memory in
    the thread of the loop holds the loop up and reads in its place; other threads wait for it.

    Args:
        sock: of the channel; owned from here on, as are the rings
        begin: makes the session
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        rings: Rings,
        max_frame_bytes: int,
        begin: Callable[[], Wired],
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._rings = rings
        self._thread = threading.get_ident()
        self._regions = Regions(sock)
        self._loans = Loans(rings.key, rings.holder, self._regions, self, rings.whole_bytes)
        self._memory = None
        if rings.has_memory:
            self._memory = GuestMemory(self._loans, self._loans.device_shares())
        loans = self._loans if rings.has_memory else None
        self._sieve = Sieve(max_frame_bytes, loans, self._memory)
        self._ended: asyncio.Future[None] = loop.create_future()
        self._error: AmphisError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_flush_due = False
        self._is_turn_due = False
        self._is_release_due = self._is_release_urgent = False
        self._release_timer: asyncio.TimerHandle | None = None
        self._is_finishing = False
        self._is_closed = False
        self._wired = begin()
        self._outbox = self._wired.outbox
        if self._memory is not None:
            set_ambient(self._memory)
        fork.watch(self)
        loop.add_reader(sock, self._announced)
        loop.add_reader(rings.doorbell, self._rung)
        self._write()
        self._tick()
        self._turn()

    async def run(self) -> None:
        """Wait until the connection ends; see `Link`."""
        try:
            await self._ended
        finally:
            self.close()
        if self._error is not None:
            raise self._error

    def flush(self) -> None:
        """Write what waits at the end of this turn of the loop; see `Link`."""
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def finish(self) -> None:
        """Say that nothing more is sent; see `Link`."""
        self._is_finishing = True
        self.flush()

    def close(self) -> None:
        """End it now; see `Link`."""
        if self._is_closed:
            return
        self._is_closed = True
        for timer in (self._timer, self._release_timer):
            if timer is not None:
                timer.cancel()
        if not self._loop.is_closed():
            self._loop.remove_reader(self._sock)
            self._loop.remove_reader(self._rings.doorbell)
        if self._memory is not None:
            clear_ambient(self._memory)
        self._loans.end(self._error or channel_closed(self._wired.address, "the connection ended"))
        self._regions.close()
        self._rings.close()
        self._sock.close()
        if not self._ended.done():
            self._ended.set_result(None)

    def abandon(self) -> None:
        """Let go of everything and say nothing: the parent of this process goes on with it."""
        if self._is_closed:
            return
        # The loop watches the descriptors for the parent too, so it is left as it is.
        self._is_closed = True
        self._loans.abandon(channel_closed(self._wired.address, "this process was forked off"))
        self._regions.abandon()
        self._rings.close()
        self._sock.close()

    def forked(self) -> None:
        """End in a child of this process; see `Forked`."""
        self.abandon()

    def carry(self, frame: bytes, deadline: float) -> None:
        """Send a frame about memory; see `Carrier`."""
        del deadline
        if threading.get_ident() == self._thread:
            self._say(frame)
        else:
            self._loop.call_soon_threadsafe(self._say, frame)

    def wait_for(self, wanted: Wanted, deadline: float) -> None:
        """Wait for the loop, or read in its place; see `Carrier`."""
        if threading.get_ident() != self._thread:
            wanted.done.wait(min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX))
            return
        while not wanted.done.is_set() and not self._is_closed:
            left = min(deadline - time.monotonic(), LOOK_S)
            if left <= 0:
                break
            if not self._read_one() and not self._is_closed:
                self._rings.incoming.wait(timeout_ns=round(left * 1_000_000_000))
                self._announced()
            self._write()
        self._turn_soon()

    def releases_wait(self) -> None:
        """Have the loop let go of memory; see `Carrier`.

        Much at once. A little goes with the next frame, or when no frame came for 10 ms.
        """
        is_much = self._loans.is_much
        if self._is_closed or (self._is_release_urgent if is_much else self._is_release_due):
            return
        self._is_release_due = True
        self._is_release_urgent = is_much
        try:
            self._loop.call_soon_threadsafe(self._let_go if is_much else self._let_go_later)
        except RuntimeError:
            # The loop is closed: the connection is over, or will be without another word.
            return

    def _announced(self) -> None:
        if self._is_closed:
            return
        try:
            self._regions.read()
        except AmphisError as error:
            self._fail(error)
            return
        if self._regions.is_over:
            self._loop.remove_reader(self._sock)
            self._turn_soon()

    def _rung(self) -> None:
        if not self._is_closed:
            silence(self._rings.doorbell)
            self._turn()

    def _turn_soon(self) -> None:
        if not self._is_turn_due:
            self._is_turn_due = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Take what came and write what waits; then ask for the doorbell."""
        self._is_turn_due = False
        for _ in range(_MOST_RECORDS):
            if not self._read_one():
                break
        self._write()
        if self._wired.is_due_sooner:
            if self._timer is not None:
                self._timer.cancel()
            self._tick()
        if not self._is_closed and self._reads() and self._rings.incoming.arm():
            self._turn_soon()

    def _reads(self) -> bool:
        """Read nothing while too many answers wait, unless nobody will ever take them."""
        return not self._outbox.is_overdrawn or self._regions.is_over

    def _read_one(self) -> bool:
        """Take a record; False when there is none."""
        if self._is_closed or not self._reads():
            return False
        # Known before the look at the ring: then nothing comes behind what is there.
        is_over = self._regions.is_over
        try:
            record = self._rings.incoming.pop()
            if record:
                self._take(record)
            elif record is not None or is_over:
                self._fail(self._sieve.truncated() or self._wired.ended())
        except AmphisError as error:
            self._fail(error)
        return bool(record) and not self._is_closed

    def _take(self, record: bytes) -> None:
        self._wired.hear(self._sieve.feed(record), self._loop.time())
        if self._sieve.failure is not None:
            raise self._sieve.failure

    def _say(self, frame: bytes) -> None:
        if not self._is_closed:
            self._outbox.put(Priority.HIGH, [frame])
            # A host without room may wait for just this.
            self._let_go()

    def _let_go_later(self) -> None:
        if self._is_release_due and self._release_timer is None and not self._is_closed:
            self._release_timer = self._loop.call_later(QUIET_S, self._let_go)

    def _let_go(self) -> None:
        """Let go of memory with whatever waits to be written."""
        self._is_release_due = self._is_release_urgent = False
        if self._release_timer is not None:
            self._release_timer.cancel()
            self._release_timer = None
        # Less urgent than anything, as it must not overtake a frame that names the memory.
        while not self._is_closed and (frame := self._loans.releases()) is not None:
            self._outbox.put(Priority.LOW, [frame])
            self._loans.released()
        self._loans.heard()
        self._write()

    def _flush(self) -> None:
        self._is_flush_due = False
        if self._is_release_due:
            self._let_go()
        else:
            self._write()

    def _write(self) -> None:
        """Write as far as there is room, and ask for the doorbell when there is none."""
        try:
            while not self._is_closed and (self._outbox.bytes or self._is_finishing):
                chunk = self._outbox.chunk()
                piece = memoryview(chunk or b"").cast("B")[: self._rings.piece_bytes]
                if self._rings.outgoing.push(piece):
                    self._wrote(len(piece))
                elif not self._rings.outgoing.arm(len(piece)):
                    return
        except AmphisError as error:
            self._fail(error)

    def _wrote(self, byte_length: int) -> None:
        if byte_length == 0:
            self._is_finishing = False
            return
        was_overdrawn = self._outbox.is_overdrawn
        self._outbox.advance(byte_length)
        if was_overdrawn:
            self._wired.progressed(self._loop.time())
            self._turn_soon()

    def _tick(self) -> None:
        if self._is_closed:
            return
        now = self._loop.time()
        try:
            due_at = self._wired.tick(now)
        except AmphisError as error:
            self._fail(error)
            return
        if self._outbox.bytes:
            self.flush()
        self._timer = None if due_at == float("inf") else self._loop.call_at(due_at, self._tick)

    def _fail(self, error: AmphisError) -> None:
        if self._error is None and not self._is_closed:
            self._error = error
        self.close()
