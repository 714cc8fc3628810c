"""Namespaces of code that was given as text, as modules that pickle and data classes find by name.

What code defines says that it is of the module that `__name__` names, and libraries look there. A
namespace is there while its code runs, and as long as it lives if something was defined in it.
"""

from __future__ import annotations

import sys
import weakref
from types import FunctionType, ModuleType
from typing import Any

PREFIX = "amphis_code_"
"""What the names of such modules begin with."""

_HOME = "__amphis__"
_MAIN = "__main__"

_count = 0


def next_name() -> str:
    """A name for a namespace that no other has."""
    global _count  # noqa: PLW0603 - counts in this process
    _count += 1
    return f"{PREFIX}{_count}"


class _Home:
    """Lives in a namespace and as long as that, which by itself cannot be watched."""

    __slots__ = ("__weakref__", "names")

    def __init__(self, names: dict[str, object]) -> None:
        self.names = names


class _Watch(weakref.ref):  # type: ignore[type-arg] # of homes
    __slots__ = ("name",)

    name: str


class CodeModule(ModuleType):
    """A module that shows the names of a namespace, and does not keep it."""

    def __init__(self, name: str, file: str, home: _Home, before: ModuleType | None) -> None:
        super().__init__(name)
        self._file = file
        self._before = before
        self._watch = _Watch(home, _forget)
        self._watch.name = name

    @property
    def __dict__(self) -> dict[str, object]:  # type: ignore[override]
        home = self._watch()
        return {} if home is None else home.names

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the code defined
        names = self.__dict__
        if name in names:
            return names[name]
        if name == "__file__":
            # Where `inspect` finds the source of classes.
            return self._file
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return list(self.__dict__)


def enter_module(names: dict[str, object], file: str) -> None:
    """Let a namespace be found as a module; one that another module has the name of is not."""
    name = names.get("__name__")
    there = sys.modules.get(name) if type(name) is str else None
    is_ours = isinstance(there, CodeModule)
    if type(name) is not str or (there is not None and not is_ours and name != _MAIN):
        return
    home = names.get(_HOME)
    if not isinstance(home, _Home) or home.names is not names:
        home = names[_HOME] = _Home(names)
    before = there._before if isinstance(there, CodeModule) else there  # noqa: SLF001 - our own
    sys.modules[name] = CodeModule(name, file, home, before)


def leave_module(names: dict[str, object]) -> None:
    """Take it away again when it defined nothing: then nothing keeps a namespace of data alive."""
    if not any(_is_definition(value) for value in list(names.values())):
        names.pop(_HOME, None)


def _is_definition(value: object) -> bool:
    if not issubclass(type(value), (type, FunctionType)):
        return False
    # Not by `getattr`: a metaclass may run code.
    module = (type if isinstance(value, type) else object).__getattribute__(value, "__module__")
    there = sys.modules.get(module) if type(module) is str else None
    return isinstance(there, CodeModule)


def _forget(watch: _Watch) -> None:
    there = sys.modules.get(watch.name)
    if not isinstance(there, CodeModule) or there._watch is not watch:  # noqa: SLF001 - our own
        return
    if there._before is None:  # noqa: SLF001 - as above
        sys.modules.pop(watch.name, None)
    else:
        sys.modules[watch.name] = there._before  # noqa: SLF001 - as above
