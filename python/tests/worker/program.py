# ruff: noqa: ANN401 - values of any kind
"""A program in Python that has a worker: as the specification says, or wrong as a test wants it."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.channel.host import Host

from amphis import AmphisError, Handle, Hello, decode_error, encode_error, msgpack
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
_ANSWER = struct.Struct("<IBBHIIQ32s")
WAIT = 30.0
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
        control.settimeout(None)
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
        self.heard = threading.Condition()
        self.ears = threading.Thread(target=self._listen)
        self.ears.start()
        if opens:
            if rings:
                self.host.open()
            else:
                self.open_socket()
            self.hello()

    def open_socket(self) -> None:
        """Open the channel without rings."""
        self.host.take_offer()
        self.host.sock.sendall(_ANSWER.pack(0x48534D41, 1, 0, 0, 0, 0, 0, bytes(32)))
        self.channel = Line(self.host.sock)

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
        while (frame := self._take()) is None:
            pass
        return frame

    def _take(self) -> Frame | None:
        frame: Frame = self.channel.receive()
        if frame.kind is FrameKind.RELEASE:
            self.released += _CODEC.decode(frame.body)[0]  # type: ignore[index]
        elif frame.kind is FrameKind.CALLBACK and self.functions:
            self.serve(frame)
        else:
            return frame
        return None

    def taken_releases(self, count: int) -> list[int]:
        """Wait for so many to be let go, and forget them."""
        while len(self.released) < count:
            frame = self._take()
            if frame is not None:
                self.kept.append(frame)
        taken, self.released = self.released, []
        return taken

    def channel_until(self, happened: Callable[[], bool]) -> None:
        """Serve callbacks until one had this effect; keep whatever else comes."""
        while not happened():
            frame: Frame = self.channel.receive()
            if frame.kind is FrameKind.CALLBACK:
                self.serve(frame)
            else:
                self.kept.append(frame)

    def serve(self, frame: Frame) -> None:
        body: Any = _CODEC.decode(frame.body)
        number, method, args, kwargs = body
        try:
            value = self.functions[number](method, *args, **kwargs)
        except AmphisError as error:
            self.send(FrameKind.ERROR, encode_error(error), frame.call_id)
        else:
            self.send(FrameKind.RESULT, [value], frame.call_id)

    def frame_of(self, call_id: int) -> Frame:
        while True:
            # Each time: what a function of this program asked for may have brought it.
            for frame in self.kept:
                if frame.call_id == call_id:
                    self.kept.remove(frame)
                    return frame
            taken = self._take()
            if taken is not None:
                self.kept.append(taken)

    def answer(self, call_id: int) -> Any:
        frame = self.frame_of(call_id)
        body = _CODEC.decode(frame.body)
        if frame.kind is FrameKind.ERROR:
            raise decode_error(body)
        assert frame.kind is FrameKind.RESULT
        return body[0]  # type: ignore[index]

    def call(self, function: str, *args: Any, kwargs: Any = None, **options: Any) -> Any:
        return self.answer(self.begin(function, *args, kwargs=kwargs, **options))

    def comes_to(self, function: str, *args: Any, expected: Any) -> bool:
        """Whether calls give what is expected soon, with garbage collected before each.

        A thread that has answered may still hold what it was given when the next one answers.
        """
        until = time.monotonic() + WAIT
        self.call("gc:collect")
        while self.call(function, *args) != expected:
            if time.monotonic() > until:
                return False
            self.call("gc:collect")
        return True

    def program(self, *steps: Any, **options: Any) -> Any:
        return self.answer(self.begin_program(*steps, **options))

    def failure(self, call_id: int) -> AmphisError:
        try:
            value = self.answer(call_id)
        except AmphisError as error:
            return error
        raise AssertionError(f"it was answered by {value!r}")

    def event(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._heard(self.events, lambda event: event["event"] == name)
        return found

    def log(self, part: str) -> dict[str, Any]:
        found: dict[str, Any] = self._heard(self.logs, lambda entry: part in entry["message"])
        return found

    def ping(self, body: bytes = b"?") -> None:
        self.control.send(Frame(FrameKind.PING, body))
        self._heard(self.pongs, lambda pong: pong == body)

    def _heard(self, queue: deque[Any], is_it: Callable[[Any], bool]) -> Any:
        """Wait for one that is it, and take it out."""
        with self.heard:
            assert self.heard.wait_for(lambda: any(map(is_it, queue)), WAIT), "nothing is heard"
            found = next(filter(is_it, queue))
            queue.remove(found)
            return found

    def _listen(self) -> None:
        """Always, as a program does: a worker that prints waits for it."""
        with suppress(OSError, EOFError):
            while True:
                frame = self.control.receive()
                with self.heard:
                    if frame.kind is FrameKind.EVENT:
                        self.events.append(_CODEC.decode(frame.body))  # type: ignore[arg-type]
                    elif frame.kind is FrameKind.LOG:
                        self.logs.append(_CODEC.decode(frame.body))  # type: ignore[arg-type]
                    elif frame.kind is FrameKind.PONG:
                        self.pongs.append(bytes(frame.body))
                    self.heard.notify_all()

    # Its end.

    def ended(self) -> int:
        return self.process.wait(WAIT)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        with suppress(OSError):
            self.control.sock.shutdown(socket.SHUT_RDWR)
        self.ears.join()
        self.control.close()
        self.host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def step(index: int) -> Handle:
    return Handle(index, "amphis.step")


def function(number: int) -> Handle:
    return Handle(number, "amphis.function")


def iterable(number: int) -> Handle:
    return Handle(number, "amphis.iterable")
