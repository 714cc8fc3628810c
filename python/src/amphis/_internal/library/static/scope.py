"""The names that a module's source or stub binds, as Python would bind them here."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef

# A literal of a type stands in a subscript; so much of a file is nobody's source.
MAX_SOURCE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """`from module import name`, or `import module` where there is no name."""

    module: str
    name: str | None
    # `import a as a` and `from m import a as a` mean in a stub that the name is exported.
    is_explicit: bool


@dataclass(slots=True)
class Functions:
    """All definitions of one name: overloads, accessors of a property, the implementation."""

    nodes: list[Function]


@dataclass(slots=True)
class Assigned:
    """What a name is annotated with and bound to."""

    annotation: ast.expr | None
    value: ast.expr | None
    # Of `type X[T] = ...`.
    statement: ast.stmt | None = None


@dataclass(slots=True)
class ClassScope:
    """A class and the names in its body."""

    node: ast.ClassDef
    names: dict[str, Binding]


Binding = Imported | Functions | Assigned | ClassScope


@dataclass(slots=True)
class Scope:
    """A module as one file describes it."""

    module: str
    is_package: bool
    is_stub: bool
    path: str
    names: dict[str, Binding] = field(default_factory=dict)
    # Modules of `from module import *`.
    stars: list[str] = field(default_factory=list)
    exported: list[str] | None = None
    doc: str | None = None


def read_scope(path: str, module: str, *, is_package: bool) -> Scope | None:
    """The scope of a file; None when it cannot be read as this Python's source."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - thousands are read
            source = file.read(MAX_SOURCE_BYTES + 1)
        if len(source) > MAX_SOURCE_BYTES:
            return None
        tree = ast.parse(source, path)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        # Newer syntax than this Python's, or no Python at all.
        return None
    is_stub = path.endswith(".pyi")
    scope = Scope(module, is_package, is_stub, path, doc=ast.get_docstring(tree))
    _Reader(scope).read(tree.body, scope.names)
    return scope


