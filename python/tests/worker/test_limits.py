"""Limits of what a worker takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import amphis

ROOT = str(Path(amphis.__file__).parent.parent)
BEGIN = f"""
import sys
sys.path.insert(0, {ROOT!r})
import resource
from amphis._internal.worker.limits import apply_limits
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", BEGIN + script], capture_output=True, text=True, check=False
    )


def test_without_limits_only_core_files_are_forbidden() -> None:
    script = """
before = resource.getrlimit(resource.RLIMIT_NOFILE)
apply_limits({})
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
"""
    assert run(script).stderr == ""


def test_memory_beyond_the_limit_is_a_memory_error_and_no_death() -> None:
    script = """
apply_limits({"memoryBytes": 256 << 20})
try:
    bytearray(512 << 20)
except MemoryError:
    print(len(bytearray(1 << 20)))
"""
    assert run(script).stdout == "1048576\n"


def test_an_error_tells_how_much_of_the_limit_is_left() -> None:
    script = """
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.worker.failure import error_body
apply_limits({"memoryBytes": 256 << 20})
taken = bytearray(64 << 20)
try:
    bytearray(512 << 20)
except MemoryError as error:
    found = msgpack().decode(error_body(error, call="m:f"))
    print(0 < found["context"]["availableBytes"] < 192 << 20)
"""
    assert run(script).stdout == "True\n"


def test_shared_memory_does_not_count() -> None:
    script = """
import mmap
apply_limits({"memoryBytes": 128 << 20})
shared = mmap.mmap(-1, 512 << 20)
shared[:4] = b"here"
print(shared[:4].decode())
"""
    assert run(script).stdout == "here\n"


def test_computing_beyond_the_limit_ends_by_a_signal() -> None:
    ended = run('apply_limits({"cpuSeconds": 1})\nwhile True: pass')
    assert ended.returncode == -24  # SIGXCPU


def test_descriptors_beyond_the_limit_are_an_error() -> None:
    script = """
import errno, os
apply_limits({"files": 20})
try:
    while True: os.dup(0)
except OSError as error:
    print(error.errno == errno.EMFILE)
"""
    assert run(script).stdout == "True\n"


def test_limit_is_never_raised_beyond_what_the_process_has() -> None:
    script = """
resource.setrlimit(resource.RLIMIT_NOFILE, (50, 60))
apply_limits({"files": 1000})
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    assert run(script).stdout == "(60, 60)\n"


def test_children_have_the_same_limits() -> None:
    script = """
import subprocess
apply_limits({"files": 77})
print(subprocess.check_output(["sh", "-c", "ulimit -n"], text=True), end="")
"""
    assert run(script).stdout == "77\n"
