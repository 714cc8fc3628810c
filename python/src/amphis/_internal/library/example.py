"""Runs the example of a docstring, as Python's prompt would."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# What is longer is read by nobody, and is not worth its way.
_MOST_OUTPUT = 20_000
_MOST_TOTAL = 200_000


class _Limited(io.TextIOBase):
    """Keeps the start of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._left = _MOST_OUTPUT

    def write(self, text: str, /) -> int:
        part = str(text)[: self._left]
        self._left -= len(part)
        self._parts.append(part)
        return len(text)

    def writable(self) -> bool:
        return True

    def text(self) -> str:
        return "".join(self._parts) + ("…" if self._left == 0 else "")


def run_example(module: str, names: list[str], sources: list[str]) -> list[dict[str, object]]:
    """What each statement prints and shows; the last one that is run may have raised.

    `names` are those of the module that the statements have without importing them.
    """
    space: dict[str, object] = {"__name__": "__main__", "__builtins__": __builtins__}
    described = importlib.import_module(module)
    for name in names:
        if hasattr(described, name):
            space[name] = getattr(described, name)
    outcomes: list[dict[str, object]] = []
    left = _MOST_TOTAL
    for source in sources:
        outcome = _run(source, space)
        output = str(outcome["output"])[:left]
        left -= len(output)
        outcomes.append({**outcome, "output": output})
        if outcome["error"] is not None:
            break
    return outcomes


def _run(source: str, space: dict[str, object]) -> dict[str, object]:
    written = _Limited()
    error = None
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        shown = sys.displayhook
        sys.displayhook = _shower(written)
        try:
            # Like a prompt it shows what an expression comes to.
            exec(compile(source, "<example>", "single"), space)  # noqa: S102 - it is what this is for
        except (Exception, SystemExit) as raised:  # noqa: BLE001 - examples raise what they want
            error = "".join(traceback.format_exception_only(raised)).strip()[:_MOST_OUTPUT]
        finally:
            sys.displayhook = shown
    return {"output": written.text(), "error": error}


def _shower(written: _Limited) -> Callable[[object], None]:
    def show(value: object) -> None:
        if value is not None:
            written.write(f"{value!r}\n")

    return show