class _Reader:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def read(self, body: list[ast.stmt], names: dict[str, Binding]) -> None:
        for statement in body:
            self._statement(statement, names)

    def _statement(self, node: ast.stmt, names: dict[str, Binding]) -> None:  # noqa: C901, PLR0912 - one branch for each statement
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            _add_function(node, names)
        elif isinstance(node, ast.ClassDef):
            inner: dict[str, Binding] = {}
            names[node.name] = ClassScope(node, inner)
            self.read(node.body, inner)
        elif isinstance(node, ast.ImportFrom):
            self._import_from(node, names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                module = alias.name if alias.asname else name
                names[name] = Imported(module, None, alias.asname == alias.name)
        elif isinstance(node, ast.AnnAssign):
            if isinstance(node.target, ast.Name):
                names[node.target.id] = Assigned(node.annotation, node.value)
        elif isinstance(node, ast.Assign):
            self._assign(node, names)
        elif isinstance(node, ast.AugAssign):
            self._extend(node)
        elif isinstance(node, ast.If):
            self._if(node, names)
        elif isinstance(node, ast.Try):
            # Of the names that several branches bind, those of the first are what is meant.
            self._branches([node.body, *(one.body for one in node.handlers), node.orelse], names)
            self.read(node.finalbody, names)
        elif isinstance(node, ast.With):
            self.read(node.body, names)
        elif type(node).__name__ == "TypeAlias":
            target = getattr(node, "name", None)
            if isinstance(target, ast.Name):
                names[target.id] = Assigned(None, getattr(node, "value", None), node)

    def _if(self, node: ast.If, names: dict[str, Binding]) -> None:
        known = is_true_here(node.test)
        if known is None:
            self._branches([node.body, node.orelse], names)
        else:
            self.read(node.body if known else node.orelse, names)

    def _branches(self, branches: list[list[ast.stmt]], names: dict[str, Binding]) -> None:
        bound: dict[str, Binding] = {}
        for branch in branches:
            own: dict[str, Binding] = {}
            self.read(branch, own)
            for name, binding in own.items():
                bound.setdefault(name, binding)
        names.update(bound)

    def _import_from(self, node: ast.ImportFrom, names: dict[str, Binding]) -> None:
        module = absolute(self._scope, node.module or "", node.level)
        for alias in node.names:
            if alias.name == "*":
                self._scope.stars.append(module)
                continue
            name = alias.asname or alias.name
            names[name] = Imported(module, alias.name, alias.asname == alias.name)

    def _assign(self, node: ast.Assign, names: dict[str, Binding]) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                names[target.id] = Assigned(None, node.value)
                if target.id == "__all__" and names is self._scope.names:
                    self._scope.exported = _texts(node.value)
            elif isinstance(target, ast.Tuple):
                for element in target.elts:
                    if isinstance(element, ast.Name):
                        names[element.id] = Assigned(None, None)

    def _extend(self, node: ast.AugAssign) -> None:
        is_all = isinstance(node.target, ast.Name) and node.target.id == "__all__"
        if is_all and self._scope.exported is not None:
            more = _texts(node.value)
            # What is added cannot be known here, so nothing is known.
            self._scope.exported = None if more is None else self._scope.exported + more


def _add_function(node: Function, names: dict[str, Binding]) -> None:
    known = names.get(node.name)
    decorators = [decorator_name(one) for one in node.decorator_list]
    is_accessor = any(one in (f"{node.name}.setter", f"{node.name}.deleter") for one in decorators)
    if isinstance(known, Functions) and (is_accessor or is_overload(known.nodes[-1])):
        known.nodes.append(node)
    else:
        names[node.name] = Functions([node])


def decorator_name(node: ast.expr) -> str:
    """`functools.wraps` for `@functools.wraps(f)`; nothing for what has no name."""
    if isinstance(node, ast.Call):
        node = node.func
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def is_overload(node: Function) -> bool:
    """Whether it is one of several ways to call a function."""
    return any(decorator_name(one).endswith("overload") for one in node.decorator_list)


def absolute(scope: Scope, module: str, level: int) -> str:
    """The module that `from ..module import` means here."""
    if level == 0:
        return module
    parts = scope.module.split(".")
    up = level - 1 if scope.is_package else level
    parts = parts[: len(parts) - up] if up else parts
    return ".".join([*parts, module] if module else parts)


def is_true_here(test: ast.expr) -> bool | None:  # noqa: PLR0911 - one for each form
    """Whether a condition on the version, the platform or type checking holds; None if unknown."""
    if isinstance(test, ast.BoolOp):
        known = [is_true_here(one) for one in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in known:
            return decisive
        return None if None in known else not decisive
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        known_one = is_true_here(test.operand)
        return None if known_one is None else not known_one
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Name | ast.Attribute):
        name = decorator_name(test)
        return True if name.rpartition(".")[2] == "TYPE_CHECKING" else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test)
    if isinstance(test, ast.Call) and decorator_name(test) == "sys.platform.startswith":
        prefix = _constant(test.args[0]) if test.args else None
        return sys.platform.startswith(prefix) if isinstance(prefix, str) else None
    return None


def _compared(test: ast.Compare) -> bool | None:
    left, wanted = test.left, _constant(test.comparators[0])
    have: object
    if isinstance(left, ast.Subscript) and decorator_name(left.value) == "sys.version_info":
        index = _constant(left.slice)
        if isinstance(left.slice, ast.Slice):
            upper = _constant(left.slice.upper) if left.slice.upper else None
            have = tuple(sys.version_info)[: upper if isinstance(upper, int) else None]
        else:
            have = sys.version_info[index] if isinstance(index, int) else None
    else:
        have = {"sys.version_info": sys.version_info, "sys.platform": sys.platform}.get(
            decorator_name(left)
        )
    if have is None or wanted is None:
        return None
    return _holds(test.ops[0], have, wanted)


def _holds(operator: ast.cmpop, have: object, wanted: object) -> bool | None:
    if isinstance(operator, ast.Eq):
        return have == wanted
    if isinstance(operator, ast.NotEq):
        return have != wanted
    if isinstance(have, tuple) and isinstance(wanted, tuple):
        return _ordered(operator, have, wanted)
    if isinstance(have, int) and isinstance(wanted, int):
        return _ordered(operator, (have,), (wanted,))
    return None


def _ordered(
    operator: ast.cmpop, have: tuple[object, ...], wanted: tuple[object, ...]
) -> bool | None:
    one = tuple(part for part in have if isinstance(part, int))
    other = tuple(part for part in wanted if isinstance(part, int))
    if isinstance(operator, ast.GtE):
        return one >= other
    if isinstance(operator, ast.Gt):
        return one > other
    if isinstance(operator, ast.LtE):
        return one <= other
    return one < other if isinstance(operator, ast.Lt) else None


def _constant(node: ast.expr) -> object:
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None
    return value


def _texts(node: ast.expr) -> list[str] | None:
    value = _constant(node)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return list(value)
    return None
