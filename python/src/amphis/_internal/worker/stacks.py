"""What all threads do right now, as text."""

from __future__ import annotations

import faulthandler
import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

# Its number is told to the program, which sends it when the worker does not answer.
_SIGNAL = signal.SIGRTMIN + 7 if hasattr(signal, "SIGRTMIN") else signal.SIGUSR2
_MOST_BYTES = 256 * 1024


class Stacks:
    """Writes the stacks of all threads.

    `read` needs the interpreter. Where C code keeps it, a signal does not: what the program sends
    then makes the process write to its standard error, whatever was made of descriptor 2 since.

    Attributes:
        signal: the number of that signal
    """

    def __init__(self) -> None:
        self.signal = int(_SIGNAL)
        self._file = _unnamed_file()
        error = os.dup(2)
        if not faulthandler.is_enabled():
            faulthandler.enable(error)
        faulthandler.register(_SIGNAL, file=error, all_threads=True, chain=False)

    def read(self) -> str:
        """The stacks of all threads, the most recent call of each first."""
        file = self._file
        file.seek(0)
        file.truncate()
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read(_MOST_BYTES).decode("utf-8", "replace")


def _unnamed_file() -> BinaryIO:
    """A file that is open as long as the process: later, none might be made any more."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("amphis-stacks"), "w+b")  # noqa: PTH123 - of a descriptor
    import tempfile  # noqa: PLC0415 - slow to load, and needed where there is no better way

    return tempfile.TemporaryFile()
