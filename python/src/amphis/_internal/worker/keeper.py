"""The keeper of one worker: the process between it and whoever launched it.

It starts the worker, tells how it ended, and lets nothing of it survive: every process that
descends from the worker becomes the keeper's own child when its parent ends, whatever sessions and
groups it made, and ends with the worker. The worker ends with the program, whose death in any way
ends the line; with its keeper, by a signal of the kernel; and with the warden that forked it.

On the line, text. To the program: `started PID`, `failed WHY`, and
`ended CODE SIGNAL CORE USER_MS SYSTEM_MS RSS_BYTES`, where CODE or SIGNAL is `-`. From it:
`signal NUMBER` for the worker alone, and `kill` for the whole family.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

from amphis._internal.worker.become import Ends, become_worker
from amphis._internal.worker.family import descendants, kill_all, kill_group, send
from amphis._internal.worker.kernel import adopt_orphans, die_with
from amphis._internal.worker.wakeups import Wakeups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.worker.settings import Settings

# A process that cannot be ended, as one of another user, is not waited for any longer.
_PATIENCE_S = 1.0
_MOST_COMMAND_BYTES = 4096


def keep(ends: Ends, settings: Settings, warden: int = 0) -> None:
    """Start a worker and keep it: returns, in the worker only, when that has done its work.

    Args:
        ends: what the worker is joined to; the keeper's own from here on
        settings: how the worker runs
        warden: process with which keeper and worker end; 0: none
    """
    keeper = os.getpid()
    try:
        # First of all: every page that is touched before is copied twice.
        worker = os.fork()
    except OSError as error:
        tell(ends.line, f"failed {error.strerror}")
        os._exit(1)
    if worker == 0:
        Wakeups.forget()
        os.close(ends.line)
        become_worker(ends, settings, keeper)
        return
    wakeups = Wakeups()
    if warden:
        die_with(warden, signal.SIGTERM)
    ends.close_all_but_line()
    adopt_orphans()
    Keeper(ends.line, worker, wakeups).run()


class Keeper:
    """Waits for one worker, and for what is said of it on the line."""

    def __init__(self, line: int, worker: int, wakeups: Wakeups) -> None:
        self._line = line
        self._worker = worker
        self._wakeups = wakeups
        self._ended: str | None = None
        self._heard = b""

    def run(self) -> None:
        """Keep the worker until it has ended, and this process with it."""
        tell(self._line, f"started {self._worker}")
        events = select.poll()
        events.register(self._line, select.POLLIN)
        events.register(self._wakeups.descriptor, select.POLLIN)
        while self._ended is None:
            self._reap()
            if self._ended is None:
                for descriptor, _ in events.poll():
                    if descriptor == self._line:
                        self._hear()
                    elif self._wakeups.take():
                        self._end_family()
        self._end_family()
        tell(self._line, self._ended)
        self._await_heard()
        os._exit(0)

    def _await_heard(self) -> None:
        """Wait until the program has hung up.

        What it writes to a closed line is an error, which it would take for the end of the line,
        and never read what was told before.
        """
        events = select.poll()
        events.register(self._line, select.POLLIN)
        deadline = time.monotonic() + _PATIENCE_S
        while (left := deadline - time.monotonic()) > 0:
            if events.poll(left * 1_000):
                try:
                    if not os.read(self._line, _MOST_COMMAND_BYTES):
                        return
                except OSError:
                    return

    def _hear(self) -> None:
        try:
            data = os.read(self._line, _MOST_COMMAND_BYTES)
        except OSError:
            data = b""
        if not data:
            self._end_family()
            os._exit(0)
        *commands, self._heard = (self._heard + data).split(b"\n")
        for command in commands:
            verb, _, number = command.partition(b" ")
            if verb == b"kill":
                self._end_family()
            elif verb == b"signal" and self._ended is None:
                send(self._worker, int(number))

    def _end_family(self) -> None:
        """End all that descend from here, the worker too, and wait until they are gone."""
        own = os.getpid()
        deadline = time.monotonic() + _PATIENCE_S
        events = select.poll()
        events.register(self._wakeups.descriptor, select.POLLIN)
        while self._reap():
            if self._ended is None:
                kill_group(self._worker)
            kill_all(descendants(own))
            if time.monotonic() > deadline:
                return
            # The next to end wakes it; one that was born meanwhile is found after a while.
            events.poll(10)
            self._wakeups.take()

    def _reap(self) -> bool:
        """Take leave of children that have ended; whether there are others."""
        while True:
            try:
                child, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if child == 0:
                return True
            if child == self._worker:
                self._ended = _report(status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss)


def _report(status: int, user_s: float, system_s: float, resident: int) -> str:
    exit_code = str(os.WEXITSTATUS(status)) if os.WIFEXITED(status) else "-"
    number = str(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else "-"
    # Linux counts in units of 1024 bytes.
    peak = resident if sys.platform == "darwin" else resident * 1024
    times = f"{round(user_s * 1_000)} {round(system_s * 1_000)}"
    return f"ended {exit_code} {number} {int(os.WCOREDUMP(status))} {times} {peak}"


def tell(line: int, text: str) -> None:
    """Say something to the program, if it is there to hear it."""
    try:
        os.write(line, f"{text}\n".encode())
    except OSError:
        return
