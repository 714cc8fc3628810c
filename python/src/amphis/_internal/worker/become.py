"""What a forked process does before it is a worker."""

from __future__ import annotations

import faulthandler
import fcntl
import gc
import os
import signal
import sys

from amphis._internal.worker.kernel import die_with, volunteer
from amphis._internal.worker.limits import apply_limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.worker.settings import Settings


class Ends:
    """Descriptors that join one worker to its program.

    Attributes:
        channel: Unix socket of the channel
        control: Unix socket of the control line
        line: Unix socket between program and keeper
        stdout: pipe; -1: the process has it as its standard output already
        stderr: pipe; -1: as `stdout`
    """

    __slots__ = ("channel", "control", "line", "stderr", "stdout")

    def __init__(
        self, channel: int, control: int, line: int, stdout: int = -1, stderr: int = -1
    ) -> None:
        self.channel = channel
        self.control = control
        self.line = line
        self.stdout = stdout
        self.stderr = stderr
        for each in (channel, control, line):
            fcntl.fcntl(each, fcntl.F_SETFD, fcntl.FD_CLOEXEC)

    def close_all_but_line(self) -> None:
        """Leave the worker alone with its ends."""
        for each in (self.channel, self.control, self.stdout, self.stderr):
            if each >= 0:
                os.close(each)


def prepare(settings: Settings) -> None:
    """Import what a worker runs on; once, in the worker or in the one it is forked from."""
    sys.path[1:1] = settings.path
    gc.disable()
    if settings.native is not None:
        _load_native(settings.native)
    import amphis._internal.worker.main  # noqa: F401, PLC0415 - only now, behind the fork where there is one

    gc.enable()


def become_worker(ends: Ends, settings: Settings, keeper: int) -> None:
    """Be the worker, until it has done its work.

    Args:
        ends: what it is joined to
        settings: how it runs
        keeper: process with which it ends
    """
    # Ctrl-C in a terminal is for the program alone.
    os.setsid()
    die_with(keeper, signal.SIGKILL)
    volunteer()
    _take_streams(ends)
    # A descriptor of its own: what user code does to standard error does not hide how it died.
    faulthandler.enable(os.dup(2))
    if "amphis._internal.worker.main" not in sys.modules:
        prepare(settings)
    _reseed()
    apply_limits(settings.limits)
    if settings.policy:
        from amphis._internal.worker.guard import confine  # noqa: PLC0415 - few workers have one

        settings.config["policy"] = confine(settings.policy)
    from amphis._internal.worker.main import run  # noqa: PLC0415 - imported by `prepare`

    run(ends.channel, ends.control, settings.config)


def _take_streams(ends: Ends) -> None:
    if ends.stdout >= 0:
        for descriptor, number in ((ends.stdout, 1), (ends.stderr, 2)):
            os.set_blocking(descriptor, True)
            os.dup2(descriptor, number)
            os.close(descriptor)


def _reseed() -> None:
    """Workers of one warden are not to draw the same numbers; `random` sees to it by itself."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


def _load_native(folder: str) -> None:
    """Load the C extension from there, and leave no trace in the environment of user code."""
    own = os.environ.get("AMPHIS_NATIVE")
    os.environ["AMPHIS_NATIVE"] = folder
    from amphis._internal.native.load import load_core  # noqa: PLC0415 - reads that variable

    load_core()
    if own is None:
        del os.environ["AMPHIS_NATIVE"]
    else:
        os.environ["AMPHIS_NATIVE"] = own
