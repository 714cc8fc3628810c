"""What workers do to those around them."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path


def ping() -> int:
    return os.getpid()


def crash() -> None:
    import faulthandler

    faulthandler._sigsegv()


def leave(code: int) -> None:
    os.write(2, b"last words\n")
    os._exit(code)


def kill_self(number: int) -> None:
    os.kill(os.getpid(), number)


def kill_parent() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)


def kill_grandparent() -> None:
    keeper = Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()
    os.kill(int(keeper[1]), signal.SIGKILL)
    time.sleep(600)


def found_family() -> list[int]:
    """A child, a grandchild, and a daemon in a session of its own whose parent has ended."""
    script = "echo $$; sleep 600 & echo $!; (setsid sleep 600 & echo $!); wait"
    child = subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    return [int(child.stdout.readline()) for _ in range(3)]


def spin_in_c() -> None:
    """Hold the interpreter for ever."""
    ctypes.PyDLL(None).pause()


def flood(stream: int) -> None:
    block = b"x" * 65_536
    while True:
        os.write(stream, block)


def close_everything() -> None:
    os.closerange(0, 1024)
    time.sleep(600)


def environment() -> dict[str, str]:
    return dict(os.environ)


def place() -> list[object]:
    return [os.getcwd(), sys.argv, os.getsid(0) == os.getpid(), sys.stdin.read()]


def limits() -> list[int]:
    names = (
        resource.RLIMIT_CORE,
        resource.RLIMIT_DATA,
        resource.RLIMIT_CPU,
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_NPROC,
    )
    return [resource.getrlimit(name)[0] for name in names]


def grow(megabytes: int) -> str:
    try:
        return str(len(bytearray(megabytes << 20)))
    except MemoryError:
        return "MemoryError"


def compute() -> None:
    while True:
        pass


def random_numbers() -> list[float]:
    import random

    import numpy as np

    return [random.random(), float(np.random.rand())]


def descriptors() -> list[str]:
    found = []
    for each in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{each}"))
        except FileNotFoundError:  # noqa: PERF203 - that of the listing itself
            continue
    return sorted(found)


def signals() -> list[str]:
    return [str(signal.getsignal(each)) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]


def runtime() -> str:
    import amphis

    return str(amphis.__file__)


def norm() -> float:
    import numpy as np

    square = np.ones((400, 400))
    return float((square @ square).sum())
