"""Moves the bytes of a channel through rings, and watches the socket for the end of the host."""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress
from functools import partial

from amphis._internal.channel.descriptors import ring, silence
from amphis._internal.channel.failures import channel_closed
from amphis._internal.channel.plain import CODEC, write_plain
from amphis._internal.channel.regions import Regions
from amphis._internal.channel.wire import LOOK_S, BeforeSleep, BlockedReader, WriteStalled
from amphis._internal.frame.header import MAX_FRAME_BYTES
from amphis._internal.native import is_core_ring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal, TypeAlias

    from amphis._internal.channel.rings import Rings
    from amphis._internal.frame.frame import Buffer
    from amphis._internal.native import PlainCall, Ring

    PopCall: TypeAlias = Callable[[], "bytes | PlainCall | None"]
    AwaitRecord: TypeAlias = Callable[[int], bool]
    PushPlain: TypeAlias = Callable[[int, int, list[object], int, int], "Literal[True] | bytes"]

_LOOK_NS = round(LOOK_S * 1_000_000_000)


class RingWire:
    """See `Wire`.

    A wait sleeps on the ring itself at first, which wakes fastest, and looks at the socket every
    50 ms. When nothing came for that long it sleeps on its doorbell and the socket together: then
    nothing runs until something happens, and the end of the host is heard at once.

    Args:
        sock: of the channel; owned from here on, as are the rings
        spin_ns: how long a wait looks at the ring before it sleeps
        max_frame_bytes: largest frame that is taken
    """

    def __init__(
        self,
        sock: socket.socket,
        rings: Rings,
        address: str,
        spin_ns: int,
        max_frame_bytes: int = MAX_FRAME_BYTES,
    ) -> None:
        self.regions = Regions(sock)
        self._sock = sock
        self._rings = rings
        self._outgoing = rings.outgoing
        self._incoming = rings.incoming
        self._pop_call, self._push_plain = _in_one_step(rings, max_frame_bytes)
        self._await_record = _waiting(rings.incoming, spin_ns)
        self._end_wait = _waking(rings.incoming)
        self._address = address
        self._look_at = 0.0
        self._is_interrupted = False
        self._is_woken = False
        self.is_waiting = False
        self.is_mid_frame = False
        self.whole_bytes = rings.whole_bytes
        # One for each side, as a poll object is for one thread at a time.
        self._ends_seen_by_writer = select.poll()
        self._ends_seen_by_writer.register(sock, select.POLLRDHUP)
        self._events = select.poll()
        self._events.register(sock, select.POLLIN | select.POLLRDHUP)
        self._events.register(rings.doorbell, select.POLLIN)

    def read(
        self,
        deadline: float | None,
        before_sleep: BeforeSleep,
        as_call: bool,  # noqa: FBT001 - as `Wire`
        /,
    ) -> bytes | PlainCall | None:
        """Take the next record."""
        is_idle = False
        while True:
            self.is_waiting = False
            now = time.monotonic()
            if now >= self._look_at:
                self._look(now)
            record = self._pop_call() if as_call else self._incoming.pop()
            if record is not None:
                return record
            if self._is_interrupted or self.regions.is_over:
                return self._last()
            if self._is_woken or (deadline is not None and now >= deadline):
                self._is_woken = False
                return None
            self.is_waiting = True
            longest = before_sleep(is_idle)
            if is_idle and longest is None:
                self._doze(None if deadline is None else deadline - now)
            elif (
                self._await_record(_LOOK_NS)
                if deadline is None and longest is None
                else self._sleep(deadline, now, LOOK_S if longest is None else longest)
            ):
                self.is_waiting = False
                record = self._pop_call() if as_call else self._incoming.pop()
                if record is not None:
                    return record
            else:
                is_idle = True

    def write(self, parts: Sequence[Buffer], deadline: float, reader: BlockedReader) -> None:
        """Write records, as there is room for them."""
        first = parts[0]
        whole: Buffer | None
        if len(parts) == 1 and isinstance(first, bytes) and len(first) <= self.whole_bytes:
            whole = first
        else:
            whole = self._rings.whole(parts)
        if whole is not None and self._outgoing.push(whole):
            return
        for piece in self._rings.pieces(parts) if whole is None else (whole,):
            while not self._outgoing.push(piece):
                self._await_room(len(piece), deadline, reader)
            self.is_mid_frame = True
        self.is_mid_frame = False

    def push_plain(
        self, word: int, call_id: int, body: list[object], most_bytes: int
    ) -> Literal[True] | bytes | None:
        """Write it as one record, if there is room."""
        # No name for it here: a traceback would keep the memory of the ring mapped.
        if self._push_plain is None:
            return write_plain(word, call_id, body, most_bytes)
        frame = self._push_plain(word, call_id, body, self.whole_bytes, most_bytes)
        return None if frame is NotImplemented else frame

    def write_now(self, frame: bytes, *, is_quiet: bool = False) -> bool:
        """Write one record, if there is room."""
        if self._is_interrupted:
            return False
        return self._outgoing.push_quietly(frame) if is_quiet else self._outgoing.push(frame)

    def nudge(self) -> None:
        """Wake the host."""
        if not self._is_interrupted:
            self._outgoing.nudge()

    def end(self, deadline: float, reader: BlockedReader) -> None:
        """Write the empty record."""
        while not self._outgoing.push(b""):
            self._await_room(0, deadline, reader)

    def wake(self) -> None:
        """End the sleep on the ring, and that on the doorbell."""
        self._is_woken = True
        if not self._is_interrupted:
            ring(self._rings.doorbell)
            self._end_wait()

    def interrupt(self) -> None:
        """End the socket, and every sleep here."""
        self._is_interrupted = True
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        ring(self._rings.doorbell)
        self._end_wait()

    def close(self) -> None:
        """Close the socket and the doorbells; the memory goes with its last user."""
        self.regions.close()
        self._rings.close()
        self._sock.close()
        self._let_go()

    def abandon(self) -> None:
        """Close what this process has of it."""
        self._is_interrupted = True
        self.regions.abandon()
        self._rings.close()
        self._sock.close()
        self._let_go()

    def _let_go(self) -> None:
        """The memory goes with the last that knows the rings."""
        del self._outgoing, self._incoming, self._pop_call, self._push_plain, self._await_record
        self._end_wait = _nothing

    def _last(self) -> bytes:
        """What the host left in the ring, then the end."""
        record = None if self._is_interrupted else self._incoming.pop()
        if record is None:
            raise self._gone()
        return record

    def _sleep(self, deadline: float | None, now: float, longest: float) -> bool:
        """Sleep on the ring, up to 50 ms; False when nothing came."""
        left = longest if deadline is None else min(longest, deadline - now)
        return self._await_record(round(left * 1_000_000_000))

    def _doze(self, left: float | None) -> None:
        """Sleep until the doorbell rings or something is in the socket."""
        silence(self._rings.doorbell)
        if not self._incoming.arm() and not self._is_interrupted and not self._is_woken:
            self._events.poll(None if left is None else left * 1_000)
        self._look_at = 0.0

    def _look(self, now: float) -> None:
        """Read what was announced, and notice the end of the socket."""
        self._look_at = now + LOOK_S
        if not self._is_interrupted:
            self.regions.read()

    def _await_room(self, byte_length: int, deadline: float, reader: BlockedReader) -> None:
        if self._is_interrupted or self._ends_seen_by_writer.poll(0):
            raise self._gone()
        left = deadline - time.monotonic()
        if left <= 0:
            raise WriteStalled
        if not reader.begin():
            wait_ns = round(min(left, LOOK_S) * 1_000_000_000)
            self._outgoing.wait(byte_length=byte_length, timeout_ns=wait_ns)
            return
        try:
            reader.drain()
            silence(self._rings.doorbell)
            is_ready = self._outgoing.arm(byte_length) or self._incoming.arm()
            if not is_ready and not self._is_interrupted:
                self._events.poll(min(left, LOOK_S) * 1_000)
        finally:
            reader.finish()

    def _gone(self) -> Exception:
        if self._is_interrupted:
            return channel_closed(self._address, "this side closed it")
        return channel_closed(self._address, "the host is gone")


def _in_one_step(rings: Rings, max_frame_bytes: int) -> tuple[PopCall, PushPlain | None]:
    """How whole frames are read and written: in C, or as any record."""
    fast = CODEC.fast
    outgoing, incoming = rings.outgoing, rings.incoming
    if fast is None or not is_core_ring(incoming) or not is_core_ring(outgoing):
        return incoming.pop, None
    return partial(incoming.pop_call, fast, max_frame_bytes), partial(outgoing.push_plain, fast)


def _waiting(incoming: Ring, spin_ns: int) -> AwaitRecord:
    """Sleeps up to so many nanoseconds until there is a record."""
    if is_core_ring(incoming):
        return partial(incoming.await_record, spin_ns)

    def await_record(timeout_ns: int) -> bool:
        return incoming.wait(spin_ns=spin_ns, timeout_ns=timeout_ns) == "ready"

    return await_record


def _waking(incoming: Ring) -> Callable[[], None]:
    """Ends such a sleep; without the extension it ends by itself within 50 ms."""
    return incoming.wake if is_core_ring(incoming) else _nothing


def _nothing() -> None:
    """Nobody sleeps there."""
