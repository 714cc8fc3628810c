"""Records of `logging` as entries of the program's log."""

from __future__ import annotations

import logging
from functools import wraps
from typing import TYPE_CHECKING, Any

from amphis._internal.worker.output_stream import MAX_LINE, PrintStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.worker.output import Capture, Output

_FORMATTER = logging.Formatter()
_LEVELS = (
    (logging.CRITICAL, "critical"),
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
    (logging.INFO, "info"),
)


class EntryHandler(logging.Handler):
    """Sends each record with its level, place and exception. It has no state, and so no lock."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def createLock(self) -> None:  # noqa: N802 - of the base
        """Make none: a call that is broken off while it has one would keep it."""
        self.lock = _NoLock()  # type: ignore[assignment] # it is used as a lock only

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record."""
        if not self._output.is_mine:
            # While an entry is sent, and in a process that was forked off.
            last = logging.lastResort
            if last is not None and record.levelno >= last.level:
                last.emit(record)
            return
        try:
            entry = self._entry(record)
        except Exception:  # noqa: BLE001 - arguments of the record may refuse to be text
            self.handleError(record)
        else:
            self._output.put(entry)

    def _entry(self, record: logging.LogRecord) -> dict[str, object]:
        entry: dict[str, object] = {
            "time": record.created * 1_000,
            "level": next((name for least, name in _LEVELS if record.levelno >= least), "debug"),
            "logger": _text(record.name),
            "message": _text(record.getMessage()),
            "call": self._output.current_call(),
            "file": _text(record.pathname),
            "line": record.lineno,
        }
        exception = (
            _FORMATTER.formatException(record.exc_info) if record.exc_info else record.exc_text
        )
        said = "\n".join(part for part in (exception, record.stack_info) if part)
        return {**entry, "exception": _text(said)} if said else entry


class _NoLock:
    def acquire(self) -> None: ...

    def release(self) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def attach(taken: Capture) -> None:
    """Add a handler to the root logger, which `basicConfig` neither minds nor doubles."""
    root = logging.getLogger()
    if any(isinstance(handler, EntryHandler) for handler in root.handlers):
        return
    handler = EntryHandler(taken.output)
    root.addHandler(handler)
    logging.basicConfig = _keeping(handler, logging.basicConfig)


def _keeping(handler: EntryHandler, configure: Callable[..., None]) -> Callable[..., None]:
    """Let `basicConfig` do its work: with a handler at the root it would do nothing at all."""

    @wraps(configure)
    def basic_config(**options: Any) -> None:  # noqa: ANN401 - those of `logging.basicConfig`
        root = logging.getLogger()
        before = [each for each in root.handlers if each is not handler]
        root.removeHandler(handler)
        try:
            configure(**options)
        finally:
            for each in list(root.handlers):
                if each not in before and _is_print(each):
                    # It would say everything again, as text.
                    root.removeHandler(each)
            root.addHandler(handler)

    return basic_config


def _is_print(handler: logging.Handler) -> bool:
    return type(handler) is logging.StreamHandler and isinstance(handler.stream, PrintStream)


def _text(text: object) -> str:
    shown = text if isinstance(text, str) else str(text)
    if len(shown) > MAX_LINE:
        shown = f"{shown[:MAX_LINE]}…"
    return shown if shown.isascii() else shown.encode("utf-8", "backslashreplace").decode("utf-8")
