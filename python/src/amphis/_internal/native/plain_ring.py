"""A ring in Python alone, for x86-64, which keeps the order of writes that the rules need.

Waking is done whether or not the peer sleeps: looking first would need a full fence between a
write and a read, which Python does not have. The kernel has one in every futex call.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
import time
from contextlib import suppress
from mmap import mmap
from typing import Literal

from amphis._internal.native.failures import ring_failure

_HEADER_BYTES = 640
_MAGIC = 0x474E5241
_VERSION = 1
_WORD = 0xFFFF_FFFF
_TAIL, _HEAD = 128, 256
_CONSUMER_WAITS, _PRODUCER_WAITS = 384, 512
_ON_FUTEX, _ON_DOORBELL = 1, 2
_SYS_FUTEX = 202
_FUTEX_WAIT, _FUTEX_WAKE = 0, 1
# The end of a peer is noticed within this.
_SLICE_NS = 20_000_000


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


_libc = ctypes.CDLL(None, use_errno=True)


class PlainRing:
    """One side of a ring; as `Ring` says."""

    def __init__(
        self, memory: mmap, *, producer: bool, offset: int, byte_length: int, doorbell: int
    ) -> None:
        if not 0 <= offset <= len(memory) or byte_length > len(memory) - offset:
            message = "Cannot use shared memory: the part is not inside the buffer"
            raise ValueError(message)
        whole = memoryview(memory)[offset:]
        view = whole if byte_length < 0 else whole[:byte_length]
        if len(view) < _HEADER_BYTES or offset % 128 != 0:
            raise ring_failure("absent")
        magic, version, capacity = struct.unpack_from("<III", view)
        fits = 64 <= capacity <= min(1 << 30, len(view) - _HEADER_BYTES)
        if (magic, version) != (_MAGIC, _VERSION) or not fits or capacity & (capacity - 1):
            raise ring_failure("absent")
        self._capacity: int = capacity
        self._data = view[_HEADER_BYTES : _HEADER_BYTES + capacity]
        self._words = view[:_HEADER_BYTES].cast("I")
        self._producer = producer
        self._own, self._other = (_TAIL, _HEAD) if producer else (_HEAD, _TAIL)
        self._waits = _PRODUCER_WAITS if producer else _CONSUMER_WAITS
        self._sleeping_on = ctypes.c_uint32.from_buffer(memory, offset + self._other)
        self._wakes = ctypes.c_uint32.from_buffer(memory, offset + self._own)
        self._doorbell = doorbell
        # Kept here and only published there, as the peer can write there too.
        self._position: int = self._words[self._own // 4]
        if self._position % 8:
            raise ring_failure("absent")
        self._used()

    def push(self, record: bytes | bytearray | memoryview, /) -> bool:
        """Copy a record in and wake the consumer; False when there is no room now."""
        is_in = self.push_quietly(record)
        if is_in:
            self.nudge()
        return is_in

    def push_quietly(self, record: bytes | bytearray | memoryview, /) -> bool:
        """Copy a record in; False when there is no room now."""
        length = len(record)
        need = self._need(length)
        if self._capacity - self._used() < need:
            return False
        at = self._position % self._capacity
        self._data[at : at + 4] = length.to_bytes(4, "little")
        start = (at + 4) % self._capacity
        first = min(length, self._capacity - start)
        view = memoryview(record)
        self._data[start : start + first] = view[:first]
        self._data[: length - first] = view[first:]
        self._move(need)
        return True

    def next_length(self) -> int | None:
        """Bytes of the next record; None when there is none."""
        used = self._used()
        if used == 0:
            return None
        at = self._position % self._capacity
        length = int.from_bytes(self._data[at : at + 4], "little")
        if _record_bytes(length) > used:
            raise ring_failure("corrupt")
        return length

    def pop(self) -> bytes | None:
        """Take the next record; None when there is none."""
        length = self.next_length()
        if length is None:
            return None
        record = bytearray(length)
        self._copy_out(length, memoryview(record))
        self._publish(_record_bytes(length))
        return bytes(record)

    def take(self, target: bytearray | memoryview, /) -> int:
        """Copy the payloads of whole records to the target; as `Ring` says."""
        view = memoryview(target).cast("B")
        taken = moved = 0
        start = self._position
        while length := self.next_length():
            if length > len(view) - taken:
                break
            self._copy_out(length, view[taken : taken + length])
            taken += length
            moved += _record_bytes(length)
            self._position = (start + moved) & _WORD
        self._position = start
        if moved:
            self._publish(moved)
        elif length:
            raise ring_failure("too-large", length, len(view))
        return taken

    def wait(
        self, *, byte_length: int = 0, spin_ns: int = 0, timeout_ns: int = -1, liveness: int = -1
    ) -> Literal["ready", "timeout", "peer-gone"]:
        """Sleep until there is a record, or room for `byte_length`; as `Ring` says."""
        del spin_ns  # Spinning in Python costs more than sleeping.
        need = self._need(byte_length)
        deadline = None if timeout_ns < 0 else time.monotonic_ns() + timeout_ns
        while True:
            seen = self._words[self._other // 4]
            self._words[self._waits // 4] = seen & ~7 | _ON_FUTEX
            if self._is_ready(need):
                return self._awake("ready")
            left = None if deadline is None else deadline - time.monotonic_ns()
            if left is not None and left <= 0:
                return self._awake("timeout")
            slice_ns = _SLICE_NS if liveness >= 0 else None
            slept = [each for each in (left, slice_ns) if each is not None]
            _futex_wait(self._sleeping_on, seen, min(slept, default=None))
            # What the peer wrote before its end shows once its end does.
            if liveness >= 0 and _is_lost(liveness) and not self._is_ready(need):
                return self._awake("peer-gone")

    def _awake(
        self, outcome: Literal["ready", "timeout", "peer-gone"]
    ) -> Literal["ready", "timeout", "peer-gone"]:
        self._words[self._waits // 4] = 0
        return outcome

    def exchange(  # noqa: PLR0913 - all but three are keyword-only and optional
        self,
        consumer: PlainRing,
        record: bytes | bytearray | memoryview,
        target: bytearray | memoryview,
        /,
        *,
        spin_ns: int = 0,
        timeout_ns: int = -1,
        liveness: int = -1,
    ) -> int | Literal["no-room", "timeout", "peer-gone"]:
        """Push, wait and take one record; as `Ring` says."""
        if not self.push(record):
            return "no-room"
        ended = consumer.wait(spin_ns=spin_ns, timeout_ns=timeout_ns, liveness=liveness)
        if ended != "ready":
            return ended
        length = consumer.next_length() or 0
        view = memoryview(target).cast("B")
        if length > len(view):
            raise ring_failure("too-large", length, len(view))
        answer = consumer.pop() or b""
        view[: len(answer)] = answer
        return len(answer)

    def arm(self, byte_length: int = 0, /) -> bool:
        """Ask for one ring of the doorbell; True when there is no need to wait."""
        need = self._need(byte_length)
        while True:
            seen = self._words[self._other // 4]
            self._words[self._waits // 4] = seen & ~7 | _ON_DOORBELL
            # Nobody is woken; the call is made for its fence.
            _futex_wake(self._sleeping_on, 0)
            if self._is_ready(need):
                self._words[self._waits // 4] = 0
                return True
            if self._words[self._other // 4] == seen:
                return False

    def _need(self, length: int) -> int:
        need = _record_bytes(length)
        if need > self._capacity:
            raise ring_failure("too-large", length, self._capacity - 4)
        return need

    def _is_ready(self, need: int) -> bool:
        used = self._used()
        return self._capacity - used >= need if self._producer else used > 0

    def _used(self) -> int:
        """Bytes that hold records. The peer's position is read once, and judged."""
        other = self._words[self._other // 4]
        used = (self._position - other if self._producer else other - self._position) & _WORD
        if used > self._capacity or other % 8:
            raise ring_failure("corrupt")
        return used

    def _copy_out(self, length: int, target: memoryview) -> None:
        """The payload of the record at the own position, whose length was judged."""
        start = (self._position + 4) % self._capacity
        first = min(length, self._capacity - start)
        target[:first] = self._data[start : start + first]
        target[first:] = self._data[: length - first]

    def _publish(self, count: int) -> None:
        self._move(count)
        self.nudge()

    def _move(self, count: int) -> None:
        self._position = (self._position + count) & _WORD
        self._words[self._own // 4] = self._position

    def nudge(self) -> None:
        """Wake the other side, whether it sleeps or not."""
        _futex_wake(self._wakes, 1)
        if self._doorbell >= 0:
            # A full counter rings already.
            with suppress(BlockingIOError):
                os.write(self._doorbell, (1).to_bytes(8, "little"))


def _record_bytes(length: int) -> int:
    return (4 + length + 7) & ~7


def _is_lost(descriptor: int) -> bool:
    """Whether the peer's end of a socket is gone; bytes that wait there do not hide it."""
    asked = select.poll()
    asked.register(descriptor, select.POLLRDHUP)
    return bool(asked.poll(0))


def _futex_wait(word: ctypes.c_uint32, expected: int, timeout_ns: int | None) -> None:
    timeout = None
    if timeout_ns is not None:
        timeout = ctypes.byref(_Timespec(*divmod(timeout_ns, 1_000_000_000)))
    slept = _libc.syscall(
        _SYS_FUTEX, ctypes.byref(word), _FUTEX_WAIT, ctypes.c_uint32(expected), timeout, None, 0
    )
    if slept != 0 and ctypes.get_errno() not in {errno.EAGAIN, errno.EINTR, errno.ETIMEDOUT}:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _futex_wake(word: ctypes.c_uint32, count: int) -> None:
    _libc.syscall(_SYS_FUTEX, ctypes.byref(word), _FUTEX_WAKE, count, None, None, 0)
