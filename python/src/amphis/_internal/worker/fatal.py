"""Last words: a worker says itself which signal ends it.

The system takes milliseconds to take a process apart, and only then does anybody hear of its end.
So a handler in C says it on the control line first. Python's own fault handler, which goes before,
writes its many small pieces to a file in memory; they become one piece of standard error.
"""

from __future__ import annotations

import faulthandler
import os
import signal

from amphis._internal.frame.header import FrameKind
from amphis._internal.native.load import Missing, load_core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.codec.codec import Codec
    from amphis._internal.worker.control import Control

# Those that the fault handler of Python is there for.
_SIGNALS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)


def announce_fatal_signals(control: Control, codec: Codec) -> None:
    """Have the program told of fatal signals before they end this process; once in a process.

    Without the C extension it hears of them by the end of the process, as of all other ends.
    """
    core = load_core()
    if isinstance(core, Missing):
        return
    # Of its own, whatever user code makes of standard error.
    error = os.dup(2)
    report = os.memfd_create("amphis-fatal")
    words = {
        int(number): control.frame(
            FrameKind.EVENT, codec.encode({"event": "fatal", "signal": int(number)})
        )
        for number in _SIGNALS
    }
    # What is installed last goes first.
    faulthandler.disable()
    core.announce_fatal(words, line=control.fileno(), report=report, error=error)
    faulthandler.enable(report)
