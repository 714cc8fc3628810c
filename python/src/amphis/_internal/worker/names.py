"""Objects by name: `numpy.linalg:norm`."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

# Names come from the program and are few; whoever makes them up endlessly must not fill the memory.
_MOST_KNOWN = 10_000


class Names:
    """Finds objects by name, fast the second time, and always what the name means now.

    What is kept of `module:attribute` is where it stands, not what stands there: an attribute may
    be bound anew.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
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
        module = import_module(module_name)
        found: object = module
        for attribute in attributes:
            found = _attribute(found, attribute)
        scope = getattr(module, "__dict__", None)
        if len(attributes) == 1 and type(scope) is dict and attributes[0] in scope:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[name] = (scope, attributes[0])
        return found


def _attribute(target: object, name: str) -> object:
    """Read an attribute, or import it where it is a module of a package."""
    try:
        return getattr(target, name)
    except AttributeError:
        if not isinstance(target, ModuleType) or not hasattr(target, "__path__"):
            raise
        inner = f"{target.__name__}.{name}"
        try:
            import_module(inner)
        except ModuleNotFoundError as missing:
            if missing.name != inner:
                raise
        else:
            return sys.modules[inner]
        # The attribute is what was asked for, so that is what is missing.
        raise


def _no_name(name: str) -> AmphisError:
    expected = "module:attribute"
    return AmphisError(
        ErrorCode.BODY_INVALID,
        f"Cannot find {name[:200]!r}: a name is written {expected}, such as numpy.linalg:norm",
        {"body": "call", "path": "$[0]", "expected": expected},
    )
