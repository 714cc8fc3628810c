"""Modules, functions and values of a library as members of its model."""

from __future__ import annotations

import functools
import inspect
import types
from dataclasses import dataclass
from typing import Any

from amphis._internal.library.docstring.parse import parse_docstring
from amphis._internal.library.join import join_signatures
from amphis._internal.library.runtime.annotations import RuntimeTypes, path_of
from amphis._internal.library.runtime.ask import ask, text_of
from amphis._internal.library.runtime.signature import (
    docstring_signature,
    runtime_signature,
    shown,
)
from amphis._internal.library.static.scope import Assigned, Functions
from amphis._internal.library.static.signature import (
    is_async,
    parameters_of_alias,
    static_deprecation,
    static_signatures,
)
from amphis._internal.library.static.sources import Definition
from amphis._internal.library.static.types import Node, TypeReader, alias_target, class_of
from amphis._internal.library.surface import Surface

Member = dict[str, Any]

_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_VARIABLES = {"TypeVar", "ParamSpec", "TypeVarTuple", "_Feature"}
_CALLED = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    functools.partial,
)


@dataclass(slots=True)
class Describer:
    """Describes what a surface has, with what stubs and sources say."""

    surface: Surface
    reader: TypeReader

    def function(
        self, thing: object, name: str, path: str, found: Definition | None, binding: str | None
    ) -> Member:
        """A function or method; `thing` is what is behind `staticmethod` and its like."""
        bound = binding in ("instance", "class")
        at = found or self.module_of(thing)
        runtime = runtime_signature(thing, RuntimeTypes(self.reader, at), bound=bound)
        written = [] if found is None else self.written(found)
        said = docstring_signature(thing, name) if runtime is None and not written else None
        signatures, differing = join_signatures(written, runtime, said)
        is_python = ask(lambda: hasattr(thing, "__code__")) is True
        member: Member = {
            "kind": "function",
            "name": name,
            "path": path,
            "signatures": signatures,
            "isAsync": _is(inspect.iscoroutinefunction, thing)
            or (not is_python and is_async(found)),
            "isGenerator": _is(inspect.isgeneratorfunction, thing),
            "isAsyncGenerator": _is(inspect.isasyncgenfunction, thing),
        }
        if differing is not None:
            member["runtime"] = differing
        if binding is not None:
            member["binding"] = binding
        self.say(member, thing, found)
        return member

    def written(self, found: Definition) -> list[dict[str, Any]]:
        """The signatures that a stub or source has; those of `__call__` for an object."""
        if isinstance(found.binding, Functions):
            return static_signatures(self.reader, found)
        if isinstance(found.binding, Assigned):
            kind = found.binding.annotation
            target = kind or found.binding.value
            if target is None:
                return []
            # `hypot: _Ufunc2[...]` is called as its class says, `loads = decode` as the other is.
            while type(target).__name__ == "Subscript":
                target = getattr(target, "value", target)
            other = self.reader.sources.find_expression(found, target)
            if other is None or other.path == found.path:
                return []
            if isinstance(other.binding, Functions) and kind is None:
                return static_signatures(self.reader, other)
            method = self.static_member(other, "__call__") if class_of(other) and kind else None
            return [] if method is None else static_signatures(self.reader, method)
        return []

    def static_member(self, owner: Definition, name: str, steps: int = 0) -> Definition | None:
        """What a class of a stub or source binds a name to, or one of its bases."""
        scope = class_of(owner)
        if scope is None or steps > 20:
            return None
        binding = scope.names.get(name)
        if isinstance(binding, Functions | Assigned) or class_of_binding(binding):
            classes = (*owner.classes, scope)
            return Definition(owner.scope, f"{owner.qualname}.{name}", binding, classes)  # type: ignore[arg-type] # no import is left
        for base in scope.node.bases:
            node = getattr(base, "value", base) if type(base).__name__ == "Subscript" else base
            other = self.reader.sources.find_expression(owner, node)
            if other is not None and other.path != "builtins.object":
                found = self.static_member(other, name, steps + 1)
                if found is not None:
                    return found
        return None

    def value(self, thing: object, name: str, path: str, found: Definition | None) -> Member:
        """A constant of a module, or an alias of a type."""
        binding = None if found is None else found.binding
        if found is not None and isinstance(binding, Assigned):
            target = alias_target(binding)
            is_type = target is not None and type(thing) not in (dict, list, tuple, set)
            if target is not None and is_type and type(thing) not in _PLAIN:
                return self.type_alias(found, name, path)
        member: Member = {"kind": "value", "name": name, "path": path}
        if found is not None and isinstance(binding, Assigned) and binding.annotation is not None:
            self.reader.variables = {}
            member["type"] = self.reader.read(binding.annotation, found)
        else:
            member["type"] = type_of_value(thing)
        if type(thing) in _PLAIN:
            text = shown(thing)
            if text is not None:
                member["value"] = text
        return member

    def type_alias(self, found: Definition, name: str, path: str) -> Member:
        """A name for a type, with the type variables in it as its parameters."""
        target = alias_target(found.binding) if isinstance(found.binding, Assigned) else None
        self.reader.variables = {}
        node: Node = {"kind": "unknown", "text": name}
        if target is not None:
            node = self.reader.read(target, found)
        member: Member = {"kind": "type", "name": name, "path": path, "target": node}
        variables = {**parameters_of_alias(found), **self.reader.variables}
        if variables:
            member["typeParameters"] = self.reader.parameters(variables)
        return member

    def say(self, member: Member, thing: object, found: Definition | None) -> None:
        """Add what the docstring says, and what says that it is deprecated."""
        text = text_of(thing, "__doc__")
        doc = {} if not text else (ask(lambda: parse_docstring(text)) or {})
        deprecated = text_of(thing, "__deprecated__") or doc.pop("deprecated", None)
        binding = None if found is None else found.binding
        if isinstance(binding, Functions) and len(binding.nodes) == 1:
            deprecated = static_deprecation(binding.nodes[0]) or deprecated
        elif found is not None and (scope := class_of(found)) is not None:
            deprecated = static_deprecation(scope.node) or deprecated
        if deprecated:
            member["deprecated"] = deprecated
        if doc:
            member["doc"] = doc

    def module_of(self, thing: object) -> Definition | None:
        """The module of a function, where names in its annotations have meaning."""
        module = text_of(thing, "__module__")
        scope = None if module is None else next(self.reader.sources.scopes(module), None)
        return None if scope is None else Definition(scope, "", None)


def class_of_binding(binding: object) -> bool:
    """Whether a binding is a class."""
    return type(binding).__name__ == "ClassScope"


def type_of_value(thing: object) -> Node:
    """The class of a value, as that is all that is known of its type."""
    if thing is None:
        return {"kind": "name", "path": "None"}
    return {"kind": "name", "path": path_of(type(thing))}


def is_called(thing: object) -> bool:
    """Whether users call it, as they do functions; many libraries have classes for such."""
    if issubclass(type(thing), _CALLED):
        return True
    is_form = type(thing).__module__ in ("typing", "typing_extensions", "types")
    return callable(thing) and not is_form


def is_hidden_kind(thing: object) -> bool:
    """Whether it is there for type checkers or the compiler only."""
    return type(thing).__name__ in _VARIABLES


def _is(question: Any, thing: object) -> bool:  # noqa: ANN401 - the questions of inspect
    return ask(lambda: bool(question(thing))) is True
