"""Signatures as stubs and sources write them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from amphis._internal.library.static.brackets import in_brackets
from amphis._internal.library.static.scope import (
    Assigned,
    ClassScope,
    Function,
    Functions,
    decorator_name,
    is_overload,
)
from amphis._internal.library.static.sources import Definition
from amphis._internal.library.static.types import NONE, Node, TypeReader

Signature = dict[str, Any]

_TEXT = 80
_CONTEXTS = {
    "contextmanager": "contextlib.AbstractContextManager",
    "asynccontextmanager": "contextlib.AbstractAsyncContextManager",
}


def static_signatures(reader: TypeReader, definition: Definition) -> list[Signature]:
    """Every way to call a function; of one without overloads, its own."""
    if not isinstance(definition.binding, Functions):
        return []
    nodes = definition.binding.nodes
    overloads = [node for node in nodes if is_overload(node)]
    return [_signature(reader, node, definition) for node in overloads or nodes[:1]]


def _signature(reader: TypeReader, node: Function, at: Definition) -> Signature:
    reader.variables = {}
    at = at.with_own(node)
    bound = at.classes and binding_of(node) != "static"
    parameters = _parameters(reader, node, at)
    if bound and parameters and parameters[0]["kind"] in ("positional", "any"):
        parameters = parameters[1:]
    signature: Signature = {"parameters": parameters}
    if node.returns is not None:
        signature["returns"] = _returns(reader, node, at)
    of_class = class_variables(reader, at)
    own = {name: one for name, one in reader.variables.items() if name not in of_class}
    if own:
        signature["typeParameters"] = reader.parameters(own)
    deprecated = static_deprecation(node)
    if deprecated is not None:
        signature["deprecated"] = deprecated
    signature["source"] = "stub" if at.scope.is_stub else "annotations"
    return signature


def _parameters(reader: TypeReader, node: Function, at: Definition) -> list[Node]:
    arguments = node.args
    found: list[Node] = []
    positional = [*arguments.posonlyargs, *arguments.args]
    first_default = len(positional) - len(arguments.defaults)
    is_first = True
    for index, one in enumerate(positional):
        default = arguments.defaults[index - first_default] if index >= first_default else None
        # Before there was `/`, two underscores said the same.
        is_old = at.scope.is_stub and one.arg.startswith("__") and not one.arg.endswith("__")
        kind = "positional" if index < len(arguments.posonlyargs) or is_old else "any"
        # Which type the instance has says nothing to callers; which overload it is of, does.
        skips = is_first and bool(at.classes) and binding_of(node) != "static"
        is_first = False
        found.append(_parameter(reader, one, kind, default, at, skips_type=skips))
    if arguments.vararg is not None:
        found.append(_parameter(reader, arguments.vararg, "rest", None, at))
    for one, keyword in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_parameter(reader, one, "keyword", keyword, at))
    if arguments.kwarg is not None:
        found.append(_parameter(reader, arguments.kwarg, "keywords", None, at))
    return found


def _parameter(  # noqa: PLR0913 - what a parameter is made of
    reader: TypeReader,
    argument: ast.arg,
    kind: str,
    default: ast.expr | None,
    at: Definition,
    *,
    skips_type: bool = False,
) -> Node:
    parameter: Node = {"name": argument.arg, "kind": kind, "isOptional": default is not None}
    if argument.annotation is not None and not skips_type:
        parameter["type"] = reader.read(argument.annotation, at)
    if default is not None and not (isinstance(default, ast.Constant) and default.value is ...):
        parameter["default"] = ast.unparse(default)[:_TEXT]
    return parameter


def _returns(reader: TypeReader, node: Function, at: Definition) -> Node:
    returns = reader.read(node.returns, at) if node.returns is not None else NONE
    names = [decorator_name(one).rpartition(".")[2] for one in node.decorator_list]
    context = next((_CONTEXTS[name] for name in names if name in _CONTEXTS), None)
    if context is None:
        return returns
    given = returns.get("arguments", [])[:1]
    return {"kind": "name", "path": context, **({"arguments": given} if given else {})}


def class_variables(reader: TypeReader, at: Definition) -> dict[str, Definition]:
    """The type parameters of the innermost class around a definition."""
    return variables_of_class(reader, at) if at.classes else {}


def variables_of_class(reader: TypeReader, at: Definition) -> dict[str, Definition]:
    """The type variables in the bases of a class, or of that around a function."""
    node = at.binding.node if isinstance(at.binding, ClassScope) else at.classes[-1].node
    own = {name: replace(at, qualname=name, binding=one) for name, one in in_brackets(node).items()}
    if own:
        return own
    kept = reader.variables
    reader.variables = {}
    generic = [one for one in node.bases if _is_generic(one)]
    # `Generic[A, B]` says their order, where it stands.
    for base in [*generic, *(one for one in node.bases if one not in generic)]:
        if isinstance(base, ast.Subscript):
            reader.read(base, at)
    found = reader.variables
    reader.variables = kept
    return found


def parameters_of_alias(found: Definition) -> dict[str, Definition]:
    """What stands in brackets behind the name of an alias, in its order."""
    statement = found.binding.statement if isinstance(found.binding, Assigned) else None
    return {
        name: replace(found, qualname=name, binding=one)
        for name, one in in_brackets(statement).items()
    }


def _is_generic(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and decorator_name(node.value).endswith("Generic")


def binding_of(node: Function) -> str:
    """Of what a method is one: of an instance, of the class, or of neither."""
    names = {decorator_name(one).rpartition(".")[2] for one in node.decorator_list}
    if "staticmethod" in names:
        # `__new__` needs no decorator to be one, but has the class as its first parameter.
        return "static"
    is_class = "classmethod" in names or node.name in ("__init_subclass__", "__class_getitem__")
    return "class" if is_class or node.name == "__new__" else "instance"


def static_deprecation(node: Function | ast.ClassDef) -> str | None:
    """What `@deprecated(...)` says, or a warning that every call of a function gives."""
    for decorator in node.decorator_list:
        if decorator_name(decorator).rpartition(".")[2] == "deprecated":
            arguments = decorator.args if isinstance(decorator, ast.Call) else []
            return _message(arguments[0]) if arguments else "It is deprecated"
    if isinstance(node, ast.ClassDef):
        return None
    for statement in node.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and decorator_name(call) in ("warnings.warn", "warn"):
            arguments = [*call.args, *(word.value for word in call.keywords)]
            kinds = {decorator_name(one).rpartition(".")[2] for one in arguments[1:]}
            if any(kind.endswith("DeprecationWarning") for kind in kinds):
                return _message(arguments[0])
    return None


def _message(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return " ".join(node.value.split())[:400]
    return "It is deprecated"


def is_async(definition: Definition | None) -> bool:
    """Whether a stub or source says `async def`."""
    binding = None if definition is None else definition.binding
    return isinstance(binding, Functions) and isinstance(binding.nodes[0], ast.AsyncFunctionDef)
