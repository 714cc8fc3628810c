"""The control line: what is heard while Python computes (spec/worker.md)."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

from amphis._internal.errors import AmphisError
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.priority import Priority

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.frame.frame import Buffer

_READ_BYTES = 64 * 1024


class Control:
    """The worker's end of the control line. Any thread sends; a thread of its own reads.

    Its end, and a frame that is none, ends the process at once: whoever started it is gone, or
    cannot be understood any more.

    Args:
        sock: connected and blocking; owned from here on
        max_frame_bytes: largest frame that is taken
    """

    def __init__(self, sock: socket.socket, max_frame_bytes: int) -> None:
        sock.settimeout(None)
        sock.set_inheritable(False)
        self._sock = sock
        self._decoder = FrameDecoder(max_frame_bytes=max_frame_bytes)
        self._limit = max_frame_bytes
        # A finalizer may print, and so come back here in the thread that is sending. It cannot come
        # between the bytes of a frame, which go in one step.
        self._lock = threading.RLock()
        self._owner = os.getpid()
        os.register_at_fork(after_in_child=self._forked)

    @property
    def is_mine(self) -> bool:
        """Whether this is the worker, and no process that was forked off it."""
        return os.getpid() == self._owner

    def send(self, kind: FrameKind, body: Buffer, call_id: int = 0) -> None:
        """Send a frame; waits while the program does not read.

        Raises:
            AmphisError: FRAME_TOO_LARGE
        """
        frame = Frame(kind, body, call_id, priority=Priority.HIGH)
        data = encode_frame(frame, max_frame_bytes=self._limit)
        with self._lock:
            try:
                self._sock.sendall(data)
            except OSError:
                # The thread that reads finds the end, and says what it means.
                return

    def start(self, hear: Callable[[Frame], None]) -> None:
        """Read in a thread of its own, and answer pings there.

        Args:
            hear: gets all other frames, one after the other
        """
        threading.Thread(target=self._run, args=(hear,), name="amphis-control", daemon=True).start()

    def _run(self, hear: Callable[[Frame], None]) -> None:
        try:
            while data := self._sock.recv(_READ_BYTES):
                for frame in self._decoder.feed(data):
                    if frame.kind is FrameKind.PING:
                        self.send(FrameKind.PONG, bytes(frame.body))
                    else:
                        hear(frame)
        except (OSError, AmphisError):
            pass
        finally:
            # Also for a bug in here: a worker that cannot be told anything must not stay.
            failure = sys.exc_info()
            if failure[1] is not None:
                sys.excepthook(*failure)
            if self.is_mine:
                os._exit(0 if failure[1] is None else 1)

    def _forked(self) -> None:
        # Kept open by a child, the end of this process would go unheard.
        self._lock = threading.RLock()
        self._sock.close()
