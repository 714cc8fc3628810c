"""From the begin of a worker to its end, and what is heard on the control line meanwhile."""

from __future__ import annotations

import os
import platform
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.worker.program import WAIT, Program, function

from amphis import Frame, Hello
from amphis._internal.frame.header import FrameKind
from amphis._internal.native import Missing, load_core

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_worker_says_that_it_is_ready(start: Callable[..., Program]) -> None:
    worker = start(preload=["json", "no_such_module", "work_that_leaves"])
    ready = worker.event("ready")
    assert ready["pid"] == worker.process.pid
    assert ready["python"] == platform.python_version()
    assert ready["implementation"] == "CPython"
    assert os.path.normpath(ready["executable"]) == os.path.normpath(sys.executable)
    assert ready["loaded"] == ["json"]
    assert [failed["module"] for failed in ready["failed"]] == [
        "no_such_module",
        "work_that_leaves",
    ]
    assert "ModuleNotFoundError" in ready["failed"][0]["error"]
    assert "SystemExit" in ready["failed"][1]["error"]
    assert worker.call("work:switch_interval") == pytest.approx(1e-4)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_worker_says_which_signal_ends_it(
    start: Callable[..., Program], number: signal.Signals
) -> None:
    core = load_core()
    if isinstance(core, Missing):
        pytest.skip(core.reason)
    worker = start()
    worker.send(FrameKind.CALL, ["signal:raise_signal", [int(number)], {}, {}], 1)
    assert worker.event("fatal")["signal"] == number
    assert worker.ended() == -number
    assert b"Fatal Python error" in worker.process.stderr.read()  # type: ignore[union-attr]


def test_calls_may_be_sent_before_it_is_ready(own: Program) -> None:
    assert own.call("work:echo", 1) == 1
    own.event("ready")


@pytest.mark.parametrize(
    "changes", [{"versions": (200, 201)}, {"codecs": ("json",)}], ids=["version", "codec"]
)
def test_a_worker_that_cannot_agree_ends_and_says_why(changes: dict[str, Any]) -> None:
    with Program(opens=False) as worker:
        worker.open_socket()
        own = Hello(product="test", **{"codecs": ("msgpack",), **changes})
        worker.channel.receive()
        worker.channel.send(Frame(FrameKind.HELLO, own.encode()))
        assert worker.ended() == 1
        assert b"Cannot agree" in worker.process.stderr.read()  # type: ignore[union-attr]


def test_a_worker_ends_when_something_else_comes_before_the_hello() -> None:
    with Program(opens=False) as worker:
        worker.open_socket()
        worker.send(FrameKind.CALL, ["math:sqrt", [4.0], {}, {}], 1)
        assert worker.ended() == 1


def test_pings_are_answered_while_python_computes(each: Program) -> None:
    began: list[str] = []
    each.functions[1] = began.append
    call_id = each.begin("work:spin", function(1))
    each.channel_until(lambda: bool(began))
    each.ping(b"first")
    each.ping(bytes(range(256)))
    each.cancel(call_id)
    assert each.failure(call_id).code == "REQUEST_CANCELLED"


def test_the_stacks_of_all_threads_are_told(each: Program) -> None:
    began: list[str] = []
    each.functions[1] = began.append
    call_id = each.begin("work:spin", function(1))
    each.channel_until(lambda: bool(began))
    each.say(FrameKind.EVENT, {"event": "dump"})
    text = each.event("stacks")["text"]
    assert "in spin" in text
    assert text.count("most recent call first") >= 2
    each.cancel(call_id)
    each.failure(call_id)


def test_the_stacks_are_told_while_c_code_holds_the_interpreter(
    start: Callable[..., Program],
) -> None:
    worker = start()
    number = worker.event("ready")["stacksSignal"]
    worker.call("work:replace_stderr")
    began: list[str] = []
    worker.functions[1] = began.append
    worker.begin("work:hold_interpreter", function(1))
    worker.channel_until(lambda: bool(began))
    stderr: Any = worker.process.stderr
    os.kill(worker.process.pid, number)
    lines = b""
    while b"in hold_interpreter" not in lines:
        lines += stderr.readline()
    assert b"most recent call first" in lines


