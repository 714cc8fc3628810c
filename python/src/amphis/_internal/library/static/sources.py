"""Definitions behind names: through imports, stars and re-exports, across files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from amphis._internal.library.static.brackets import HAS_BRACKETS, in_brackets
from amphis._internal.library.static.find import Finder, Found
from amphis._internal.library.static.scope import (
    Assigned,
    Binding,
    ClassScope,
    Functions,
    Imported,
    Scope,
    read_scope,
)

# So many steps from a name to what it means; more are a circle.
_MAX_STEPS = 40


@dataclass(frozen=True, slots=True)
class Definition:
    """What a name means, and where that is written."""

    scope: Scope
    # Within the module: `norm`, `Generator.integers`; empty for the module itself.
    qualname: str
    binding: Functions | Assigned | ClassScope | None
    # The classes around it, outermost first.
    classes: tuple[ClassScope, ...] = ()
    # Type parameters that stand in brackets behind its name.
    own: dict[str, Assigned] = field(default_factory=dict, compare=False)

    @property
    def path(self) -> str:
        """The module and the name in it."""
        return f"{self.scope.module}.{self.qualname}" if self.qualname else self.scope.module

    @property
    def is_type_variable(self) -> bool:
        """Whether it stands for a type that is not known here."""
        return variable_kind(self) is not None

    def with_own(self, node: ast.AST | None) -> Definition:
        """As one whose type parameters stand in brackets there."""
        own = in_brackets(node)
        return replace(self, own=own) if own else self

    def parameter(self, name: str) -> Definition | None:
        """What a name means that stands in brackets, here or behind the name of a class around."""
        if not HAS_BRACKETS:
            # It is asked for each name in each annotation.
            return None
        found = self.own.get(name)
        if found is None and isinstance(self.binding, Assigned):
            found = in_brackets(self.binding.statement).get(name)
        around = [one for one in (*self.classes, self.binding) if isinstance(one, ClassScope)]
        while found is None and around:
            found = in_brackets(around.pop().node).get(name)
        return None if found is None else replace(self, qualname=name, binding=found)


_VARIABLES = {"TypeVar": "type", "ParamSpec": "parameters", "TypeVarTuple": "types"}


def variable_kind(definition: Definition) -> str | None:
    """The kind of a type variable; None for everything else."""
    value = definition.binding.value if isinstance(definition.binding, Assigned) else None
    if not isinstance(value, ast.Call):
        return None
    function = value.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    return _VARIABLES.get(function.id if isinstance(function, ast.Name) else name)


@dataclass(slots=True)
class Sources:
    """Every file that describes a module, read once and when it is needed."""

    finder: Finder
    _read: dict[str, Scope | None] = field(default_factory=dict)
    _found: dict[tuple[str, str, str], Definition | None] = field(default_factory=dict)

    def stub(self, module: str) -> Scope | None:
        """What the stub of a module says, where there is one."""
        return self._file(f"{module}:pyi", module, self.finder.stub)

    def source(self, module: str) -> Scope | None:
        """What the source of a module says, where there is one."""
        return self._file(f"{module}:py", module, self.finder.source)

    def _file(self, key: str, module: str, find: object) -> Scope | None:
        if key not in self._read:
            found: Found | None = find(module) if callable(find) else None
            scope = None
            if found is not None:
                scope = read_scope(found.path, module, is_package=found.is_package)
            self._read[key] = scope
        return self._read[key]

    def scopes(self, module: str) -> Iterator[Scope]:
        """The stub of a module, then its source."""
        stub = self.stub(module)
        if stub is not None:
            yield stub
        source = self.source(module)
        if source is not None:
            yield source

    def find(self, module: str, name: str, steps: int = 0) -> Definition | None:
        """What a name in a module means; a dotted one is looked up in classes."""
        for scope in self.scopes(module):
            found = self.find_in(scope, name, steps)
            if found is not None:
                return found
        first, dot, rest = name.partition(".")
        outer = next(self.scopes(module), None)
        if outer is not None and not outer.is_package:
            return None
        inner = next(self.scopes(f"{module}.{first}"), None)
        if inner is None or steps > _MAX_STEPS:
            return None
        return self.find(inner.module, rest, steps + 1) if dot else Definition(inner, "", None)

    def find_in(self, scope: Scope, name: str, steps: int = 0) -> Definition | None:
        """What a name means that one file binds."""
        if steps > _MAX_STEPS:
            return None
        first, dot, rest = name.partition(".")
        binding = scope.names.get(first)
        if binding is None:
            return self._find_in_stars(scope, name, steps)
        found = self._follow(scope, first, binding, steps)
        return self._inner(found, rest, steps) if dot and found is not None else found

    def _find_in_stars(self, scope: Scope, name: str, steps: int) -> Definition | None:
        if name.startswith("_") and scope.is_stub:
            return None
        for module in scope.stars:
            if module != scope.module:
                found = self.find(module, name, steps + 1)
                if found is not None:
                    return found
        return None

    def _follow(self, scope: Scope, name: str, binding: Binding, steps: int) -> Definition | None:
        if not isinstance(binding, Imported):
            return Definition(scope, name, binding)
        if binding.name is None:
            module = next(self.scopes(binding.module), None)
            return None if module is None else Definition(module, "", None)
        if binding.module == scope.module and binding.name == name:
            return self.find(f"{binding.module}.{name}", "", steps + 1)
        return self.find(binding.module, binding.name, steps + 1)

    def _inner(self, outer: Definition, rest: str, steps: int) -> Definition | None:
        if outer.binding is None:
            return self.find(outer.scope.module, rest, steps + 1)
        if isinstance(outer.binding, Assigned) and outer.binding.value is not None:
            target = self.find_expression(outer, outer.binding.value, steps + 1)
            return None if target is None else self._inner(target, rest, steps + 1)
        if not isinstance(outer.binding, ClassScope):
            return None
        first, dot, more = rest.partition(".")
        binding = outer.binding.names.get(first)
        if binding is None:
            return None
        if isinstance(binding, Imported):
            return self._follow(outer.scope, first, binding, steps + 1)
        classes = (*outer.classes, outer.binding)
        found = Definition(outer.scope, f"{outer.qualname}.{first}", binding, classes)
        return self._inner(found, more, steps + 1) if dot else found

    def find_expression(self, at: Definition, node: ast.expr, steps: int = 0) -> Definition | None:
        """What `a.b.c` means where a definition stands."""
        name = dotted(node)
        if name is None or steps > _MAX_STEPS:
            return None
        parameter = at.parameter(name)
        if parameter is not None:
            return parameter
        # The same few names stand in thousands of annotations.
        around = ".".join(at.qualname.split(".")[: len(at.classes)])
        key = (at.scope.path, around, name)
        if key not in self._found:
            self._found[key] = self._search(at, name, steps)
        return self._found[key]

    def _search(self, at: Definition, name: str, steps: int) -> Definition | None:
        first = name.partition(".")[0]
        for depth in range(len(at.classes), 0, -1):
            if _can_be_type(at.classes[depth - 1].names.get(first)):
                outer = ".".join(at.qualname.split(".")[:depth])
                around = Definition(at.scope, outer, at.classes[depth - 1], at.classes[: depth - 1])
                found = self._inner(around, name, steps + 1)
                if found is not None:
                    return found
        return self.find_in(at.scope, name, steps + 1) or self.find("builtins", name, steps + 1)

    def imported_path(self, scope: Scope, name: str) -> str | None:
        """The path that imports give a name whose definition no file has."""
        first, dot, rest = name.partition(".")
        binding = scope.names.get(first)
        if not isinstance(binding, Imported):
            return None
        parts = [binding.module, *([binding.name] if binding.name else [])]
        return ".".join([*parts, rest] if dot else parts)


def _can_be_type(binding: Binding | None) -> bool:
    """Whether a name in a class may mean a type: `def dtype(self) -> dtype` means another one."""
    if isinstance(binding, Assigned):
        annotation = None if binding.annotation is None else dotted(binding.annotation)
        return binding.annotation is None or (annotation or "").endswith("TypeAlias")
    return isinstance(binding, ClassScope | Imported)


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` of names and attributes; None for everything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])
