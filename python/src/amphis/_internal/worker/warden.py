"""The warden: has imported what workers need, and forks one when it is asked to.

When nobody asks it loads what workers will need later, for those that come after. It runs no code
of users and no thread of its own. Each worker gets a keeper (`keeper.py`); what a
keeper that was killed leaves behind becomes the warden's, which ends it. It is asked by one byte
with the ends of the worker, and ends when its socket does.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import sys
from contextlib import suppress

from amphis._internal.worker.become import Ends, prepare
from amphis._internal.worker.family import descendants, kill_all
from amphis._internal.worker.keeper import keep, tell
from amphis._internal.worker.kernel import adopt_orphans, die_with
from amphis._internal.worker.preloading import LATER, LATER_GUARDED, preload
from amphis._internal.worker.wakeups import Wakeups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.worker.settings import Settings

_ENDS = 5
# A program that begins has better things to do with its processors.
_REST_MS = 20


def serve(settings: Settings) -> None:
    """Fork workers until the program ends; returns in workers only, at their end."""
    asked = socket.socket(fileno=settings.warden)
    asked.set_inheritable(False)
    if settings.proxy >= 0:
        _lend_exit(asked, settings.proxy)
    # What modules print while they are imported is told with what they complain of.
    os.dup2(2, 1)
    adopt_orphans()
    # An import may take long, and nothing is heard meanwhile.
    die_with(os.getppid(), signal.SIGKILL)
    wakeups = Wakeups()
    prepare(settings)
    preload(settings.preload, settings.path)
    sys.stdout.flush()
    sys.stderr.flush()
    # Objects that are there now are never garbage: to look at them would copy their pages.
    gc.freeze()
    Warden(asked, settings, wakeups).run()


def _lend_exit(program: socket.socket, port: int) -> None:
    """Listen in the network of this sandbox, on behalf of a proxy outside of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        socket.send_fds(program, [b"\1"], [listener.fileno()])


class Warden:
    """Forks keepers, and takes leave of them."""

    def __init__(self, asked: socket.socket, settings: Settings, wakeups: Wakeups) -> None:
        self._asked = asked
        self._settings = settings
        self._wakeups = wakeups
        self._keepers: set[int] = set()
        self._later = list(reversed(LATER_GUARDED if settings.policy else LATER))

    def run(self) -> None:
        """Fork until the program ends or this process is asked to end."""
        events = select.poll()
        events.register(self._asked, select.POLLIN)
        events.register(self._wakeups.descriptor, select.POLLIN)
        own = os.getpid()
        rest: int | None = None
        while True:
            self._reap()
            ready = events.poll(rest)
            if not ready:
                rest = self._load_one()
                continue
            rest = _REST_MS if self._later else None
            for descriptor, _ in ready:
                if descriptor == self._wakeups.descriptor:
                    if self._wakeups.take():
                        os._exit(0)
                elif self._fork(own):
                    return

    def _load_one(self) -> int | None:
        """Load a module that workers need later; how long to wait until the next one."""
        gc.disable()
        # Whatever it raises, it raises in the worker that needs it.
        with suppress(Exception):
            importlib.import_module(self._later.pop())
        gc.enable()
        gc.freeze()
        return 0 if self._later else None

    def _fork(self, own: int) -> bool:
        """Do what is asked; True in the worker, when that has done its work."""
        # One byte at a time, as each brings descriptors of its own.
        asked, descriptors, _, _ = socket.recv_fds(self._asked, 1, _ENDS, socket.MSG_CMSG_CLOEXEC)
        if not asked:
            os._exit(0)
        if len(descriptors) != _ENDS:
            for each in descriptors:
                os.close(each)
            return False
        ends = Ends(*descriptors)
        try:
            keeper = os.fork()
        except OSError as error:
            tell(ends.line, f"failed {error.strerror}")
            keeper = -1
        if keeper == 0:
            self._asked.close()
            keep(ends, self._settings, own)
            return True
        ends.close_all_but_line()
        os.close(ends.line)
        if keeper > 0:
            self._keepers.add(keeper)
        return False

    def _reap(self) -> None:
        """Take leave of keepers that have ended, and end what one of them had to leave behind."""
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if child == 0:
                return
            if child in self._keepers:
                self._keepers.discard(child)
                if status != 0:
                    self._end_strays()
            else:
                # Its own children have just come here too.
                self._end_strays()

    def _end_strays(self) -> None:
        """End every process that came here from a keeper; those of keepers that live stay there."""
        kill_all(descendants(os.getpid(), besides=self._keepers))
