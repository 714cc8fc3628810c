# ruff: noqa: ANN401 - cores and bodies of any kind
"""A host of channels in Python: as the specification says, or wrong in one way that a test wants.

Run as a program it is a host in its own process: `host.py <what it does> <path of its socket>`.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import struct
import sys
import termios
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

    from amphis._internal.frame.frame import Frame

sys.path.insert(0, str(Path(__file__).parents[2]))

from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame as MadeFrame
from amphis._internal.frame.header import FrameKind
from amphis._internal.native import open_ring

WAIT = 20.0
KEY = bytes(range(32))
HOLDER = 7
_ADD_SEALS, _SEAL_SHRINK, _SEAL_GROW = 1033, 2, 4
_ON_DOORBELL = 2
_RING_HEADER = struct.Struct("<III")
_ANSWER = struct.Struct("<IBBHIIQ32s")
_ANNOUNCEMENT = struct.Struct("<B7sQQ")


def memory(byte_length: int, *, is_sealed: bool = True) -> int:
    """A descriptor of new memory."""
    descriptor = os.memfd_create("amphis-test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, byte_length)
    if is_sealed:
        fcntl.fcntl(descriptor, _ADD_SEALS, _SEAL_SHRINK | _SEAL_GROW)
    return descriptor


def doorbell() -> tuple[int, int]:
    """What hears, and what rings."""
    return os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)


def send_with(sock: socket.socket, data: bytes, descriptors: list[int]) -> None:
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    assert sock.sendmsg([data], ancillary if descriptors else []) == len(data)


@dataclass(kw_only=True)
class Answer:
    """Step 2, right unless a test changes it."""

    magic: int = 0x48534D41
    version: int = 1
    mode: int = 1
    reserved: int = 0
    capacity: int = 65_536
    holder: int = HOLDER
    region_bytes: int = 0
    key: bytes = KEY
    is_sealed: bool = True
    has_rings: bool = True
    doorbells: list[int] = field(default_factory=list)
    extra: int = 0
    missing: int = 0

    def encode(self) -> bytes:
        size = self.region_bytes or 2 * (640 + self.capacity)
        fields = (self.magic, self.version, self.mode, self.reserved, self.capacity, self.holder)
        return _ANSWER.pack(*fields, size, self.key)


class Host:
    """One connection, seen from the host. One thread uses it."""

    def __init__(self, sock: socket.socket, core: Any = None) -> None:
        sock.settimeout(WAIT)
        self.sock = sock
        self.core = core
        self.offer = b""
        self.descriptors: list[int] = []
        # What the guest got: the region, what it rings, what it hears; and the other ends.
        self.sent: list[int] = []
        self.hears = self.rings = -1
        self.memory: mmap | None = None
        self.outgoing: Any = None
        self.incoming: Any = None
        self.frames: deque[Frame] = deque()
        self.decoder = FrameDecoder()
        self.has_ended = False
        self.regions: dict[int, mmap] = {}

    def open(self, answer: Answer | None = None) -> Self:
        """All three steps."""
        self.take_offer()
        self.answer(answer or Answer())
        assert self.sock.recv(1) == b"\1"
        return self

    def take_offer(self) -> bytes:
        self.offer = self.sock.recv(8, socket.MSG_WAITALL)
        return self.offer

    def answer(self, answer: Answer) -> None:
        """Step 2."""
        size = 2 * (640 + answer.capacity)
        region = memory(size, is_sealed=answer.is_sealed)
        self.hears, guest_rings = doorbell()
        guest_hears, self.rings = doorbell()
        self.sent = [region, *(answer.doorbells or [guest_rings, guest_hears])]
        ends = {self.hears, guest_rings, guest_hears, self.rings, *self.sent}
        self.descriptors = list(ends)
        is_possible = answer.capacity >= 128 and answer.capacity & (answer.capacity - 1) == 0
        if answer.has_rings and is_possible:
            self._lay_rings(region, answer.capacity, self.rings)
        extra = [os.dup(region) for _ in range(answer.extra)]
        sent = [*self.sent, *extra]
        send_with(self.sock, answer.encode(), sent[: len(sent) - answer.missing])
        for one in extra:
            os.close(one)

    def _lay_rings(self, region: int, capacity: int, doorbell: int) -> None:
        self.memory = mmap(region, 2 * (640 + capacity))
        size = 640 + capacity
        for start in (0, size):
            _RING_HEADER.pack_into(self.memory, start, 0x474E5241, 1, capacity)
        self.attach(capacity, doorbell)

    def attach(self, capacity: int, doorbell: int) -> None:
        """Use the rings, and ring so for the guest; also anew, where nothing was moved yet."""
        assert self.memory is not None
        size = 640 + capacity
        options: dict[str, Any] = {"byte_length": size, "doorbell": doorbell, "core": self.core}
        self.outgoing = open_ring(self.memory, producer=True, **options)
        self.incoming = open_ring(self.memory, producer=False, offset=size, **options)

    def push(self, record: bytes) -> None:
        while not self.outgoing.push(record):
            ready = self.outgoing.wait(byte_length=len(record), timeout_ns=round(WAIT * 1e9))
            assert ready == "ready", "the guest takes nothing"

    def send(self, *frames: Frame, piece: int = 4_096) -> None:
        data = b"".join(encode_frame(one) for one in frames)
        for start in range(0, len(data), piece):
            self.push(data[start : start + piece])

    def say(self, *body: Any) -> None:
        """Something about memory."""
        self.send(MadeFrame(FrameKind.MEMORY, msgpack().encode(list(body))))

    def take(self, timeout: float = WAIT) -> bytes | None:
        until = time.monotonic() + timeout
        while (record := self.incoming.pop()) is None:
            left = until - time.monotonic()
            if left <= 0:
                return None
            self.incoming.wait(timeout_ns=round(left * 1e9))
        taken: bytes = record
        return taken

    def receive(self, timeout: float = WAIT) -> Frame:
        while not self.frames:
            record = self.take(timeout)
            assert record is not None, "the guest sends nothing"
            if not record:
                self.has_ended = True
                raise EOFError
            self.frames.extend(self.decoder.feed(record))
        return self.frames.popleft()

    def hear(self, timeout: float = WAIT) -> Any:
        """What the guest says of memory."""
        frame = self.receive(timeout)
        assert frame.kind is FrameKind.MEMORY
        return msgpack().decode(frame.body)

    def announce(self, arena: int, byte_length: int, *, is_sealed: bool = True) -> None:
        region = memory(byte_length, is_sealed=is_sealed)
        self.regions[arena] = mmap(region, byte_length)
        send_with(self.sock, _ANNOUNCEMENT.pack(1, bytes(7), arena, byte_length), [region])
        os.close(region)

    def take_away(self, arena: int) -> None:
        self.sock.send(_ANNOUNCEMENT.pack(2, bytes(7), arena, 0))

    def lend(self, arena: int, generation: int, offset: int = 0) -> int:
        """Answer the next question; return how much was asked for."""
        what, number, byte_length = self.hear()
        assert what == "want"
        self.say("lent", number, arena, generation, offset, byte_length)
        wanted: int = byte_length
        return wanted

    def end(self) -> None:
        self.push(b"")

    def is_left(self) -> bool:
        """Whether the guest ended the socket, by now or soon."""
        with suppress(ConnectionResetError):
            return self.sock.recv(1) == b""
        return True

    def is_awaited_on_doorbell(self) -> bool:
        """Whether the guest sleeps until it is rung (spec/ring.md)."""
        assert self.memory is not None
        return self.memory[384] & 7 == _ON_DOORBELL

    def unread(self) -> int:
        """Bytes in the socket that the guest has not taken."""
        return int.from_bytes(fcntl.ioctl(self.sock, termios.TIOCOUTQ, bytes(4)), sys.byteorder)

    def close(self) -> None:
        self.sock.close()
        while self.descriptors:
            os.close(self.descriptors.pop())
        self.outgoing = self.incoming = None
        self.regions = {}
        self.memory = None


def echo(host: Host) -> None:
    """Send back everything, and say so when the guest ends."""
    host.open()
    with suppress(EOFError):
        while True:
            host.send(host.receive())
    host.end()


def stop_at_offer(host: Host) -> None:
    host.take_offer()
    _idle()


def stop_at_half_an_answer(host: Host) -> None:
    host.take_offer()
    send_with(host.sock, Answer().encode()[:20], [memory(2 * (640 + 65_536)), *doorbell()])
    _idle()


def stop_at_answer(host: Host) -> None:
    host.take_offer()
    host.answer(Answer())
    _idle()


def stop_when_open(host: Host) -> None:
    host.open()
    _idle()


def stop_mid_frame(host: Host) -> None:
    host.open()
    data = encode_frame(MadeFrame(FrameKind.EVENT, bytes(1_000)))
    host.push(data[:500])
    _idle()


def stop_after_frames(host: Host) -> None:
    host.open()
    host.send(*(MadeFrame(FrameKind.EVENT, str(i).encode()) for i in range(100)))
    _idle()


def _idle() -> None:
    print("reached", flush=True)  # noqa: T201 - how the test knows
    sys.stdin.read()


PROGRAMS = {
    program.__name__: program
    for program in (
        echo,
        stop_at_offer,
        stop_at_half_an_answer,
        stop_at_answer,
        stop_when_open,
        stop_mid_frame,
        stop_after_frames,
    )
}


def main() -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[2])
    listener.listen()
    print("listening", flush=True)  # noqa: T201 - how the test knows
    sock, _ = listener.accept()
    PROGRAMS[sys.argv[1]](Host(sock))


if __name__ == "__main__":
    main()
