"""Members that only files tell of: of modules that cannot be imported, of private classes."""

from __future__ import annotations

import ast
from typing import Any, Protocol

from amphis._internal.library.static.scope import (
    Assigned,
    Binding,
    ClassScope,
    Functions,
    Imported,
    Scope,
    decorator_name,
)
from amphis._internal.library.static.signature import (
    binding_of,
    static_deprecation,
    static_signatures,
    variables_of_class,
)
from amphis._internal.library.static.sources import Definition
from amphis._internal.library.static.types import Node, TypeReader, alias_target, class_of

Member = dict[str, Any]
_MAX_DEPTH = 8


class _Describer(Protocol):
    reader: TypeReader

    def type_alias(self, found: Definition, name: str, path: str) -> Member: ...

    def say(self, member: Member, thing: object, found: Definition | None) -> None: ...


class StaticDescriber:
    """Describes what was not imported."""

    def __init__(self, describer: _Describer) -> None:
        self._describer = describer
        self._reader = describer.reader

    def members(self, scope: Scope) -> list[Member]:
        """The public names of a module, as its file says them."""
        names = scope.exported
        if names is None:
            names = [name for name, one in scope.names.items() if _is_own(scope, name, one)]
        found = ((name, self._reader.sources.find_in(scope, name)) for name in names)
        members = (self._member(one, name, f"{scope.module}.{name}") for name, one in found if one)
        return [member for member in members if member is not None]

    def _member(self, found: Definition, name: str, path: str, depth: int = 0) -> Member | None:
        binding = found.binding
        if isinstance(binding, Functions):
            return self._function(found, name, path)
        if isinstance(binding, ClassScope):
            return self.describe_class(found, name, path, depth)
        if not isinstance(binding, Assigned) or found.is_type_variable:
            return None
        if alias_target(binding) is not None and not found.classes:
            return self._describer.type_alias(found, name, path)
        member: Member = {"name": name, "path": path}
        if binding.annotation is not None:
            self._reader.variables = {}
            member["type"] = self._reader.read(binding.annotation, found)
        if not found.classes:
            return {"kind": "value", **member}
        is_static = binding.annotation is None or "ClassVar" in ast.dump(binding.annotation)
        return {"kind": "property", **member, "isReadonly": False, "isStatic": is_static}

    def _function(self, found: Definition, name: str, path: str) -> Member:
        binding = found.binding
        node = binding.nodes[0] if isinstance(binding, Functions) else None
        names = [] if node is None else [decorator_name(one) for one in node.decorator_list]
        kinds = {one.rpartition(".")[2] for one in names}
        if found.classes and node is not None and kinds & {"property", "cached_property"}:
            return self._property(found, name, path)
        is_async = isinstance(node, ast.AsyncFunctionDef)
        yields = node is not None and not found.scope.is_stub and _yields(node)
        member: Member = {
            "kind": "function",
            "name": name,
            "path": path,
            "signatures": static_signatures(self._reader, found),
            "isAsync": is_async and not yields,
            "isGenerator": yields and not is_async,
            "isAsyncGenerator": yields and is_async,
        }
        if found.classes and node is not None:
            member["binding"] = binding_of(node)
        deprecated = None if node is None else static_deprecation(node)
        if deprecated is not None:
            member["deprecated"] = deprecated
        return member

    def _property(self, found: Definition, name: str, path: str) -> Member:
        nodes = found.binding.nodes if isinstance(found.binding, Functions) else []
        member: Member = {"kind": "property", "name": name, "path": path}
        self._reader.variables = {}
        if nodes and nodes[0].returns is not None:
            member["type"] = self._reader.read(nodes[0].returns, found.with_own(nodes[0]))
        return {**member, "isReadonly": len(nodes) < 2, "isStatic": False}

    def describe_class(self, found: Definition, name: str, path: str, depth: int = 0) -> Member:
        """A class as a file describes it."""
        scope = class_of(found)
        member: Member = {"kind": "class", "name": name, "path": path, "bases": []}
        if scope is None:
            return {**member, "constructors": [], "members": []}
        member["bases"] = self._bases(found, scope)
        variables = variables_of_class(self._reader, found)
        if variables:
            member["typeParameters"] = self._reader.parameters(variables)
        classes = (*found.classes, scope)
        at = {
            one: Definition(found.scope, f"{found.qualname}.{one}", binding, classes)
            for one, binding in scope.names.items()
            if not isinstance(binding, Imported)
        }
        made = at.get("__init__") or at.get("__new__")
        member["constructors"] = [] if made is None else static_signatures(self._reader, made)
        for one in member["constructors"]:
            one.pop("returns", None)
        nature = _nature(scope)
        if nature is not None:
            member["nature"] = nature
        described = [
            self._member(one, inner, f"{path}.{inner}", depth + 1)
            for inner, one in at.items()
            if _is_public(inner) and depth < _MAX_DEPTH
        ]
        member["members"] = [one for one in described if one is not None]
        deprecated = static_deprecation(scope.node)
        if deprecated is not None:
            member["deprecated"] = deprecated
        return member

    def _bases(self, found: Definition, scope: ClassScope) -> list[Node]:
        self._reader.variables = {}
        at = Definition(found.scope, found.qualname, None, found.classes).with_own(scope.node)
        bases = [self._reader.read(one, at) for one in scope.node.bases]
        dropped = ("typing.Generic", "typing.Protocol", "builtins.object")
        return [one for one in bases if one.get("path") not in dropped]


def _nature(scope: ClassScope) -> str | None:
    bases = {decorator_name(getattr(one, "value", one)).rpartition(".")[2]: 1
             for one in scope.node.bases if isinstance(one, ast.Subscript)}  # fmt: skip
    names = {decorator_name(one).rpartition(".")[2] for one in scope.node.bases} | set(bases)
    decorators = {decorator_name(one).rpartition(".")[2] for one in scope.node.decorator_list}
    for base, nature in (
        ("Protocol", "protocol"),
        ("TypedDict", "typed-dict"),
        ("NamedTuple", "named-tuple"),
    ):
        if base in names:
            return nature
    return "dataclass" if "dataclass" in decorators else None


def _is_own(scope: Scope, name: str, binding: Binding) -> bool:
    if name.startswith("_"):
        return False
    if not isinstance(binding, Imported):
        return True
    top = scope.module.partition(".")[0]
    is_within = binding.module.partition(".")[0] == top and binding.name is not None
    return is_within and (binding.is_explicit or not scope.is_stub)


def _is_public(name: str) -> bool:
    special = ("__call__", "__iter__", "__aiter__", "__next__", "__getitem__", "__len__",
               "__enter__", "__aenter__", "__await__", "__contains__")  # fmt: skip
    return name in special or not name.startswith("_")


def _yields(node: ast.AST) -> bool:
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(one))
    return False
