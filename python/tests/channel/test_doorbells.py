"""What hosts may pass for doorbells, and do to them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from tests.bus.shells import code_of, until
from tests.channel.host import Answer, Host, doorbell

from amphis import AmphisError
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.channel.conftest import Pairs


def _wrong_ends(_: Path) -> list[int]:
    return list(doorbell())


def _files(folder: Path) -> list[int]:
    return [os.open(folder / "file", os.O_CREAT | os.O_RDWR) for _ in range(2)]


def _sockets(_: Path) -> list[int]:
    return [one.detach() for one in socket.socketpair()]


def _terminals(_: Path) -> list[int]:
    near, far = os.openpty()
    return [far, near]


def _eventfds(_: Path) -> list[int]:
    return [os.eventfd(0) for _ in range(2)]


WRONG: dict[str, Callable[[Path], list[int]]] = {
    "the wrong ends": _wrong_ends,
    "files": _files,
    "sockets": _sockets,
    "terminals": _terminals,
    "eventfds": _eventfds,
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_doorbell_is_refused(pairs: Pairs, kind: str, tmp_path: Path) -> None:
    opening, host = pairs.begin()
    host.take_offer()
    host.answer(Answer(doorbells=WRONG[kind](tmp_path)))
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert (code_of(caught), caught.value.field) == ("FRAME_INVALID", "doorbell")
    if kind == "files":
        assert (tmp_path / "file").read_bytes() == b""


def test_an_end_that_is_open_both_ways_is_refused(pairs: Pairs) -> None:
    hears, rings = doorbell()
    both = os.open(f"/proc/self/fd/{hears}", os.O_RDWR | os.O_CLOEXEC)
    os.close(hears)
    opening, host = pairs.begin()
    host.take_offer()
    host.answer(Answer(doorbells=[rings, both]))
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert (code_of(caught), caught.value.field) == ("FRAME_INVALID", "doorbell")


def test_a_guest_that_may_not_open_doorbells_anew_leaves_frames_to_the_socket(
    pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, host = pairs.begin()
    host.take_offer()

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    host.answer(Answer())
    said = host.sock.recv(1)
    monkeypatch.undo()
    assert said == b"\0"
    with opening.result(20) as channel:
        assert channel.memory is None
        channel.send(Frame(FrameKind.EVENT, b"over the socket"))
        [frame] = FrameDecoder().feed(host.sock.recv(100))
        assert bytes(frame.body) == b"over the socket"


def test_a_host_that_makes_its_end_block_and_fills_it_holds_nobody_up(pairs: Pairs) -> None:
    channel, host = pairs.open()
    guest_rings = host.sent[1]
    with suppress(BlockingIOError):
        while True:
            os.write(guest_rings, bytes(4_096))
    for one in (*host.sent[1:], host.hears, host.rings):
        os.set_blocking(one, True)
    for round_trip in range(100):
        # Asks for the ring that the guest then tries to give.
        host.incoming.arm()
        channel.send(Frame(FrameKind.EVENT, b"%d" % round_trip))
        assert bytes(host.receive().body) == b"%d" % round_trip
        host.send(Frame(FrameKind.EVENT, b"back"))
        assert channel.receive(20) is not None


def test_a_host_that_closes_its_ends_is_served_all_the_same(pairs: Pairs) -> None:
    channel, host = pairs.open()
    _close_doorbells(host)
    for _ in range(10):
        host.incoming.arm()
        channel.send(Frame(FrameKind.EVENT, b"there"))
        assert bytes(host.receive().body) == b"there"
    waiting = pairs.threads.submit(channel.receive, 20)
    until(host.is_awaited_on_doorbell, "the guest being asleep")
    host.sock.shutdown(socket.SHUT_RDWR)
    with pytest.raises(AmphisError) as caught:
        waiting.result(20)
    assert code_of(caught) == "CONNECTION_CLOSED"


def test_closing_wakes_a_thread_that_sleeps_on_the_doorbell(pairs: Pairs) -> None:
    channel, host = pairs.open()
    waiting = pairs.threads.submit(channel.receive, 20)
    until(host.is_awaited_on_doorbell, "the guest being asleep")
    channel.close()
    with pytest.raises(AmphisError) as caught:
        waiting.result(20)
    assert code_of(caught) == "CONNECTION_CLOSED"


RESET = """
import signal, sys
from amphis._internal.channel import open_inherited
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
channel = open_inherited(int(sys.argv[1]))
channel.receive()
for _ in range(10):
    channel.send(Frame(FrameKind.EVENT, b"lives"))
    channel.receive()
"""


def test_a_program_that_dies_of_broken_pipes_outlives_a_host_that_breaks_its_doorbells() -> None:
    near, far = socket.socketpair()
    with near:
        guest = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", RESET, str(near.fileno())], pass_fds=[near.fileno()]
        )
    try:
        host = Host(far).open()
        _close_doorbells(host)
        for _ in range(10):
            host.incoming.arm()
            host.send(Frame(FrameKind.EVENT, b"go"))
            assert bytes(host.receive().body) == b"lives"
        host.close()
    finally:
        guest.kill()
        guest.wait()


def _close_doorbells(host: Host) -> None:
    for one in (*host.sent[1:], host.hears, host.rings):
        os.close(one)
        host.descriptors.remove(one)
    # The rings of the host must not ring what has these numbers next.
    host.attach(Answer().capacity, -1)
