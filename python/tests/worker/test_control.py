"""The control line, whose sender never waits for whoever should read it."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.header import MAX_FRAME_BYTES, FrameKind
from amphis._internal.worker.control import Control
from amphis._internal.worker.unsent import MOST_LOG_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = msgpack().encode({"message": "x" * 1_000, "level": "info"})
MANY = 2 * MOST_LOG_BYTES // len(LINE)


class Far:
    """The program's end, which reads only when it is told to."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(0)
        self._sock = sock
        self._decoder = FrameDecoder()

    def read(self) -> list[tuple[int, object]]:
        """All that is there: the call and body of each frame."""
        found: list[tuple[int, object]] = []
        while True:
            try:
                data = self._sock.recv(65_536)
            except BlockingIOError:
                return found
            for frame in self._decoder.feed(data):
                found.append((frame.call_id, msgpack().decode(frame.body)))  # noqa: PERF401

    def read_all_from(self, control: Control) -> list[tuple[int, object]]:
        """The same, and what comes when there is room again."""
        found = self.read()
        while True:
            control.finish(0)
            came = self.read()
            if not came:
                return found
            found += came

    def close(self) -> None:
        self._sock.close()


@contextmanager
def line() -> Iterator[tuple[Control, Far]]:
    far, near = socket.socketpair()
    with far, near:
        yield Control(near, MAX_FRAME_BYTES), Far(far)


def messages(found: list[tuple[int, object]]) -> list[str]:
    return [str(body["message"]) for _, body in found if isinstance(body, dict)]


def test_a_send_never_waits_and_what_was_left_out_is_told_once_there_is_room() -> None:
    with line() as (control, far):
        for number in range(MANY):
            control.send(FrameKind.LOG, LINE, number)
        found = far.read_all_from(control)
    numbers = [number for number, body in found if isinstance(body, dict) and "call" not in body]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) < MANY
    left_out = f"{MANY - len(numbers)} entries were left out: the program did not read them in time"
    assert [text for text in messages(found) if "left out" in text] == [left_out]
    assert messages(found)[-1] == left_out


def test_what_is_told_later_comes_behind_what_was_left_out() -> None:
    with line() as (control, far):
        for number in range(MANY):
            control.send(FrameKind.LOG, LINE, number)
        found = far.read()
        control.send(FrameKind.LOG, LINE, MANY)
        found += far.read_all_from(control)
    texts = messages(found)
    assert "left out" in texts[-2]
    assert found[-1][0] == MANY


def test_an_event_finds_a_place_where_the_log_finds_none() -> None:
    with line() as (control, far):
        for number in range(MANY):
            control.send(FrameKind.LOG, LINE, number)
        control.send(FrameKind.EVENT, msgpack().encode({"event": "stacks"}))
        found = far.read_all_from(control)
    assert {"event": "stacks"} in [body for _, body in found]


def test_a_program_that_is_gone_is_no_reason_to_fail() -> None:
    with line() as (control, far):
        far.close()
        control.send(FrameKind.LOG, LINE)
        control.send(FrameKind.LOG, LINE)
        control.finish(1)
