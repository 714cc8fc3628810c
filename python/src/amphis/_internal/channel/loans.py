"""Memory that the host lends to this side of one channel."""

from __future__ import annotations

import threading
import time
from collections import deque

from amphis._internal.channel.failures import again, waited_too_long
from amphis._internal.channel.memory_body import (
    DevicesLetGo,
    FrameInMemory,
    Granted,
    device_release_frame,
    memory_invalid,
    read_memory,
    release_frame,
    want_frame,
)
from amphis._internal.errors import AmphisError
from amphis._internal.light import Protocol
from amphis._internal.memory.device import DeviceRegistry
from amphis._internal.memory.device_shares import DeviceShares

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.channel.regions import Regions
    from amphis._internal.codec.codec import Bytes
    from amphis._internal.memory.lender import Lent

# A frame of releases is short enough for the host's patience, and to be written at once.
_MOST_RELEASES = 512
_RELEASE_BYTES = 5
_DEVICE_RELEASE_BYTES = 9
_RELEASES_HEAD_BYTES = 40
# So long a little memory that was let go of waits for more, or for a frame to go with.
QUIET_S = 0.01
# What the host hears of at once. Each release counts as some bytes, so that many are much too.
_MUCH_BYTES = 1024 * 1024
_LEAST_BYTES = 16 * 1024


class Wanted:
    """One question for memory; `done` is set when it was answered or never will be."""

    __slots__ = ("done", "error", "lent")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.lent: Lent | None = None
        self.error: AmphisError | None = None

    def fail(self, error: AmphisError) -> None:
        """It never will be."""
        self.error = error
        self.done.set()


class Carrier(Protocol):
    """What takes frames of memory to the host, and waits for answers."""

    def carry(self, frame: bytes, deadline: float) -> None:
        """Send a frame after all that was sent before.

        Raises:
            AmphisError: the connection is over, or the deadline passed
        """

    def wait_for(self, wanted: Wanted, deadline: float) -> None:
        """Return when it is done or the deadline passed, from whatever thread asks."""

    def releases_wait(self) -> None:
        """Send what `releases` gives soon. Never blocks and never raises, even in a finalizer."""


