"""Memory that the host announces on the socket, mapped when it comes (spec/channel.md)."""

from __future__ import annotations

import errno
import struct
import threading

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import MAX_SAFE
from amphis._internal.channel.descriptors import close_all, receive_with_descriptors
from amphis._internal.channel.failures import again, announcement_invalid
from amphis._internal.errors import AmphisError
from amphis._internal.native import map_region

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    from amphis._internal.channel.descriptors import Arrived

# Little-endian.   0  u8  what, 7 zeros      8  u64  id      16  u64  bytes
_ANNOUNCEMENT = struct.Struct("<B7sQQ")
_NEW, _GONE = 1, 2
_ZEROS = bytes(7)
# Each takes a descriptor and a mapping of this process, of which there are not many.
_MOST_REGIONS = 256
# So that a host that never stops announcing holds up nobody.
_MOST_AT_ONCE = 64


class Regions:
    """What the host announced and did not take back. Any thread may ask and read.

    Args:
        sock: of the channel; nothing but announcements comes there

    Attributes:
        is_over: whether the socket has ended
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self._views: dict[int, memoryview] = {}
        self._data = b""
        self._descriptors: list[int] = []
        self.is_over = False
        self._failure: AmphisError | None = None

    def view(self, arena: int) -> memoryview:
        """All bytes of a region, writable.

        Raises:
            AmphisError: REFERENCE_STALE when there is none of this number, FRAME_INVALID or
                MEMORY_REFUSED when the host announced what no host would
        """
        view = self._views.get(arena)
        while view is None:
            # It was announced before it was named, so it is in the socket, if anywhere.
            more = self.read()
            view = self._views.get(arena)
            if view is None and not more:
                raise AmphisError(
                    ErrorCode.REFERENCE_STALE,
                    f"Cannot use memory: there is no region {arena}",
                    {"arena": arena, "generation": 0},
                )
        return view

    def read(self) -> bool:
        """Take some of what lies in the socket; True when there may be more.

        Raises:
            AmphisError: FRAME_INVALID, MEMORY_REFUSED; and so does every later call
        """
        with self._lock:
            if self._failure is not None:
                raise again(self._failure)
            try:
                return self._read()
            except AmphisError as error:
                self._failure = error
                close_all(self._descriptors)
                raise

    def close(self) -> None:
        """Forget all of it; what is in use stays mapped. The socket is not read any more."""
        with self._lock:
            self.abandon()

    def abandon(self) -> None:
        """As `close`, in a child of this process, where nobody holds the lock."""
        self.is_over = True
        self._views = {}
        close_all(self._descriptors)

    def _read(self) -> bool:
        for _ in range(_MOST_AT_ONCE):
            if self.is_over:
                return False
            arrived = receive_with_descriptors(self._sock, _ANNOUNCEMENT.size - len(self._data))
            if arrived is None:
                return False
            self._keep(arrived)
            if len(self._data) == _ANNOUNCEMENT.size:
                self._take()
        return True

    def _keep(self, arrived: Arrived) -> None:
        is_first = not self._data
        self._descriptors += arrived.descriptors
        if not arrived.data:
            self.is_over = True
            close_all(self._descriptors)
            return
        self._data += arrived.data
        count = len(self._descriptors)
        if arrived.is_cut or count > 1 or (arrived.descriptors and not is_first):
            raise announcement_invalid("descriptors", count)

    def _take(self) -> None:
        what, zeros, arena, byte_length = _ANNOUNCEMENT.unpack(self._data)
        self._data = b""
        if what not in (_NEW, _GONE) or zeros != _ZEROS:
            raise announcement_invalid("kind", what)
        if arena > MAX_SAFE:
            raise announcement_invalid("id", arena)
        if what == _GONE:
            self._drop(arena, byte_length)
        else:
            self._map(arena, byte_length)

    def _map(self, arena: int, byte_length: int) -> None:
        if len(self._descriptors) != 1:
            raise announcement_invalid("descriptors", len(self._descriptors))
        if arena in self._views or len(self._views) >= _MOST_REGIONS:
            raise announcement_invalid("id", arena)
        if not 0 < byte_length <= MAX_SAFE:
            raise announcement_invalid("bytes", byte_length)
        try:
            self._views[arena] = memoryview(map_region(self._descriptors[0], byte_length))
        except OSError as error:
            raise AmphisError(
                ErrorCode.NATIVE_CALL_FAILED,
                f"Cannot map {byte_length} bytes of announced memory: {error.strerror}",
                {"call": "mmap", "errno": errno.errorcode.get(error.errno or 0, "unknown")},
            ) from error
        close_all(self._descriptors)

    def _drop(self, arena: int, byte_length: int) -> None:
        if self._descriptors or byte_length:
            raise announcement_invalid("descriptors", len(self._descriptors))
        if self._views.pop(arena, None) is None:
            raise announcement_invalid("id", arena)
