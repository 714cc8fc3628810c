# ruff: noqa: ANN401 - values of any kind
"""A program in Python that has a worker: as the specification says, or wrong as a test wants it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.channel.host import Answer, Host

from amphis import AmphisError, Handle, Hello, decode_error, msgpack
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "src"
_CODEC = msgpack()
WAIT = 10.0
_RUN = """
import json, sys
from amphis._internal.worker.main import run
run(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
"""


class Line:
    """Frames over a socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(WAIT)
        self.sock = sock
        self.decoder = FrameDecoder()
        self.frames: deque[Frame] = deque()

    def send(self, *frames: Frame) -> None:
        for frame in frames:
            self.sock.sendall(encode_frame(frame))

    def receive(self) -> Frame:
        while not self.frames:
            data = self.sock.recv(65_536)
            if not data:
                raise EOFError
            self.frames.extend(self.decoder.feed(data))
        return self.frames.popleft()

    def close(self) -> None:
        self.sock.close()


class Program:
    """One worker in a process of its own, seen from the program.

    Args:
        rings: whether frames go through rings, with memory; else over the socket
    """

    def __init__(self, *, rings: bool = False, opens: bool = True, **config: Any) -> None:
        near, far = socket.socketpair()
        control, worker_control = socket.socketpair()
        config.setdefault("path", [str(HERE)])
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [
                sys.executable,
                "-c",
                _RUN,
                str(far.fileno()),
                str(worker_control.fileno()),
                json.dumps(config),
            ],
            pass_fds=(far.fileno(), worker_control.fileno()),
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        far.close()
        worker_control.close()
        self.control = Line(control)
        self.host = Host(near)
        near.settimeout(WAIT)
        self.channel: Any = self.host
        self.calls = 0
        self.events: deque[dict[str, Any]] = deque()
        self.logs: deque[dict[str, Any]] = deque()
        self.pongs: deque[bytes] = deque()
        self.functions: dict[int, Callable[..., Any]] = {}
        self.released: list[int] = []
        self.kept: deque[Frame] = deque()
        if opens:
            if rings:
                self.host.open()
            else:
                self.host.take_offer()
                empty = Answer(mode=0, capacity=0, holder=0, key=bytes(32))
                self.host.sock.sendall(_no_rings(empty))
                self.channel = Line(near)
            self.hello()

    def hello(self, **changes: Any) -> None:
        assert self.channel.receive().kind is FrameKind.HELLO
        own = Hello(product="test", codecs=("msgpack",), **changes)
        self.channel.send(Frame(FrameKind.HELLO, own.encode()))

    def fresh(self) -> Self:
        """Forget what happened before."""
        self.functions = {}
        self.call("work:take_events")
        self.call("work:drop")
        self.released.clear()
        self.kept.clear()
        self.logs.clear()
        return self

    # What is sent.

    def send(self, kind: FrameKind, body: Any, call_id: int = 0, attachments: Any = ()) -> None:
        self.channel.send(Frame(kind, _CODEC.encode(body), call_id, attachments=attachments))

    def say(self, kind: FrameKind, body: Any, call_id: int = 0) -> None:
        self.control.send(Frame(kind, _CODEC.encode(body), call_id))

    def begin(self, function: str, *args: Any, kwargs: Any = None, **options: Any) -> int:
        self.calls += 1
        self.send(FrameKind.CALL, [function, list(args), kwargs or {}, options], self.calls)
        return self.calls

    def begin_program(self, *steps: Any, **options: Any) -> int:
        self.calls += 1
        self.send(FrameKind.PROGRAM, [[list(step) for step in steps], options], self.calls)
        return self.calls

    def cancel(self, call_id: int, code: str = "REQUEST_CANCELLED") -> None:
        self.say(FrameKind.CANCEL, ["not wanted", code], call_id)

    def credit(self, call_id: int, count: int) -> None:
        self.send(FrameKind.CREDIT, [count], call_id)

    def stop(self) -> None:
        self.say(FrameKind.EVENT, {"event": "stop"})

    # What comes.

    def receive(self) -> Frame:
        """The next frame that is no callback of a known function."""
        while True:
            frame: Frame = self.channel.receive()
            if frame.kind is FrameKind.RELEASE:
                self.released += _CODEC.decode(frame.body)[0]  # type: ignore[index]
            elif frame.kind is FrameKind.CALLBACK and self.functions:
                self.serve(frame)
            else:
                return frame

    def channel_until(self, happened: Callable[[], bool]) -> None:
        """Serve callbacks until one had this effect; keep whatever else comes."""
        while not happened():
            frame: Frame = self.channel.receive()
            if frame.kind is FrameKind.CALLBACK:
                self.serve(frame)
            else:
                self.kept.append(frame)

    def serve(self, frame: Frame) -> None:
        number, method, args, kwargs = _CODEC.decode(frame.body)  # type: ignore[misc]
        try:
            value = self.functions[number](method, *args, **kwargs)
        except AmphisError as error:
            from amphis import encode_error

            self.send(FrameKind.ERROR, encode_error(error), frame.call_id)
        else:
            self.send(FrameKind.RESULT, [value], frame.call_id)

    def frame_of(self, call_id: int) -> Frame:
        for frame in self.kept:
            if frame.call_id == call_id:
                self.kept.remove(frame)
                return frame
        while (frame := self.receive()).call_id != call_id:
            self.kept.append(frame)
        return frame

    def answer(self, call_id: int) -> Any:
        frame = self.frame_of(call_id)
        body = _CODEC.decode(frame.body)
        if frame.kind is FrameKind.ERROR:
            raise decode_error(body)
        assert frame.kind is FrameKind.RESULT
        return body[0]  # type: ignore[index]

    def call(self, function: str, *args: Any, kwargs: Any = None, **options: Any) -> Any:
        return self.answer(self.begin(function, *args, kwargs=kwargs, **options))

    def program(self, *steps: Any, **options: Any) -> Any:
        return self.answer(self.begin_program(*steps, **options))

    def failure(self, call_id: int) -> AmphisError:
        try:
            value = self.answer(call_id)
        except AmphisError as error:
            return error
        raise AssertionError(f"it was answered by {value!r}")

    def event(self, name: str) -> dict[str, Any]:
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            self._hear()

    def log(self, part: str) -> dict[str, Any]:
        while True:
            for entry in self.logs:
                if part in entry["message"]:
                    self.logs.remove(entry)
                    return entry
            self._hear()

    def ping(self, body: bytes = b"?") -> None:
        self.control.send(Frame(FrameKind.PING, body))
        while body not in self.pongs:
            self._hear()
        self.pongs.remove(body)

    def _hear(self) -> None:
        frame = self.control.receive()
        if frame.kind is FrameKind.EVENT:
            self.events.append(_CODEC.decode(frame.body))  # type: ignore[arg-type]
        elif frame.kind is FrameKind.LOG:
            self.logs.append(_CODEC.decode(frame.body))  # type: ignore[arg-type]
        elif frame.kind is FrameKind.PONG:
            self.pongs.append(bytes(frame.body))

    # Its end.

    def ended(self) -> int:
        return self.process.wait(WAIT)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.control.close()
        self.host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _no_rings(answer: Answer) -> bytes:
    import struct

    fields = (answer.magic, answer.version, 0, 0, 0, 0, 0, bytes(32))
    return struct.pack("<IBBHIIQ32s", *fields)


def step(index: int) -> Handle:
    return Handle(index, "amphis.step")


def function(number: int) -> Handle:
    return Handle(number, "amphis.function")


def iterable(number: int) -> Handle:
    return Handle(number, "amphis.iterable")
