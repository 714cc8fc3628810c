# ruff: noqa: ANN401 - payloads, requests and options of tests are of any kind
"""A hub that follows a script: it says what no good hub would, or nothing at all."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

from amphis import (
    CallBody,
    Frame,
    FrameDecoder,
    FrameKind,
    Hello,
    Message,
    MessageType,
    ResultBody,
    encode_frame,
    message_codec,
    msgpack,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

WAIT = 20.0
VALUES = msgpack()


class Conversation:
    """One connection of a member, as the script sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.decoder = FrameDecoder()
        self.frames: list[Frame] = []

    def next(self) -> Frame:
        while not self.frames:
            data = self.socket.recv(65_536)
            assert data, "the member closed the connection"
            self.frames += self.decoder.feed(data)
        return self.frames.pop(0)

    def take(self, kind: FrameKind) -> Frame:
        frame = self.next()
        assert frame.kind is kind, frame
        return frame

    def call(self) -> tuple[int, CallBody]:
        frame = self.take(FrameKind.CALL)
        return frame.call_id, CallBody.decode(frame.body)

    def say(self, kind: FrameKind, call_id: int, body: object) -> None:
        data = body if isinstance(body, bytes) else VALUES.encode(body)
        self.raw(encode_frame(Frame(kind, data, call_id)))

    def raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def request(self, call_id: int, target: str, payload: object = None, **fields: Any) -> None:
        message = Message(type=MessageType.REQUEST, target=target, payload=payload, **fields)
        self.say(FrameKind.MESSAGE, call_id, message_codec("msgpack").encode(message))

    def grant(self, function: str) -> int:
        """Take a call of the hub, and grant it."""
        call_id, body = self.call()
        assert body.function == function, body
        self.say(FrameKind.RESULT, call_id, [None])
        return call_id

    def hello(self, *capabilities: str) -> None:
        self.say(FrameKind.HELLO, 0, Hello(product="rogue", capabilities=capabilities).encode())
        self.take(FrameKind.HELLO)

    def welcome(self) -> None:
        self.hello("bus")
        call_id, body = self.call()
        assert (call_id, body.function) == (1, "bus:join")
        self.say(FrameKind.RESULT, 1, ResultBody({"peer": "m/1", "hub": "rogue"}).encode())

    def closed(self) -> bool:
        """Wait until the member closes the connection."""
        with contextlib.suppress(ConnectionResetError):
            while self.socket.recv(65_536):
                pass
        return True


class Rogue:
    """Listens; runs one script for each connection, the last one again for all further ones."""

    def __init__(
        self,
        path: object,
        *scripts: Callable[[Conversation], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.tls = tls
        self.scripts = scripts
        self.failures: list[BaseException] = []
        self.connections = 0
        self.open: list[socket.socket] = []
        if tls is None:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
            self.listener.listen()
            self.address = f"unix:{path}"
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.address = f"tls://localhost:{self.listener.getsockname()[1]}"
        self.is_closed = False
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            if self.is_closed:
                sock.close()
                return
            sock.settimeout(WAIT)
            self.open.append(sock)
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._run, args=(script, sock), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _run(self, script: Callable[[Conversation], None], sock: socket.socket) -> None:
        try:
            with self._secured(sock) as secured:
                script(Conversation(secured))
        except BaseException as failure:  # noqa: BLE001 - told by the test
            self.failures.append(failure)

    def _secured(self, sock: socket.socket) -> socket.socket:
        if self.tls is None:
            return sock
        secured = self.tls.wrap_socket(sock, server_side=True)
        self.open.append(secured)
        return secured

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.is_closed = True
        with socket.socket(self.listener.family) as last:
            last.connect(self.listener.getsockname())
        self.listener.close()
        for sock in self.open:
            with contextlib.suppress(OSError):
                # That of the plain socket: the one of TLS would read on without decrypting.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(WAIT)
        if kind is None and self.failures:
            raise self.failures[0]