class Loans:
    """See `Lender`. Any thread may ask for memory; finalizers may let go of it.

    Args:
        key: signs references of the connection
        holder: names this side in references
        most_bytes: longest frame that `releases` gives
    """

    def __init__(
        self, key: bytes, holder: int, regions: Regions, carrier: Carrier, most_bytes: int
    ) -> None:
        self.key = key
        self.holder = holder
        self._regions = regions
        self._carrier = carrier
        room = most_bytes - _RELEASES_HEAD_BYTES
        self._most_releases = min(room // _RELEASE_BYTES, _MOST_RELEASES)
        self._most_device_releases = min(room // _DEVICE_RELEASE_BYTES, _MOST_RELEASES)
        self._devices = DeviceRegistry()
        self._released_devices: deque[int] = deque()
        # Never held while anything waits. Finalizers stay away from it: they may run where it is.
        self._lock = threading.Lock()
        self._last = 0
        self._wanted: dict[int, Wanted] = {}
        self._given_up: set[int] = set()
        self._released: deque[int] = deque()
        self._unheard_bytes = 0
        self._unsent: bytes | None = None
        self._unanswered: AmphisError | None = None
        self._over: AmphisError | None = None

    def want(self, byte_length: int, timeout_s: float) -> Lent:
        """Ask for memory and wait for it. This side has a share in what comes.

        Raises:
            AmphisError: REQUEST_TIMEOUT, what the host refuses with, or why the connection ended
        """
        if byte_length < 0:
            raise ValueError(f"Cannot want memory: byte_length is {byte_length}")
        deadline = time.monotonic() + timeout_s
        wanted = Wanted()
        number = self._ask(wanted)
        try:
            self._carrier.carry(want_frame(number, byte_length), deadline)
            self._carrier.wait_for(wanted, deadline)
        finally:
            if not self._give_up(number):
                # The answer is being taken at this moment.
                wanted.done.wait()
        if wanted.error is not None:
            raise again(wanted.error)
        if wanted.lent is None:
            raise waited_too_long(f"{byte_length} bytes of shared memory", timeout_s)
        if wanted.lent.byte_length < byte_length:
            self.release(wanted.lent.generation)
            raise memory_invalid("$[5]", f"{byte_length} or more")
        return wanted.lent

    def release(self, generation: int, byte_length: int = 0) -> None:
        """Let go of one share. Never blocks and never raises, even in a finalizer."""
        # All shares end with the connection by themselves.
        if self._over is None:
            self._released.append(generation)
            self._unheard_bytes += byte_length + _LEAST_BYTES
            self._carrier.releases_wait()

    def device_shares(self) -> DeviceShares:
        """The device tensors that both sides have of each other."""
        return DeviceShares(self._devices, self._release_device)

    def region(self, arena: int) -> memoryview:
        """All bytes of a region.

        Raises:
            AmphisError: REFERENCE_STALE when there is none of this number
        """
        return self._regions.view(arena)

    @property
    def is_much(self) -> bool:
        """Whether the host should hear at once of what was let go of since `heard`."""
        return self._unheard_bytes >= _MUCH_BYTES

    def heard(self) -> None:
        """The host was woken for all that was let go of."""
        self._unheard_bytes = 0

    @property
    def has_releases(self) -> bool:
        """Whether `releases` would give a frame."""
        return self._unsent is not None or bool(self._released or self._released_devices)

    def releases(self) -> bytes | None:
        """The frame that lets go of what was released, or None; the same until `released`.

        For one thread at a time.
        """
        if self._unsent is None:
            generations = _first(self._released, self._most_releases)
            if generations:
                self._unsent = release_frame(generations)
            elif shares := _first(self._released_devices, self._most_device_releases):
                self._unsent = device_release_frame(shares)
        return self._unsent

    def released(self) -> None:
        """The frame went out."""
        self._unsent = None

    def take(self, body: Bytes) -> bytes | None:
        """Take what the host says of memory.

        Returns:
            the reference of a frame that lies in memory, if it says so

        Raises:
            AmphisError: what no host would say; the connection is over then
        """
        said = read_memory(body)
        if isinstance(said, DevicesLetGo):
            for tensor_id in said.ids:
                self._devices.release(tensor_id)
            return None
        if isinstance(said, FrameInMemory):
            return said.reference
        with self._lock:
            wanted = self._wanted.pop(said.number, None)
            if wanted is None and said.number not in self._given_up:
                raise memory_invalid("$[1]", "the number of a question that is open")
            self._given_up.discard(said.number)
        if isinstance(said, Granted):
            self._granted(said.lent, wanted)
        elif wanted is not None:
            wanted.fail(said.error)
        return None

    def end_answers(self, error: AmphisError) -> None:
        """The host sends nothing more, but still hears."""
        with self._lock:
            self._unanswered = error
            open_ones, self._wanted = list(self._wanted.values()), {}
        for wanted in open_ones:
            wanted.fail(error)

    def end(self, error: AmphisError) -> None:
        """The connection is over, and every share with it."""
        self._over = error
        self._released.clear()
        self._released_devices.clear()
        self._devices.close()
        self.end_answers(error)

    def abandon(self, error: AmphisError) -> None:
        """As `end`, in a child of this process, where nobody holds the lock."""
        self._lock = threading.Lock()
        self.end(error)

    def _release_device(self, share: int) -> None:
        """As `release`, of a device tensor that the host sent."""
        if self._over is None:
            self._released_devices.append(share)
            self._unheard_bytes += _LEAST_BYTES
            self._carrier.releases_wait()

    def _ask(self, wanted: Wanted) -> int:
        with self._lock:
            if self._unanswered is not None:
                raise again(self._unanswered)
            self._last += 1
            self._wanted[self._last] = wanted
            return self._last

    def _give_up(self, number: int) -> bool:
        """Whether the question is still open; what comes later is let go of at once."""
        with self._lock:
            is_open = self._wanted.pop(number, None) is not None
            if is_open:
                self._given_up.add(number)
            return is_open

    def _granted(self, lent: Lent, wanted: Wanted | None) -> None:
        try:
            self._check_place(lent)
        except AmphisError as error:
            if wanted is not None:
                wanted.fail(error)
            raise
        if wanted is None:
            self.release(lent.generation)
            return
        wanted.lent = lent
        wanted.done.set()

    def _check_place(self, lent: Lent) -> None:
        # The region was announced before it is named, so it is mapped, or can be now.
        if lent.offset + lent.byte_length > len(self._regions.view(lent.arena)):
            raise memory_invalid("$[4]", "within its region")


def _first(waiting: deque[int], most: int) -> list[int]:
    return [waiting.popleft() for _ in range(min(len(waiting), most))]
