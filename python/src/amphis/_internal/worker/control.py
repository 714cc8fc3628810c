"""The control line: what is heard while Python computes (spec/worker.md)."""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
import time

from amphis._internal.errors import AmphisError
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.priority import Priority
from amphis._internal.transport.waker import Waker
from amphis._internal.worker.unsent import Unsent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.frame.frame import Buffer

_READ_BYTES = 64 * 1024


class Control:
    """The worker's end of the control line. Any thread sends; a thread of its own reads.

    Sending never waits: the program may stand still, in a call that blocks it say, and wait for
    this very thread. What the socket does not take is kept, and the thread that reads writes it
    when there is room. Of that there is a limit, beyond which entries of the log are left out.

    Its end, and a frame that is none, ends the process at once: whoever started it is gone, or
    cannot be understood any more.

    Args:
        sock: connected; owned from here on
        max_frame_bytes: largest frame that is taken
    """

    def __init__(self, sock: socket.socket, max_frame_bytes: int) -> None:
        sock.settimeout(0)
        sock.set_inheritable(False)
        self._sock = sock
        self._decoder = FrameDecoder(max_frame_bytes=max_frame_bytes)
        self._limit = max_frame_bytes
        self._waker = Waker()
        self._unsent = Unsent(self.frame)
        # A finalizer may print, and so come back here in the thread that is sending.
        self._lock = threading.RLock()
        self._is_writing = False
        self._owner = os.getpid()
        os.register_at_fork(after_in_child=self._forked)

    @property
    def is_mine(self) -> bool:
        """Whether this is the worker, and no process that was forked off it."""
        return os.getpid() == self._owner

    def fileno(self) -> int:
        """The descriptor of the socket."""
        return self._sock.fileno()

    def send(self, kind: FrameKind, body: Buffer, call_id: int = 0) -> None:
        """Send a frame, now or when there is room.

        Raises:
            AmphisError: FRAME_TOO_LARGE
        """
        data = self.frame(kind, body, call_id)
        with self._lock:
            if self._unsent:
                # There may be room meanwhile, and so a place.
                self._write()
            self._unsent.add(data, is_log=kind is FrameKind.LOG)
            self._write()
            waits = bool(self._unsent)
        if waits:
            self._waker.wake()

    def start(self, hear: Callable[[Frame], None]) -> None:
        """Read in a thread of its own, and answer pings there.

        Args:
            hear: gets all other frames, one after the other
        """
        threading.Thread(target=self._run, args=(hear,), name="amphis-control", daemon=True).start()

    def finish(self, patience_s: float) -> None:
        """Write what waits, as far as the program takes it in that time."""
        room = select.poll()
        room.register(self._sock, select.POLLOUT)
        deadline = time.monotonic() + patience_s
        while True:
            with self._lock:
                self._write()
                if not self._unsent:
                    return
            left = deadline - time.monotonic()
            if left <= 0:
                return
            room.poll(left * 1_000)

    def _run(self, hear: Callable[[Frame], None]) -> None:
        try:
            self._read(hear)
        except (OSError, AmphisError):
            pass
        finally:
            # Also for a bug in here: a worker that cannot be told anything must not stay.
            failure = sys.exc_info()
            if failure[1] is not None:
                sys.excepthook(*failure)
            if self.is_mine:
                os._exit(0 if failure[1] is None else 1)

    def _read(self, hear: Callable[[Frame], None]) -> None:
        """Read and write until the line ends."""
        events = select.poll()
        events.register(self._sock, select.POLLIN)
        events.register(self._waker.near, select.POLLIN)
        waker = self._waker.near.fileno()
        while True:
            ready = dict(events.poll())
            if ready.pop(waker, 0):
                self._waker.clear()
            if any(what & ~select.POLLOUT for what in ready.values()):
                data = self._sock.recv(_READ_BYTES)
                if not data:
                    return
                for frame in self._decoder.feed(data):
                    if frame.kind is FrameKind.PING:
                        self.send(FrameKind.PONG, bytes(frame.body))
                    else:
                        hear(frame)
            with self._lock:
                self._write()
                wanted = select.POLLIN | (select.POLLOUT if self._unsent else 0)
            events.modify(self._sock, wanted)

    def _write(self) -> None:
        """Write as much as there is room for, with the lock."""
        # Who came back here from within a write has added what it has.
        if self._is_writing:
            return
        self._is_writing = True
        try:
            while data := self._unsent.first:
                self._unsent.sent(self._sock.send(data, socket.MSG_DONTWAIT))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            # The thread that reads finds the end, and says what it means.
            self._unsent.clear()
        finally:
            self._is_writing = False

    def frame(self, kind: FrameKind, body: Buffer, call_id: int = 0) -> bytes:
        """What `send` sends.

        Raises:
            AmphisError: FRAME_TOO_LARGE
        """
        frame = Frame(kind, body, call_id, priority=Priority.HIGH)
        return encode_frame(frame, max_frame_bytes=self._limit)

    def _forked(self) -> None:
        # Kept open by a child, the end of this process would go unheard.
        self._lock = threading.RLock()
        self._is_writing = False
        self._unsent.clear()
        self._sock.close()
        self._waker.close()
