"""Annotations as the types of a model, their names resolved."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from typing import Any

from amphis._internal.library.static.scope import Assigned, ClassScope, Functions
from amphis._internal.library.static.sources import Definition, Sources, dotted, variable_kind
from amphis._internal.library.static.typing_names import NAMES, WRAPPERS

Node = dict[str, Any]

_MAX_DEPTH = 40
_TEXT = 200
_EXACT = 2**53
_PLAIN = (str, bool, type(None))
NONE: Node = {"kind": "name", "path": "None"}


@dataclass(slots=True)
class TypeReader:
    """Reads annotations, and remembers which definitions and type variables they name."""

    sources: Sources
    # Every class and alias that was named, by path.
    named: dict[str, Definition] = field(default_factory=dict)
    # The type variables of what is being read.
    variables: dict[str, Definition] = field(default_factory=dict)

    def read(self, node: ast.expr, at: Definition, depth: int = 0) -> Node:  # noqa: PLR0911 - one for each form
        """The type that an expression means where a definition stands."""
        if depth > _MAX_DEPTH:
            return unknown(node)
        if isinstance(node, ast.Constant):
            return self._constant(node, at, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return union([self.read(one, at, depth + 1) for one in _members(node)])
        if isinstance(node, ast.Subscript):
            return self._subscript(node, at, depth)
        if isinstance(node, ast.Starred):
            return {"kind": "unpack", "of": self.read(node.value, at, depth + 1)}
        if isinstance(node, ast.List):
            # Arguments of a class that is generic in the parameters of a callable.
            return {"kind": "tuple", "of": [self.read(one, at, depth + 1) for one in node.elts]}
        if isinstance(node, ast.Name | ast.Attribute):
            return self._name(node, at, depth)
        return unknown(node)

    def path_of(self, node: ast.expr, at: Definition) -> str | None:
        """The path of a name as models write it; None for what is no name."""
        name = dotted(node)
        if name is None:
            return None
        found = self.sources.find_expression(at, node)
        path = found.path if found is not None else self.sources.imported_path(at.scope, name)
        return None if path is None else canonical(path)

    def _constant(self, node: ast.Constant, at: Definition, depth: int) -> Node:
        if node.value is None:
            return NONE
        if isinstance(node.value, str):
            try:
                inner = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return unknown(node)
            return self.read(inner, at, depth + 1)
        return unknown(node)

    def _name(self, node: ast.expr, at: Definition, depth: int) -> Node:  # noqa: PLR0911 - one for each kind of definition
        found = self.sources.find_expression(at, node)
        if isinstance(node, ast.Attribute) and node.attr in ("args", "kwargs"):
            owner = self.sources.find_expression(at, node.value)
            if owner is not None and variable_kind(owner) == "parameters":
                # What a call takes is not known before the callable is.
                self.variables.setdefault(owner.qualname.rpartition(".")[2], owner)
                return {"kind": "name", "path": "typing.Any"}
        if found is None:
            path = self.path_of(node, at)
            if path is None:
                # Without stubs, nobody has the definitions of what is built in.
                name = dotted(node) or ""
                is_type = isinstance(getattr(builtins, name, None), type)
                return {"kind": "name", "path": f"builtins.{name}"} if is_type else unknown(node)
            return {"kind": "name", "path": path}
        if variable_kind(found) is not None:
            name = found.qualname.rpartition(".")[2]
            self.variables.setdefault(name, found)
            return {"kind": "variable", "name": name}
        path = canonical(found.path)
        if path.startswith("_"):
            # `decimal` is made of `_pydecimal`, which nobody imports.
            imported = self.sources.imported_path(at.scope, dotted(node) or "")
            path = path if imported is None or "._" in f".{imported}" else imported
        if path == "types.NoneType":
            return NONE
        if isinstance(found.binding, Functions):
            return unknown(node)
        if isinstance(found.binding, Assigned):
            return self._assigned(found, found.binding, path, depth)
        self.named.setdefault(found.path, found)
        return {"kind": "name", "path": path}

    def _assigned(self, found: Definition, binding: Assigned, path: str, depth: int) -> Node:
        is_alias = binding.annotation is None and binding.statement is None
        value = binding.value
        if path.startswith(("typing.", "collections.abc.", "builtins.")):
            return {"kind": "name", "path": path}
        if is_alias and isinstance(value, ast.Name | ast.Attribute):
            # Another name of the same type.
            return self._name(value, found, depth + 1) if depth < _MAX_DEPTH else unknown(value)
        if alias_target(binding) is not None:
            self.named.setdefault(found.path, found)
        return {"kind": "name", "path": path}

    def _subscript(self, node: ast.Subscript, at: Definition, depth: int) -> Node:  # noqa: PLR0911 - one for each form of `typing`
        path = self.path_of(node.value, at) or f"builtins.{dotted(node.value)}"
        elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if path == "typing.Literal":
            return self._literal(elements, at, depth)
        if path == "typing.Annotated" and elements:
            return self.read(elements[0], at, depth + 1)
        if path in WRAPPERS and elements:
            return self.read(elements[0], at, depth + 1)
        if path in ("typing.Callable", "collections.abc.Callable"):
            return self._callable(elements, at, depth)
        if path == "typing.Union":
            return union([self.read(one, at, depth + 1) for one in elements])
        if path == "typing.Optional":
            return union([*(self.read(one, at, depth + 1) for one in elements), NONE])
        if path == "builtins.tuple":
            return self._tuple(elements, at, depth)
        if path == "typing.Unpack" and elements:
            return {"kind": "unpack", "of": self.read(elements[0], at, depth + 1)}
        base = self.read(node.value, at, depth + 1)
        if base["kind"] != "name":
            return unknown(node)
        arguments = [
            {"kind": "name", "path": "types.EllipsisType"}
            if _is_ellipsis(one)
            else self.read(one, at, depth + 1)
            for one in elements
        ]
        return {**base, "arguments": arguments}

    def _literal(self, elements: list[ast.expr], at: Definition, depth: int) -> Node:
        values: list[object] = []
        others: list[Node] = []
        for one in elements:
            try:
                value = ast.literal_eval(one)
            except (ValueError, TypeError, SyntaxError, RecursionError):
                # A member of an enumeration, or a literal of literals.
                others.append(self._enum_member(one, at) or self.read(one, at, depth + 1))
                continue
            is_exact = isinstance(value, int) and abs(value) <= _EXACT
            if isinstance(value, _PLAIN) or is_exact:
                values.append(value)
            else:
                others.append(unknown(one))
        found: list[Node] = [{"kind": "literal", "values": values}] if values else []
        return union([*found, *others])

    def _enum_member(self, node: ast.expr, at: Definition) -> Node | None:
        found = self.sources.find_expression(at, node)
        if found is None or not found.classes:
            return None
        return {"kind": "name", "path": canonical(found.path.rpartition(".")[0])}

    def _callable(self, elements: list[ast.expr], at: Definition, depth: int) -> Node:
        if len(elements) != 2:
            return {"kind": "callable", "returns": {"kind": "name", "path": "typing.Any"}}
        returns = self.read(elements[1], at, depth + 1)
        node: Node = {"kind": "callable", "returns": returns}
        if isinstance(elements[0], ast.List):
            node["parameters"] = [self.read(one, at, depth + 1) for one in elements[0].elts]
        elif not _is_ellipsis(elements[0]):
            # `P` or `Concatenate[X, P]`: what it takes is not known before it is used.
            self.read(elements[0], at, depth + 1)
        return node

    def _tuple(self, elements: list[ast.expr], at: Definition, depth: int) -> Node:
        if len(elements) == 2 and _is_ellipsis(elements[1]):
            return {"kind": "tuple", "of": [], "rest": self.read(elements[0], at, depth + 1)}
        if len(elements) == 1 and isinstance(elements[0], ast.Tuple) and not elements[0].elts:
            return {"kind": "tuple", "of": []}
        return {"kind": "tuple", "of": [self.read(one, at, depth + 1) for one in elements]}

    def parameters(self, variables: dict[str, Definition]) -> list[Node]:
        """Type variables as parameters of what names them."""
        return [self._parameter(name, one) for name, one in variables.items()]

    def _parameter(self, name: str, definition: Definition) -> Node:
        node: Node = {"name": name, "kind": variable_kind(definition) or "type"}
        binding = definition.binding
        if not isinstance(binding, Assigned) or not isinstance(binding.value, ast.Call):
            return node
        kept = self.variables
        self.variables = {}
        constraints = [self.read(one, definition) for one in binding.value.args[1:]]
        if constraints:
            node["constraints"] = constraints
        for keyword in binding.value.keywords:
            if keyword.arg in ("bound", "default") and not _is_ellipsis(keyword.value):
                node[keyword.arg] = self.read(keyword.value, definition)
        self.variables = kept
        return node


def canonical(path: str) -> str:
    """The path of what `typing` repeats, and of what typeshed defines elsewhere."""
    return NAMES.get(path, path)


def union(of: list[Node]) -> Node:
    """One type of several, without repetitions and unions within."""
    flat: list[Node] = []
    for one in of:
        for member in one["of"] if one["kind"] == "union" else [one]:
            if member not in flat:
                flat.append(member)
    return flat[0] if len(flat) == 1 else {"kind": "union", "of": flat}


def unknown(node: ast.expr) -> Node:
    """What could not be made out."""
    return {"kind": "unknown", "text": ast.unparse(node)[:_TEXT]}


def alias_target(binding: Assigned) -> ast.expr | None:
    """The type that a name is an alias of; None where it is something else."""
    value = binding.value
    if value is None:
        return None
    if binding.statement is not None:
        return value
    if binding.annotation is not None:
        name = dotted(binding.annotation) or ""
        return value if name.rpartition(".")[2] == "TypeAlias" else None
    if isinstance(value, ast.Call):
        is_type = (dotted(value.func) or "").rpartition(".")[2] == "TypeAliasType"
        return value.args[1] if is_type and len(value.args) > 1 else None
    is_union = isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)
    return value if is_union or isinstance(value, ast.Subscript) else None


def class_of(definition: Definition | None) -> ClassScope | None:
    """The class that a definition is."""
    found = None if definition is None else definition.binding
    return found if isinstance(found, ClassScope) else None


def _members(node: ast.expr) -> list[ast.expr]:
    """The types of `A | B | C`, however many."""
    members: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        members.append(node.right)
        node = node.left
    return [node, *reversed(members)]


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
