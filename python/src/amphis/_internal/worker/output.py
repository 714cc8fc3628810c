"""What code in a worker prints and logs, as entries of the program's log."""

from __future__ import annotations

import os
import sys
import time
from threading import local

from amphis._internal.errors import AmphisError
from amphis._internal.worker.output_allowance import Allowance
from amphis._internal.worker.output_stream import MAX_LINE, PrintStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from typing import Any

_OWN_LOGGER = "amphis.worker"


class Output:
    """Sends entries, for all threads. It never fails, and never takes more than its allowance.

    What cannot be sent goes to the file descriptor instead: what is printed while an entry is being
    sent, and what a process prints that was forked off the worker.

    Args:
        send: takes an entry; may wait for the program
        current_call: the call that the thread does
    """

    def __init__(
        self, send: Callable[[dict[str, object]], None], current_call: Callable[[], int]
    ) -> None:
        self.current_call = current_call
        self.unended: set[tuple[str, int]] = set()
        self._send = send
        self._allowance = Allowance()
        self._thread = _Thread()
        self._is_mine = True
        os.register_at_fork(after_in_child=self._forked)

    @property
    def is_mine(self) -> bool:
        """Whether this thread may send right now."""
        return self._is_mine and not self._thread.is_sending

    def put(self, entry: dict[str, object]) -> None:
        """Send an entry, unless there were too many of late; those are counted and told of."""
        if not self._allowance.take(_size_of(entry)):
            return
        left_out = self._allowance.take_left_out()
        if left_out:
            message = f"{left_out} entries were left out: the worker makes more than travel"
            self._try({**entry_of("warning", message, 0), "logger": _OWN_LOGGER})
        self._try(entry)

    def _try(self, entry: dict[str, object]) -> None:
        thread = self._thread
        thread.is_sending = True
        try:
            self._send(entry)
        except AmphisError:
            # Printing must not fail because nobody listens.
            return
        finally:
            thread.is_sending = False

    def _forked(self) -> None:
        self._is_mine = False


class _Thread(local):
    is_sending = False


class Capture:
    """Standard output and error, and `logging`, that were taken over.

    Attributes:
        unended: empty while nobody wrote anything without the end of a line, as nearly always
    """

    def __init__(self, output: Output, streams: tuple[PrintStream, ...]) -> None:
        self.output = output
        self.unended = output.unended
        self.streams = streams

    def flush(self, call_id: int) -> None:
        """Send what a call printed in this thread without the end of a line."""
        for stream in self.streams:
            stream.flush_rest_of(call_id)


def entry_of(level: str, message: str, call: int) -> dict[str, object]:
    """An entry of the log that is made now."""
    now = time.time() * 1_000
    return {"time": now, "level": level, "logger": "", "message": message, "call": call}


def capture(send: Callable[[dict[str, object]], None], current_call: Callable[[], int]) -> Capture:
    """Take over `sys.stdout`, `sys.stderr` and the root logger of this process.

    The file descriptors 1 and 2 stay as they are, for code that writes to them directly. Call
    `flush` of what is returned at the end of each call, in its thread.

    Args:
        send: takes an entry of the log (spec/worker.md)
        current_call: the call that the thread does; 0 for none
    """
    output = Output(send, current_call)
    streams = (
        PrintStream("stdout", "info", sys.stdout, output, 1),
        PrintStream("stderr", "warning", sys.stderr, output, 2),
    )
    sys.stdout, sys.stderr = streams
    taken = Capture(output, streams)
    if "logging" in sys.modules:
        _attach(taken)
    else:
        sys.meta_path.insert(0, _WhenImported(taken))
    return taken


def _attach(taken: Capture) -> None:
    # It is slow to load, so that only who logs pays for it.
    from amphis._internal.worker.output_logging import attach  # noqa: PLC0415

    attach(taken)


class _WhenImported:
    """Finds the module `logging` as it would be found without this, and attaches to it then."""

    def __init__(self, taken: Capture) -> None:
        self._taken = taken

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:  # noqa: ANN401
        if name != "logging" or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        for finder in list(sys.meta_path):
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._extend(spec.loader)
                return spec
        return None

    def _extend(self, loader: Any) -> None:  # noqa: ANN401 - what `importlib` calls a loader
        if loader is None or isinstance(loader, type):
            return
        execute = loader.exec_module

        def execute_and_attach(module: object) -> None:
            execute(module)
            _attach(self._taken)

        loader.exec_module = execute_and_attach


def _size_of(entry: dict[str, object]) -> int:
    message = entry["message"]
    return len(message) if isinstance(message, str) else MAX_LINE
