"""What stands in the place of `sys.stdout` and `sys.stderr`."""

from __future__ import annotations

import io
import os
import time
from threading import get_ident, local

from amphis._internal.light import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TextIO

MAX_LINE = 65_536
"""Characters of a line; a longer one is sent in parts."""


class Entries(Protocol):
    """Takes what was printed.

    Attributes:
        current_call: the call that the thread does
        unended: names of streams, and threads that wrote there without the end of a line
        is_mine: whether this thread may send right now
    """

    current_call: Callable[[], int]
    unended: set[tuple[str, int]]

    @property
    def is_mine(self) -> bool: ...

    def put(self, entry: dict[str, object]) -> None:
        """Send an entry; never fails."""


class _Rest(local):
    """What a thread wrote without the end of a line."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.call = 0


class PrintStream(io.TextIOBase):
    """A text stream whose lines become entries of the log, each with the call that printed it.

    Bytes that are written to its `buffer`, or to its file descriptor, go there. Lines of several
    threads do not mix. `close` only flushes: the worker outlives whoever closes its output.

    Args:
        name: `stdout` or `stderr`
        level: of its entries
        original: what stood here before
        entries: takes the lines
        descriptor: of the pipe
    """

    mode = "w"
    encoding = "utf-8"
    errors = "backslashreplace"
    newlines = None
    line_buffering = True
    write_through = False

    def __init__(
        self, name: str, level: str, original: TextIO | None, entries: Entries, descriptor: int
    ) -> None:
        super().__init__()
        self.name = f"<{name}>"
        self._stream = name
        self._level = level
        self._original = original
        self._entries = entries
        self._descriptor = descriptor
        self._rest = _Rest()

    @property
    def buffer(self) -> Any:  # noqa: ANN401 - a binary stream
        """The binary stream of the pipe."""
        if self._original is None:
            raise AttributeError(f"{self.name} was closed when the process started")
        return self._original.buffer

    def fileno(self) -> int:
        """The file descriptor of the pipe."""
        return self._descriptor

    def isatty(self) -> bool:
        """It is no terminal."""
        return False

    def readable(self) -> bool:
        """It cannot be read."""
        return False

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def seekable(self) -> bool:
        """It has no places to go to."""
        return False

    def reconfigure(self, **_options: object) -> None:
        """Accept what is asked for: the encoding is that of the log, and lines are sent at once."""
        self.flush()

    def detach(self) -> Any:  # noqa: ANN401 - as the base
        """Refuse: who printed next would find no stream."""
        raise io.UnsupportedOperation("detach")

    def close(self) -> None:
        """Flush."""
        self.flush()

    def write(self, text: str) -> int:
        """Write text; each line of it is sent when it ends."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self._entries.is_mine:
            self._write_through(text)
            return len(text)
        rest = self._rest
        call = self._entries.current_call()
        if rest.size and rest.call != call:
            # Of a call that ended without the end of a line.
            self._send_rest(rest)
        head, newline, tail = str.rpartition(text, "\n")
        if newline:
            lines = f"{''.join(rest.parts)}{head}".split("\n")
            self._end(rest)
            for line in lines:
                self._send(line, call)
        if tail:
            rest.parts.append(tail)
            rest.size += len(tail)
            rest.call = call
            self._entries.unended.add((self._stream, get_ident()))
            if rest.size >= MAX_LINE:
                self._send_rest(rest)
        return len(text)

    def flush(self) -> None:
        """Send what this thread wrote without the end of a line, and bytes that wait."""
        rest = self._rest
        if rest.size and self._entries.is_mine:
            self._send_rest(rest)
        if self._original is not None and not self._original.closed:
            self._original.flush()

    def flush_rest_of(self, call_id: int) -> None:
        """Send what this thread wrote in a call without the end of a line."""
        rest = self._rest
        if rest.size and rest.call == call_id and self._entries.is_mine:
            self._send_rest(rest)

    def _send_rest(self, rest: _Rest) -> None:
        text = "".join(rest.parts)
        self._end(rest)
        self._send(text, rest.call)

    def _end(self, rest: _Rest) -> None:
        rest.parts, rest.size = [], 0
        self._entries.unended.discard((self._stream, get_ident()))

    def _send(self, line: str, call: int) -> None:
        line = line.strip("\r")
        if not line.isascii():
            line = line.encode("utf-8", self.errors).decode("utf-8")
        for start in range(0, len(line) or 1, MAX_LINE):
            self._entries.put(
                {
                    "time": time.time() * 1_000,
                    "level": self._level,
                    "logger": "",
                    "message": line[start : start + MAX_LINE],
                    "call": call,
                    "stream": self._stream,
                }
            )

    def _write_through(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", self.errors))
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            # Nobody reads the pipe any more.
            return
