"""What a process says of the signal that ends it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest

from amphis._internal.native import Missing, load_core

if sys.platform != "linux":
    pytest.skip("the C extension is for Linux", allow_module_level=True)

WATCHDOG_S = 30

PROGRAM = """
import faulthandler, os, signal, sys
from amphis._internal.native import load_core

line = int(sys.argv[1])
report = os.memfd_create("report")
words = {signal.SIGSEGV: b"segfault", signal.SIGABRT: b"abort"}
load_core().announce_fatal(words, line=line, report=report, error=2)
"""
FAULT = """
faulthandler.enable(report)
def fault():
    signal.raise_signal(signal.SIGSEGV)
"""


def said(program: str) -> tuple[int, bytes, str]:
    """How a program ends, what it says on its line, and its standard error."""
    near, far = socket.socketpair()
    near.settimeout(WATCHDOG_S)
    number = far.fileno()
    command = [sys.executable, "-c", PROGRAM + program, str(number)]
    with (
        far,
        subprocess.Popen(  # noqa: S603 - our own program
            command, stderr=subprocess.PIPE, pass_fds=[number]
        ) as process,
    ):
        far.close()
        assert process.stderr is not None
        error = process.stderr.read().decode()
        ended = process.wait(WATCHDOG_S)
    with near:
        heard = b"".join(iter(lambda: near.recv(4096), b""))
    return ended, heard, error


@pytest.mark.parametrize(
    ("program", "number", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", signal.SIGSEGV, b"segfault"),
        ("os.abort()", signal.SIGABRT, b"abort"),
        ("import ctypes; ctypes.string_at(0)", signal.SIGSEGV, b"segfault"),
        ("os.kill(os.getpid(), signal.SIGBUS)", signal.SIGBUS, b""),
        ("os.kill(os.getpid(), signal.SIGTERM)", signal.SIGTERM, b""),
    ],
)
def test_words_of_the_signal_that_ends_it_are_said_once(
    program: str, number: signal.Signals, words: bytes
) -> None:
    assert said(program) == (-number, words, "")


def test_what_the_fault_handler_wrote_is_moved_to_standard_error() -> None:
    ended, heard, error = said(FAULT + "fault()")
    assert (ended, heard) == (-signal.SIGSEGV, b"segfault")
    assert error.startswith("Fatal Python error: Segmentation fault")
    assert "in fault" in error


def test_a_fault_in_a_thread_is_told_too() -> None:
    thread = "import threading; each = threading.Thread(target=fault); each.start(); each.join()"
    ended, heard, error = said(FAULT + thread)
    assert (ended, heard) == (-signal.SIGSEGV, b"segfault")
    assert "in fault" in error


def test_a_child_that_was_forked_says_nothing_and_its_report_is_not_told_again() -> None:
    program = """
if os.fork() == 0:
    fault()
os.wait()
os.abort()
"""
    ended, heard, error = said(FAULT + program)
    assert (ended, heard) == (-signal.SIGABRT, b"abort")
    assert error.count("Segmentation fault") == 1
    assert error.count("Fatal Python error: Aborted") == 1


def test_a_stack_that_has_overflown_is_told() -> None:
    # Newer Pythons count how deep C code calls itself: the stack has to be too small for that.
    program = """
import ctypes, resource, sys
resource.setrlimit(resource.RLIMIT_STACK, (1 << 18, resource.getrlimit(resource.RLIMIT_STACK)[1]))
CALL = ctypes.PYFUNCTYPE(ctypes.c_int)
sys.setrecursionlimit(1 << 30)
@CALL
def deeper():
    return deeper()
deeper()
"""
    ended, heard, _ = said(FAULT + program)
    assert (ended, heard) == (-signal.SIGSEGV, b"segfault")


def test_a_line_that_takes_nothing_does_not_keep_it() -> None:
    program = """
import socket
with socket.socket(fileno=os.dup(line)) as full:
    full.setblocking(False)
    try:
        while True:
            full.send(bytes(4096))
    except BlockingIOError:
        pass
fault()
"""
    near, far = socket.socketpair()
    number = far.fileno()
    command = [sys.executable, "-c", PROGRAM + FAULT + program, str(number)]
    with near, far:
        ended = subprocess.run(  # noqa: S603 - our own program
            command, stderr=subprocess.PIPE, pass_fds=[number], check=False, timeout=WATCHDOG_S
        )
    assert ended.returncode == -signal.SIGSEGV


def test_a_standard_error_that_nobody_reads_does_not_keep_it() -> None:
    near, far = socket.socketpair()
    number = far.fileno()
    program = "os.write(2, bytes(65536))\nfault()"
    command = [sys.executable, "-c", PROGRAM + FAULT + program, str(number)]
    with near, far:
        with subprocess.Popen(  # noqa: S603 - our own program
            command, stderr=subprocess.PIPE, pass_fds=[number]
        ) as process:
            assert process.wait(WATCHDOG_S) == -signal.SIGSEGV
        assert near.recv(64) == b"segfault"


@pytest.mark.parametrize(
    "words",
    [
        dict.fromkeys(range(1, 7), b""),
        {11: bytes(257)},
        {0: b""},
        {65: b""},
    ],
)
def test_too_many_words_are_refused(words: dict[int, bytes]) -> None:
    core = load_core()
    if isinstance(core, Missing):
        pytest.skip(core.reason)
    with pytest.raises(ValueError, match="Cannot announce fatal signals"):
        core.announce_fatal(words, line=-1, report=-1, error=2)


def test_a_signal_that_cannot_be_caught_is_refused() -> None:
    core = load_core()
    if isinstance(core, Missing):
        pytest.skip(core.reason)
    with pytest.raises(OSError, match="Invalid argument"):
        core.announce_fatal({int(signal.SIGKILL): b""}, line=-1, report=-1, error=2)
