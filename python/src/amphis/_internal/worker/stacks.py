"""What all threads do right now, as text."""

from __future__ import annotations

import faulthandler
import os
import signal
import tempfile

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
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
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
