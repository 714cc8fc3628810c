"""Moves the bytes of one session through rings: one thread reads, any thread writes."""

from __future__ import annotations

import selectors
import threading
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from amphis._internal.channel.descriptors import silence
from amphis._internal.channel.failures import channel_closed
from amphis._internal.channel.loans import QUIET_S, Loans, Wanted
from amphis._internal.channel.regions import Regions
from amphis._internal.channel.sieve import Sieve
from amphis._internal.errors import AmphisError
from amphis._internal.memory.ambient import clear_ambient, set_ambient
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from amphis._internal.channel.rings import Rings
    from amphis._internal.transport.thread_link import Wired
    from amphis._internal.transport.waker import Waker

# So many records may follow each other before what is due has its turn.
_MOST_RECORDS = 64
_NEVER = float("inf")


class ThreadRingLink:
    """As `ThreadLink`, through rings. The thread in `run` sleeps on its doorbell.

    Its memory is for other threads than the one that reads, and not for one that holds the lock:
    asking for it waits for the thread in `run`, which takes that lock.

    Args:
        sock: of the channel; owned from here on, as are the rings
    """

    def __init__(  # noqa: PLR0913, PLR0917 - built in one place
        self,
        sock: socket.socket,
        rings: Rings,
        wired: Wired,
        max_frame_bytes: int,
        lock: AbstractContextManager[object],
        waker: Waker,
        due: Callable[[], None],
    ) -> None:
        self._sock = sock
        self._rings = rings
        self._wired = wired
        self._outbox = wired.outbox
        self._lock = lock
        self._waker = waker
        self._due = due
        self._writing = threading.Lock()
        self._regions = Regions(sock)
        self._loans = Loans(rings.key, rings.holder, self._regions, self, rings.whole_bytes)
        self._memory = None
        if rings.has_memory:
            self._memory = GuestMemory(self._loans, self._loans.device_shares())
        loans = self._loans if rings.has_memory else None
        self._sieve = Sieve(max_frame_bytes, loans, self._memory)
        self._reader = 0
        # The length of the record that there was no room for; None when none waits for room.
        self._blocked: int | None = None
        self._is_release_due = self._is_release_urgent = False
        self._release_at = _NEVER
        self._is_closed = False
        self._is_finishing = False
        if self._memory is not None:
            set_ambient(self._memory)

    async def run(self) -> None:
        """Read and write until the connection ends; see `Link`."""
        self._reader = threading.get_ident()
        reason = channel_closed(self._wired.address, "the connection ended")
        try:
            with selectors.DefaultSelector() as selector:
                for one in (self._waker.near, self._sock, self._rings.doorbell):
                    selector.register(one, selectors.EVENT_READ)
                self.flush()
                self._loop(selector)
        except AmphisError as error:
            reason = error
            raise
        finally:
            self._is_closed = True
            if self._memory is not None:
                clear_ambient(self._memory)
            self._loans.end(reason)
            # A thread may be about to write: the numbers must not name other files by then.
            with self._writing:
                self._regions.close()
                self._rings.close()
                self._sock.close()

    def flush(self) -> None:
        """Write what waits, as far as there is room now; see `Link`."""
        while self._has_work() and self._blocked is None and self._writing.acquire(blocking=False):
            try:
                self._write()
            finally:
                self._writing.release()

    def finish(self) -> None:
        """Say that nothing more is sent; see `Link`."""
        self._is_finishing = True
        self._waker.wake()

    def close(self) -> None:
        """End it now; see `Link`."""
        self._is_closed = True
        self._waker.wake()

    def abandon(self) -> None:
        """Let go of everything and say nothing: the parent of this process goes on with it."""
        self._is_closed = True
        if self._memory is not None:
            clear_ambient(self._memory)
        self._loans.abandon(channel_closed(self._wired.address, "this process was forked off"))
        self._regions.abandon()
        self._rings.close()
        self._sock.close()

    def carry(self, frame: bytes, deadline: float) -> None:
        """Send a frame about memory; see `Carrier`."""
        del deadline
        if threading.get_ident() == self._reader:
            raise RuntimeError("Cannot ask for memory in the thread that moves the bytes of a bus")
        with self._lock:
            self._outbox.put(Priority.HIGH, [frame])
            # A host without room may wait for just this.
            self._let_go()
        self.flush()

    def wait_for(self, wanted: Wanted, deadline: float) -> None:
        """Wait for the thread that reads; see `Carrier`."""
        wanted.done.wait(min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX))

    def releases_wait(self) -> None:
        """Have the thread in `run` let go of memory; see `Carrier`.

        Much at once. A little goes with the next frame, or when no frame came for 10 ms.
        """
        is_much = self._loans.is_much
        if not (self._is_release_urgent if is_much else self._is_release_due):
            self._is_release_due = True
            self._is_release_urgent = is_much
            self._waker.wake()

    def _loop(self, selector: selectors.BaseSelector) -> None:
        due_at = 0.0
        while not self._is_closed:
            now = time.monotonic()
            if now >= due_at or self._wired.is_due_sooner:
                with self._lock:
                    due_at = self._wired.tick(now)
                self.flush()
            if now >= self._release_at:
                with self._lock:
                    self._let_go()
                self.flush()
            if self._read() or not self._may_sleep():
                continue
            wake_at = min(due_at, self._release_at)
            for key, _ in selector.select(None if wake_at == _NEVER else wake_at - now):
                self._hear(key.fileobj)

    def _hear(self, source: object) -> None:
        if source is self._waker.near:
            self._waker.clear()
            with self._lock:
                self._due()
                self._plan_release()
            self.flush()
        elif source is self._sock:
            self._regions.read()
        else:
            silence(self._rings.doorbell)

    def _plan_release(self) -> None:
        """Let go of memory now or soon, with the lock."""
        if not self._is_release_due:
            return
        if self._is_release_urgent or self._outbox.bytes:
            self._let_go()
        elif self._release_at == _NEVER:
            self._release_at = time.monotonic() + QUIET_S

    def _let_go(self) -> None:
        """Let go of memory with whatever waits to be written, with the lock."""
        self._release_at = _NEVER
        self._is_release_due = self._is_release_urgent = False
        # Less urgent than anything, as it must not overtake a frame that names the memory.
        while (frame := self._loans.releases()) is not None:
            self._outbox.put(Priority.LOW, [frame])
            self._loans.released()
        self._loans.heard()

    def _read(self) -> bool:
        """Take what came; True when there may be more."""
        for _ in range(_MOST_RECORDS):
            if self._is_closed or (self._outbox.is_overdrawn and not self._regions.is_over):
                return False
            # Known before the look at the ring: then nothing comes behind what is there.
            is_over = self._regions.is_over
            record = self._rings.incoming.pop()
            if record is None and not is_over:
                return False
            if not record:
                raise self._ended()
            self._take(record)
        return True

    def _take(self, record: bytes) -> None:
        # Answers about memory are taken without the lock.
        frames = self._sieve.feed(record)
        with self._lock:
            self._wired.hear(frames, time.monotonic())
            if self._is_release_due:
                self._plan_release()
        if self._sieve.failure is not None:
            raise self._sieve.failure
        self.flush()

    def _ended(self) -> Exception:
        truncated = self._sieve.truncated()
        if truncated is not None:
            return truncated
        with self._lock:
            return self._wired.ended()

    def _may_sleep(self) -> bool:
        """Ask for the doorbell; False when something can be done right now."""
        if not self._outbox.is_overdrawn and self._rings.incoming.arm():
            return False
        with self._writing:
            if self._blocked is not None and not self._rings.outgoing.arm(self._blocked):
                return True
            self._blocked = None
        # Also for what others had to leave while this thread looked.
        self.flush()
        return self._blocked is None

    def _has_work(self) -> bool:
        return self._outbox.bytes > 0 or self._is_finishing

    def _write(self) -> None:
        with self._lock:
            chunk = self._outbox.chunk()
        if self._is_closed:
            self._blocked = 0
        elif chunk is None:
            self._finish()
        else:
            piece = memoryview(chunk).cast("B")[: self._rings.piece_bytes]
            if self._rings.outgoing.push(piece):
                with self._lock:
                    self._outbox.advance(len(piece))
                    if self._outbox.is_overdrawn:
                        self._wired.progressed(time.monotonic())
            else:
                self._block(len(piece))

    def _finish(self) -> None:
        if self._is_finishing and not self._outbox.bytes:
            if self._rings.outgoing.push(b""):
                self._is_finishing = False
            else:
                self._block(0)

    def _block(self, byte_length: int) -> None:
        self._blocked = byte_length
        # Whoever asks for room is the thread in `run`.
        if threading.get_ident() != self._reader:
            self._waker.wake()
