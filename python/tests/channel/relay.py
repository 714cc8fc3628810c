"""A host that lends memory and is otherwise a hub: it hands the bytes of a bus on to one."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.channel.host import Host

from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from pathlib import Path

REGION = 2 << 20


class Relay:
    """Takes one member over shared memory.

    Attributes:
        released: how often each generation was let go
        releases: how many frames said so
    """

    def __init__(self, path: Path, hub: str) -> None:
        self.address = f"shm:{path}"
        self.released: Counter[int] = Counter()
        self.releases = 0
        self.lends = True
        self._hub = hub.removeprefix("unix:")
        self._generation = 0
        self._is_over = False
        self._outgoing = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """The member has gone, or never came."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            sock, _ = self._listener.accept()
            self._relay(Host(sock))

    def _relay(self, host: Host) -> None:
        host.open()
        host.announce(1, REGION)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._hub)
        back = threading.Thread(target=self._bring_back, args=(host, far))
        back.start()
        watch = threading.Thread(target=self._watch, args=(host, far))
        watch.start()
        with suppress(AssertionError, EOFError, OSError):
            while True:
                self._take(host, far)
        with suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)
        back.join()
        watch.join()
        far.close()
        host.close()

    def _watch(self, host: Host, far: socket.socket) -> None:
        """The end of the member's socket ends everything."""
        host.sock.settimeout(None)
        with suppress(OSError):
            host.sock.recv(1)
        self._is_over = True
        with suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)

    def _take(self, host: Host, far: socket.socket) -> None:
        while not host.frames:
            record = host.take(0.05)
            if record:
                host.frames.extend(host.decoder.feed(record))
            elif record is not None or self._is_over:
                raise EOFError
        frame = host.frames.popleft()
        if frame.kind is not FrameKind.MEMORY:
            far.sendall(encode_frame(frame))
            return
        said: Any = msgpack().decode(frame.body)
        if said[0] == "release":
            self.releases += 1
            self.released.update(said[1])
        elif self.lends:
            self._generation += 1
            with self._outgoing:
                host.say("lent", said[1], 1, self._generation, 0, said[2])

    def _bring_back(self, host: Host, far: socket.socket) -> None:
        # Whole frames: what this relay says of memory comes between them, never inside one.
        decoder = FrameDecoder()
        with suppress(AssertionError, OSError):
            while data := far.recv(4_096):
                frames = decoder.feed(data)
                with self._outgoing:
                    host.send(*frames)