@pytest.mark.parametrize("body", [None, [], 5, {}, {"event": 5}, {"event": "unheard of"}])
def test_events_that_mean_nothing_are_ignored(each: Program, body: object) -> None:
    each.say(FrameKind.EVENT, body)
    each.ping()
    assert each.call("work:echo", 1) == 1


def test_frames_of_other_kinds_are_ignored_and_logged(each: Program) -> None:
    for kind in (FrameKind.ITEM, FrameKind.HELLO, FrameKind.LOG, FrameKind.END):
        each.send(kind, [0], 3)
        name = kind.name.lower()
        assert each.log(f"kind {name} was ignored")["logger"] == "amphis.worker"
        each.say(kind, [0], 3)
        assert each.log(f"kind {name} was ignored")["level"] == "warning"
    assert each.call("work:echo", 1) == 1


@pytest.mark.parametrize("body", [None, [], [5], [["a"]], [[-1]], [[2**60]]])
def test_a_release_of_another_shape_is_ignored_and_logged(each: Program, body: object) -> None:
    each.send(FrameKind.RELEASE, body)
    assert each.log("kind release was ignored")["level"] == "warning"
    assert each.call("work:echo", 1) == 1


def test_printing_is_told_with_its_call(own: Program) -> None:
    call_id = own.begin("work:say", "a line")
    own.answer(call_id)
    entry = own.log("a line")
    assert (entry["stream"], entry["call"]) == ("stdout", call_id)


def test_stop_ends_the_worker_behind_the_calls_that_it_holds(own: Program, tmp_path: Path) -> None:
    own.call("work:at_exit", str(tmp_path / "left"))
    begun = [own.begin("work:echo", number) for number in range(50)]
    own.stop()
    assert [own.answer(one) for one in begun] == list(range(50))
    assert own.ended() == 0
    assert (tmp_path / "left").read_text() == "left"


def test_stop_lets_streams_go_on_to_their_end(own: Program) -> None:
    stream = own.begin("work:count_to", 2, stream=True)
    own.credit(stream, 1)
    own.frame_of(stream)
    own.stop()
    own.ping()
    own.credit(stream, 2)
    assert own.frame_of(stream).kind is FrameKind.ITEM
    assert own.frame_of(stream).kind is FrameKind.END
    assert own.ended() == 0


def test_stop_over_rings_ends_an_idle_worker(start: Callable[..., Program]) -> None:
    worker = start(rings=True)
    assert worker.call("work:echo", 1) == 1
    worker.stop()
    assert worker.ended() == 0


def test_the_end_of_the_control_line_ends_a_worker_that_computes(own: Program) -> None:
    began: list[str] = []
    own.functions[1] = began.append
    own.begin("work:spin", function(1))
    own.channel_until(lambda: bool(began))
    own.control.sock.shutdown(2)
    assert own.ended() == 0


@pytest.mark.parametrize("data", [b"nonsense" * 10, b"\x41\x4d\x01\x0c" + bytes(12) + b"\xff" * 8])
def test_bytes_on_the_control_line_that_are_no_frame_end_the_worker(
    own: Program, data: bytes
) -> None:
    own.control.sock.sendall(data)
    assert own.ended() == 0


def test_bytes_on_the_channel_that_are_no_frame_end_the_worker(own: Program) -> None:
    own.call("work:echo", 1)
    own.host.sock.sendall(b"nonsense" * 10)
    assert own.ended() == 0


def test_the_end_of_the_channel_ends_the_worker(own: Program) -> None:
    own.call("work:echo", 1)
    own.host.sock.shutdown(2)
    assert own.ended() == 0


def test_the_end_of_the_channel_ends_a_worker_that_waits_for_a_callback(own: Program) -> None:
    own.begin("work:call", function(1))
    assert own.receive().kind is FrameKind.CALLBACK
    own.host.sock.shutdown(2)
    assert own.ended() == 0


def test_a_child_that_outlives_the_worker_does_not_hide_its_end(worker: Program) -> None:
    child = worker.call("work:fork_and_wait")
    try:
        worker.process.kill()
        worker.process.wait(WAIT)
        worker.ears.join(WAIT)
        assert not worker.ears.is_alive()
        assert worker.host.sock.recv(1) == b""
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_child_that_was_forked_off_does_not_speak_for_the_worker(worker: Program) -> None:
    assert worker.call("work:forked_print", "from the child") == 0
    worker.ping()
    assert worker.call("work:echo", 1) == 1
