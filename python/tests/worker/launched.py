"""Processes that `start.py` makes, joined as a launcher joins them."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import amphis

if TYPE_CHECKING:
    from collections.abc import Sequence

START = str(Path(amphis.__file__).parent / "_internal/worker/start.py")
WATCHDOG_S = 30.0


class Launched:
    """This program's side of one worker."""

    def __init__(self) -> None:
        pairs = [socket.socketpair() for _ in range(3)]
        pipes = [os.pipe() for _ in range(2)]
        self.channel, self.control, self.line = (near for near, _ in pairs)
        self.stdout, self.stderr = (os.fdopen(near, "rb") for near, _ in pipes)
        self.far_sockets = [far for _, far in pairs]
        self.far_pipes = [far for _, far in pipes]
        self._said = b""

    @property
    def far(self) -> list[int]:
        return [*(each.fileno() for each in self.far_sockets), *self.far_pipes]

    def close_far(self) -> None:
        for each in self.far_sockets:
            each.close()
        for pipe in self.far_pipes:
            os.close(pipe)

    def hear(self) -> str:
        """The keeper's next words; empty when it has ended."""
        while b"\n" not in self._said:
            ready, _, _ = select.select([self.line], [], [], WATCHDOG_S)
            assert ready, "the keeper is silent"
            data = self.line.recv(4096)
            if not data:
                return ""
            self._said += data
        line, _, self._said = self._said.partition(b"\n")
        return line.decode()

    def started(self) -> int:
        verb, pid = self.hear().split()
        assert verb == "started"
        return int(pid)

    def close(self) -> None:
        for each in (self.channel, self.control, self.line, self.stdout, self.stderr):
            each.close()


def spawned(
    *settings: str, python: str = sys.executable
) -> tuple[Launched, subprocess.Popen[bytes]]:
    """A worker of a fresh interpreter."""
    launched = Launched()
    channel, control, line, stdout, stderr = launched.far
    process = subprocess.Popen(  # noqa: S603 - our own program
        [python, START, f"channel={channel}", f"control={control}", f"line={line}", *settings],
        pass_fds=(channel, control, line),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )
    launched.close_far()
    return launched, process


class Warden:
    """A warden that was started here."""

    def __init__(self, settings: Sequence[str] = (), python: str = sys.executable) -> None:
        self.socket, far = socket.socketpair()
        self._launched: list[Launched] = []
        with far:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [python, "-W", "error", START, f"warden={far.fileno()}", *settings],
                pass_fds=(far.fileno(),),
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

    def fork(self) -> Launched:
        launched = Launched()
        self._launched.append(launched)
        socket.send_fds(self.socket, [b"\1"], launched.far)
        launched.close_far()
        return launched

    def end(self) -> str:
        """Its standard error, when it has ended because its program did."""
        self.socket.close()
        _, stderr = self.process.communicate(timeout=WATCHDOG_S)
        for each in self._launched:
            each.close()
        return stderr.decode()


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
