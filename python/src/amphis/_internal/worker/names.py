"""Objects by name: `numpy.linalg:norm`."""

from __future__ import annotations

import sys
from importlib import import_module
from threading import get_ident
from types import ModuleType

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.guard_judge import Judge

# Names come from the program and are few; whoever makes them up endlessly must not fill the memory.
_MOST_KNOWN = 10_000


class Names:
    """Finds objects by name, fast the second time, and always what the name means now.

    What is kept of `module:attribute` is where it stands, not what stands there: an attribute may
    be bound anew.

    An import is not broken off when its call is cancelled: half of a package, such as one whose C
    part cannot be loaded twice, would be of no use to any call after that. It goes on to its end,
    and the call ends there. An `import` statement in code of the user is code like any other.

    Args:
        guards: of threads that run calls, by their number
    """

    __slots__ = ("_guards", "_known")

    judge: Judge | None = None

    def __init__(self, guards: dict[int, Guard]) -> None:
        self._guards = guards
        self._known: dict[str, tuple[dict[str, object], str]] = {}

    def resolve(self, name: str) -> object:
        """Find `module:attribute`, with dots between attributes, or `module`.

        Raises:
            AmphisError: BODY_INVALID when it is no such name
            BaseException: whatever the import of the module, or reading an attribute, raises
        """
        known = self._known.get(name)
        if known is not None:
            scope, attribute = known
            try:
                return scope[attribute]
            except KeyError:
                # Deleted, or left to `__getattr__` of the module by now.
                del self._known[name]
        return self._find(name)

    def _find(self, name: str) -> object:
        module_name, colon, path = name.partition(":")
        attributes = path.split(".") if colon else []
        if not all(part.isidentifier() for part in [*module_name.split("."), *attributes]):
            raise _no_name(name)
        module = self._import(module_name)
        found: object = module
        for attribute in attributes:
            found = self._attribute(found, attribute)
        scope = getattr(module, "__dict__", None)
        if len(attributes) == 1 and type(scope) is dict and attributes[0] in scope:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[name] = (scope, attributes[0])
        return found

    def _import(self, name: str) -> ModuleType:
        loaded = sys.modules.get(name)
        guard = self._guards.get(get_ident())
        if guard is None or loaded is not None:
            # The second for a module that another thread imports right now, too.
            return import_module(name)
        call_id = guard.suspend()
        try:
            return import_module(name)
        finally:
            guard.resume(call_id)

    def _attribute(self, target: object, name: str) -> object:
        """Read an attribute, or import it where it is a module of a package."""
        try:
            return getattr(target, name)
        except AttributeError:
            if not isinstance(target, ModuleType) or not hasattr(target, "__path__"):
                raise
            inner = f"{target.__name__}.{name}"
            try:
                self._import(inner)
            except ModuleNotFoundError as missing:
                if missing.name != inner:
                    raise
            else:
                return sys.modules[inner]
            # The attribute is what was asked for, so that is what is missing.
            raise


_of_worker: list[Names] = []


def serve(names: Names) -> None:
    """Make these the names of this worker, for what is loaded later and finds things itself."""
    _of_worker[:] = [names]


def names_of_worker() -> Names:
    """Find names as calls of this worker do: judged, where there is a policy."""
    return _of_worker[0]


def _no_name(name: str) -> AmphisError:
    expected = "module:attribute"
    return AmphisError(
        ErrorCode.BODY_INVALID,
        f"Cannot find {name[:200]!r}: a name is written {expected}, such as numpy.linalg:norm",
        {"body": "call", "path": "$[0]", "expected": expected},
    )
