"""The audit hook in Python, where there is no C extension; see native/python_guard.c.

Weaker: code that looks for it finds its state, and can change that.
"""

from __future__ import annotations

import os
import sys

from amphis._internal.worker.guard_events import IMPORTS, OPENS, READS, REFUSE, RENAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Of SQLite; up to Python 3.10 it says so in bytes.
_IN_MEMORY = (":memory:", b":memory:")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def add_hook(
    events: list[tuple[str, str, int]],
    *,
    modules: list[str],
    read: list[str] | None,
    write: list[str] | None,
    report: Callable[[str, str, object], BaseException],
) -> None:
    """As `Core.guard` of the C extension."""
    hook = _Hook(events, modules, {"files.read": read, "files.write": write}, report)
    sys.addaudithook(hook.hear)


class _Hook:
    def __init__(
        self,
        events: list[tuple[str, str, int]],
        modules: list[str],
        paths: dict[str, list[str] | None],
        report: Callable[[str, str, object], BaseException],
    ) -> None:
        self._known = {name: (rule, kind) for name, rule, kind in events}
        self._modules = modules
        self._report = report
        self._roots = {
            rule: None if given is None else [os.path.realpath(path) for path in given]
            for rule, given in paths.items()
        }

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        found = self._known.get(event) or self._known.get(f"{event.partition('.')[0]}.")
        if found is None:
            return
        rule, kind = found
        if kind == REFUSE:
            raise self._report(rule, event, arguments[0] if arguments else None)
        if kind == IMPORTS:
            self._import(rule, event, arguments[0])
        elif kind == OPENS:
            writes = isinstance(arguments[2], int) and arguments[2] & _WRITING
            self._path(event, "files.write" if writes else "files.read", arguments[0])
        else:
            which = "files.read" if kind == READS else "files.write"
            for given in arguments[: 2 if kind == RENAMES else 1]:
                self._path(event, which, given)

    def _import(self, rule: str, event: str, name: str) -> None:
        starts = (f"{each}." if each[-1] != "*" else each[:-1] for each in self._modules)
        if name in self._modules or name.startswith(tuple(starts)):
            raise self._report(rule, event, name)

    def _path(self, event: str, rule: str, given: object) -> None:
        roots = self._roots[rule]
        if roots is None or given is None or isinstance(given, int) or given in _IN_MEMORY:
            return
        try:
            real = os.path.realpath(os.fsdecode(given))  # type: ignore[arg-type] # else TypeError
        except (TypeError, ValueError, OSError):
            return
        if not any(real == root or real.startswith(f"{root.rstrip('/')}/") for root in roots):
            raise self._report(rule, event, given)
