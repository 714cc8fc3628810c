"""Hosts and guests in processes of their own: killed, stopped, forked, at their end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.bus.shells import code_of
from tests.channel.host import WAIT, Answer, Host

from amphis import AmphisError
from amphis._internal.channel import ChannelOptions, connect_channel
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tests.channel.conftest import Pairs
    from typing_extensions import Self

HERE = Path(__file__).parent


def event(body: bytes) -> Frame:
    return Frame(FrameKind.EVENT, body)


class HostProcess:
    def __init__(self, program: str, path: Path) -> None:
        self.address = f"shm:{path}"
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(HERE / "host.py"), program, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.expect("listening")

    def expect(self, word: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == word

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@pytest.mark.parametrize(
    "step", ["stop_at_offer", "stop_at_half_an_answer", "stop_when_open", "stop_mid_frame"]
)
def test_a_host_killed_at_any_step_is_one_error(pairs: Pairs, step: str, tmp_path: Path) -> None:
    with HostProcess(step, tmp_path / "host") as host:
        options = ChannelOptions(core=pairs.core)
        opening = pairs.threads.submit(connect_channel, host.address, options)
        waiting: Future[object] = opening  # type: ignore[assignment] # of whatever it gives
        host.expect("reached")
        if step in ("stop_when_open", "stop_mid_frame"):
            channel = opening.result(WAIT)
            pairs.opened.append(channel)
            waiting = pairs.threads.submit(channel.receive)
        host.kill()
        with pytest.raises(AmphisError) as caught:
            waiting.result(WAIT)
        is_cut = step == "stop_mid_frame"
        assert code_of(caught) == ("FRAME_TRUNCATED" if is_cut else "CONNECTION_CLOSED")


def test_a_host_killed_after_its_answer_is_noticed_in_the_channel(
    pairs: Pairs, tmp_path: Path
) -> None:
    with HostProcess("stop_at_answer", tmp_path / "host") as host:
        opening = pairs.threads.submit(
            connect_channel, host.address, ChannelOptions(core=pairs.core)
        )
        host.expect("reached")
        with opening.result(WAIT) as channel:
            host.kill()
            with pytest.raises(AmphisError) as caught:
                channel.receive(WAIT)
            assert code_of(caught) == "CONNECTION_CLOSED"


def test_all_that_a_host_sent_before_it_was_killed_is_received(
    pairs: Pairs, tmp_path: Path
) -> None:
    with HostProcess("stop_after_frames", tmp_path / "host") as host:
        options = ChannelOptions(core=pairs.core)
        with connect_channel(host.address, options) as channel:
            host.expect("reached")
            host.kill()
            bodies = [bytes(frame.body) for _ in range(100) if (frame := channel.receive(WAIT))]
            assert bodies == [b"%d" % i for i in range(100)]
            with pytest.raises(AmphisError) as caught:
                channel.receive(WAIT)
            assert code_of(caught) == "CONNECTION_CLOSED"


@pytest.mark.parametrize("pause", [0.0, 0.2])
def test_a_host_killed_while_the_guest_sleeps_wakes_it(
    pairs: Pairs, tmp_path: Path, pause: float
) -> None:
    with HostProcess("echo", tmp_path / "host") as host:
        options = ChannelOptions(core=pairs.core)
        with connect_channel(host.address, options) as channel:
            waiting = pairs.threads.submit(channel.receive)
            threading.Event().wait(pause)
            host.kill()
            with pytest.raises(AmphisError) as caught:
                waiting.result(WAIT)
            assert code_of(caught) == "CONNECTION_CLOSED"


def test_a_stopped_host_is_waited_for_until_the_deadline(pairs: Pairs, tmp_path: Path) -> None:
    with HostProcess("echo", tmp_path / "host") as host:
        options = ChannelOptions(core=pairs.core)
        with connect_channel(host.address, options) as channel:
            channel.send(event(b"first"))
            assert channel.receive(WAIT) is not None
            host.process.send_signal(signal.SIGSTOP)
            assert channel.receive(0.1) is None
            with pytest.raises(AmphisError) as caught:
                channel.send(event(bytes(1 << 20)), timeout=0.1)
            assert code_of(caught) == "PEER_LOST"
            host.process.send_signal(signal.SIGCONT)


def test_a_host_stopped_while_it_opens_is_given_up(pairs: Pairs, tmp_path: Path) -> None:
    with HostProcess("echo", tmp_path / "host") as host:
        host.process.send_signal(signal.SIGSTOP)
        options = ChannelOptions(core=pairs.core, opening_timeout=0.1)
        with pytest.raises(AmphisError) as caught:
            connect_channel(host.address, options)
        assert code_of(caught) == "PEER_LOST"


GUEST = """
import os, signal, sys, weakref
from amphis._internal.channel import ChannelOptions, open_inherited
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.native import Missing

