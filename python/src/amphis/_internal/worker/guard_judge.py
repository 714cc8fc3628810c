"""Judges what a program asks for, by the object that it reaches and not by its name.

`numpy.os.system` is `posix.system`, whatever way leads to it. Judged are names, attributes and
items on the way, what is called, what it is given and what it gives.
"""

from __future__ import annotations

import sys
from functools import partial
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    FunctionType,
    MethodType,
    ModuleType,
)

from amphis._internal.worker.guard import guard
from amphis._internal.worker.guard_policy import Policy
from amphis._internal.worker.guard_report import Reports, text_of
from amphis._internal.worker.names import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from amphis._internal.worker.cancel import Guard
    from amphis._internal.worker.core import Core
    from amphis._internal.worker.guard_policy import Names as Patterns

_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes, list, tuple))
_CODE = frozenset(("FunctionType", "function", "code", "eval", "exec", "compile", "__import__"))
_ENDINGS = ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")
_PROCESSES = frozenset(
    (
        *("system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "kill", "killpg"),
        *(f"{kind}{end}" for kind in ("exec", "spawn") for end in _ENDINGS),
    )
)
_LOADS = frozenset(("load", "loads", "Unpickler", "open", "read_pickle", "PickleSerializer"))
_FRAMES = frozenset(("currentframe", "stack", "trace", "getinnerframes", "getouterframes"))
_TRACES = frozenset(
    (
        *("settrace", "setprofile", "_getframe", "_getframemodulename", "_current_frames"),
        *("_current_exceptions", "addaudithook", "call_tracing", "modules", "meta_path"),
    )
)
# Where things are at home that need a grant: the rule, and which of them; None: all of it.
_HOMES: dict[str, tuple[str, frozenset[str] | None]] = {
    "_ctypes": ("ctypes", None),
    "_frozen_importlib": ("code", None),
    "_frozen_importlib_external": ("code", None),
    "_pickle": ("pickle", _LOADS),
    "_posixsubprocess": ("processes", None),
    "_socket": ("network", None),
    "amphis._internal.worker.operations": (
        "code",
        frozenset(("evaluate", "execute", "run_file", "namespace", "module")),
    ),
    "builtins": ("code", _CODE | {"breakpoint", "input"}),
    "cffi": ("ctypes", None),
    "cloudpickle": ("pickle", _LOADS),
    "code": ("code", None),
    "codeop": ("code", None),
    "ctypes": ("ctypes", None),
    "dill": ("pickle", _LOADS),
    "gc": ("introspection", None),
    "importlib": ("code", None),
    "inspect": ("introspection", _FRAMES),
    "joblib": ("pickle", _LOADS),
    "marshal": ("pickle", _LOADS),
    "multiprocessing": ("processes", None),
    "nt": ("processes", _PROCESSES),
    "os": ("processes", _PROCESSES),
    "pickle": ("pickle", _LOADS),
    "posix": ("processes", _PROCESSES),
    "pty": ("processes", None),
    "runpy": ("code", None),
    "shelve": ("pickle", _LOADS),
    "socket": ("network", None),
    "subprocess": ("processes", None),
    "sys": ("introspection", _TRACES),
    "timeit": ("code", None),
}
# What TypeScript's own functions are made of: operators, `len`, `repr`, contexts.
_OWN = frozenset(
    (
        *("_operator", "amphis", "amphis._internal.worker.operations", "builtins"),
        # They find what they call as calls by name do, which is judged in turn.
        *("amphis._internal.worker.around", "amphis._internal.worker.batches"),
        "amphis._internal.worker.typed",
    )
)
_OWN_NAMES = _OWN | {"operator"}


class Judge:
    """Judges on behalf of one policy.

    Attributes:
        kind: of the audit hook, "native" or "python"; None: it is not set yet
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._reports = Reports()
        self.kind: str | None = None

    def guard(self, core: Core) -> None:
        """Set the audit hook; from here on code of users may run."""
        self._reports.join(core)
        self.kind = guard(self._policy, self._reports)

    def names(self, guards: dict[int, Guard]) -> Names:
        """Names that are judged."""
        return _JudgedNames(guards, self)

    def name(self, name: str) -> None:
        """Judge a name before anything is imported for it.

        Raises:
            PolicyDenied: the policy does not allow it
        """
        policy = self._policy
        module = name.partition(":")[0]
        is_own = module in _OWN_NAMES
        if policy.denied.hold(module):
            raise self._reports("libraries.deny", "reach", name)
        if policy.allowed and not is_own and not policy.allowed.hold(module):
            raise self._reports("libraries.allow", "reach", name)
        if ":" not in name:
            return
        if policy.refused.hold(name):
            raise self._reports("functions.deny", "reach", name)
        if policy.functions and not is_own and not policy.functions.hold(name):
            raise self._reports("functions.allow", "reach", name)

    def reach(self, value: object) -> None:
        """Judge an object.

        Raises:
            PolicyDenied: the policy does not allow it
        """
        kind = type(value)
        if kind in _PLAIN:
            return
        if kind is MethodType:
            self.reach(value.__func__)  # type: ignore[attr-defined] # a method has one
        elif kind is partial:
            self.reach(value.func)  # type: ignore[attr-defined] # as above
        elif issubclass(kind, ModuleType):
            self._module(str(ModuleType.__getattribute__(value, "__dict__").get("__name__", "")))
        elif kind is FrameType or kind is CodeType or value is sys.modules:
            self._need("introspection", kind.__name__)
        elif kind is dict:
            # The names of a module: what it imported is all there.
            if "__builtins__" in value and "__loader__" in value:  # type: ignore[operator] # a dict
                self._need("introspection", "names of a module")
        elif kind is FunctionType or kind is BuiltinFunctionType:
            self._definition(value.__module__, value.__qualname__)  # type: ignore[attr-defined] # as above
        elif issubclass(kind, type):
            names = type.__getattribute__(value, "__dict__")
            module = names.get("__module__", "builtins")
            self._definition(module, type.__getattribute__(value, "__qualname__"))

    def do(self, operation: str, act: Callable[..., object], parts: list[Any]) -> object:
        """Do a step of a program, and judge what it is about."""
        if operation == "call":
            target, args, kwargs = parts
            self._call(target, args, kwargs)
        elif operation in {"set", "delete", "setItem", "deleteItem"}:
            self._change(parts[0])
        value = act(*parts)
        if operation != "value":
            self.reach(value)
        return value

    def callee(self, resolve: Callable[[str], object]) -> Callable[[str], Callable[..., object]]:
        """How calls find what they call: what they give it, and get of it, is judged too."""

        def find(name: str) -> Callable[..., object]:
            target: Any = resolve(name)

            def call(*args: object, **kwargs: object) -> object:
                self._call(target, args, kwargs)
                value = target(*args, **kwargs)
                self.reach(value)
                return value

            return call

        return find

    def _call(self, target: object, args: Any, kwargs: dict[str, object]) -> None:  # noqa: ANN401 - a list or a tuple
        self.reach(target)
        self._function(target)
        if (target is setattr or target is delattr) and args:
            self._change(args[0])
        for value in args:
            self.reach(value)
        for value in kwargs.values():
            self.reach(value)

    def _function(self, target: object) -> None:
        """Judge what is called by the lists of functions, whatever name led to it."""
        policy = self._policy
        if not policy.functions and not policy.refused:
            return
        module = getattr(target, "__module__", None)
        path = getattr(target, "__qualname__", None)
        is_named = type(module) is str and type(path) is str
        name = f"{module}:{path}" if is_named else text_of(target)
        if policy.refused.hold(name) or _is_one_of(target, policy.refused):
            raise self._reports("functions.deny", "reach", name)
        # Methods belong to objects, which allowed functions gave.
        is_own = module in _OWN or not is_named or "." in str(path)
        if not policy.functions or is_own or policy.functions.hold(name):
            return
        if not _is_one_of(target, policy.functions):
            raise self._reports("functions.allow", "reach", name)

    def _change(self, target: object) -> None:
        """Modules, classes and functions are what other code goes by."""
        if issubclass(type(target), (ModuleType, FunctionType, type)):
            self._need("code", f"change of {getattr(target, '__name__', '')}")

    def _module(self, name: str) -> None:
        policy = self._policy
        if policy.denied.hold(name):
            raise self._reports("libraries.deny", "reach", name)
        is_own = name in _OWN_NAMES
        rule, names = self._home(name)
        if names is None:
            self._need(rule, name)
        if policy.allowed and not is_own and not policy.allowed.hold(name):
            raise self._reports("libraries.allow", "reach", name)

    def _definition(self, module: object, path: str) -> None:
        # What belongs to an object, such as a method of a list, is as harmless as that.
        if type(module) is not str:
            return
        policy = self._policy
        name = f"{module}:{path}"
        rule, names = self._home(module)
        if names is None or path in names:
            self._need(rule, name)
        if policy.denied.hold(module):
            raise self._reports("libraries.deny", "reach", name)
        if policy.refused.hold(name):
            raise self._reports("functions.deny", "reach", name)
        if policy.allowed and module not in _OWN and not policy.allowed.hold(module):
            raise self._reports("libraries.allow", "reach", name)

    @staticmethod
    def _home(module: str) -> tuple[str, frozenset[str] | None]:
        found = _HOMES.get(module) or _HOMES.get(module.partition(".")[0])
        return ("", frozenset()) if found is None else found

    def _need(self, rule: str, target: str) -> None:
        if rule not in self._policy.granted:
            raise self._reports(rule, "reach", target)


def _is_one_of(target: object, patterns: Patterns) -> bool:
    """Whether a pattern is a name of this very object, or all of a module that it is below."""
    for pattern in patterns.given:
        module, _, path = pattern.partition(":")
        found: object = sys.modules.get(module)
        if path == "*":
            home = getattr(target, "__module__", None)
            if type(home) is str and (home == module or home.startswith(f"{module}.")):
                return True
        elif found is not None and "*" not in path:
            for part in path.split("."):
                found = getattr(found, part, None)
            if found is target:
                return True
    return False


class _JudgedNames(Names):
    __slots__ = ("judge",)

    def __init__(self, guards: dict[int, Guard], judge: Judge) -> None:
        super().__init__(guards)
        self.judge = judge

    def resolve(self, name: str) -> object:
        """As in `Names`; raises PolicyDenied too."""
        judge = self.judge
        assert judge is not None  # noqa: S101 - narrows the type
        judge.name(name)
        found = super().resolve(name)
        judge.reach(found)
        return found