core = None if sys.argv[2] == "extension" else Missing("the test uses rings in Python")
channel = open_inherited(int(sys.argv[1]), ChannelOptions(core=core))
what = sys.argv[3]
if what == "end with memory":
    class Array:
        pass
    kept = [Array() for _ in range(3)]
    for number, one in enumerate(kept):
        weakref.finalize(one, channel.lender.release, number)
    loop = Array()
    loop.me = loop
    loop.__class__.__del__ = lambda self: channel.lender.release(9)
    channel.send(Frame(FrameKind.EVENT, b"ready"))
elif what == "killed mid frame":
    channel.send(Frame(FrameKind.EVENT, b"ready"))
    channel.send(Frame(FrameKind.EVENT, bytes(8 << 20)))
elif what == "fork":
    child = os.fork()
    if child == 0:
        code = 1
        try:
            channel.send(Frame(FrameKind.EVENT, b"of the child"))
        except Exception as error:
            code = 7 if error.code == "CONNECTION_CLOSED" else 2
        channel.lender.release(1)
        channel.close()
        held = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")
                if int(n) > 2 and os.path.exists(f"/proc/self/fd/{n}")]
        if any("socket" in one or "pipe" in one for one in held):
            code = 3
        os._exit(code)
    _, status = os.waitpid(child, 0)
    channel.send(Frame(FrameKind.EVENT, b"%d" % os.waitstatus_to_exitcode(status)))
    channel.receive()
elif what == "fork and die":
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(write)
        os.read(read, 1)
        os.dup2(2, 1)
        sys.stdin.read()
        os._exit(0)
    channel.send(Frame(FrameKind.EVENT, b"ready"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


class Guest:
    """A worker that got its socket from its parent, and the host's side of it here."""

    def __init__(self, pairs: Pairs, what: str) -> None:
        near, far = socket.socketpair()
        kind = "python" if "test uses" in str(pairs.core) else "extension"
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-W", "error", "-c", GUEST, str(near.fileno()), kind, what],
            pass_fds=[near.fileno()],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        near.close()
        self.host = Host(far, pairs.core)
        pairs.opened.append(self.host)


@pytest.fixture
def guests() -> Iterator[list[Guest]]:
    started: list[Guest] = []
    yield started
    for one in started:
        one.process.kill()
        one.process.communicate()


def start(pairs: Pairs, guests: list[Guest], what: str) -> Guest:
    guests.append(Guest(pairs, what))
    return guests[-1]


def test_finalizers_at_the_end_of_a_program_do_no_harm(pairs: Pairs, guests: list[Guest]) -> None:
    guest = start(pairs, guests, "end with memory")
    guest.host.open()
    assert bytes(guest.host.receive().body) == b"ready"
    _, errors = guest.process.communicate(timeout=WAIT)
    assert (guest.process.returncode, errors) == (0, b"")
    assert guest.host.is_left()


@pytest.mark.parametrize("step", ["offer", "answer", "open", "mid frame"])
def test_a_guest_killed_at_any_step_ends_its_socket(
    pairs: Pairs, guests: list[Guest], step: str
) -> None:
    guest = start(pairs, guests, "killed mid frame")
    guest.host.take_offer()
    if step != "offer":
        guest.host.answer(Answer())
    if step in ("open", "mid frame"):
        assert guest.host.sock.recv(1) == b"\1"
    if step == "mid frame":
        assert bytes(guest.host.receive().body) == b"ready"
        assert guest.host.take()
    guest.process.kill()
    guest.process.wait()
    if step == "answer":
        # It may have said by then that the rings are mapped.
        with suppress(ConnectionResetError):
            guest.host.sock.recv(1)
    assert guest.host.is_left()


def test_a_fork_leaves_the_channel_to_its_parent(pairs: Pairs, guests: list[Guest]) -> None:
    guest = start(pairs, guests, "fork")
    guest.host.open()
    assert bytes(guest.host.receive().body) == b"7"
    guest.host.send(event(b"go"))
    assert guest.process.wait(WAIT) == 0
    assert guest.host.is_left()


def test_a_child_does_not_hide_the_death_of_its_parent(pairs: Pairs, guests: list[Guest]) -> None:
    guest = start(pairs, guests, "fork and die")
    guest.host.open()
    assert bytes(guest.host.receive().body) == b"ready"
    assert guest.host.is_left()
    assert guest.process.wait(WAIT) == -signal.SIGKILL
