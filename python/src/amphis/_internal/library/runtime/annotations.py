"""Annotations of objects that exist, as the types of a model."""

from __future__ import annotations

import ast
import types
import typing
from dataclasses import dataclass
from typing import Any

from amphis._internal.library.runtime.ask import ask, is_a, text_of
from amphis._internal.library.static.sources import Definition
from amphis._internal.library.static.types import NONE, Node, TypeReader, canonical, union

_MAX_DEPTH = 40
_TEXT = 200
_EXACT = 2**53
_VARIABLES = ("TypeVar", "ParamSpec", "TypeVarTuple")


@dataclass(slots=True)
class RuntimeTypes:
    """Reads annotations that are objects, or text where a definition stands."""

    reader: TypeReader
    at: Definition | None

    def read(self, annotation: object, depth: int = 0) -> Node:
        """The type that an annotation means."""
        if is_a(annotation, str):
            return self._text(annotation)
        return ask(lambda: self._object(annotation, depth)) or _unknown(annotation)

    def _text(self, text: str) -> Node:
        try:
            node = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {"kind": "unknown", "text": text[:_TEXT]}
        if self.at is None:
            return {"kind": "unknown", "text": ast.unparse(node)[:_TEXT]}
        return self.reader.read(node, self.at)

    def _object(self, annotation: Any, depth: int) -> Node:  # noqa: ANN401, PLR0911 - one for each form
        if depth > _MAX_DEPTH:
            return _unknown(annotation)
        if annotation is None or annotation is type(None):
            return NONE
        if annotation is ...:
            return {"kind": "name", "path": "types.EllipsisType"}
        origin = typing.get_origin(annotation)
        if origin is not None:
            return self._generic(annotation, origin, depth)
        kind = type(annotation).__name__
        if kind in _VARIABLES:
            return {"kind": "variable", "name": str(annotation.__name__)}
        if kind == "ForwardRef":
            return self._text(str(annotation.__forward_arg__))
        if isinstance(annotation, type):
            return {"kind": "name", "path": path_of(annotation)}
        module, name = text_of(annotation, "__module__"), text_of(annotation, "__name__")
        is_special = module in ("typing", "typing_extensions") and name
        name = name or text_of(annotation, "_name")
        if is_special or (module == "typing" and name):
            return {"kind": "name", "path": canonical(f"typing.{name}")}
        return _unknown(annotation)

    def _generic(self, annotation: Any, origin: Any, depth: int) -> Node:  # noqa: ANN401, PLR0911 - one for each form
        arguments = typing.get_args(annotation)
        if origin is typing.Union or origin is types.UnionType:
            return union([self.read(one, depth + 1) for one in arguments])
        if origin is typing.Literal:
            return _literal(arguments)
        name = text_of(origin, "__name__") or text_of(origin, "_name") or ""
        if name in ("ClassVar", "Final", "Annotated", "Required", "NotRequired") or hasattr(
            annotation, "__metadata__"
        ):
            return self.read(arguments[0], depth + 1)
        if name == "Callable":
            return self._callable(arguments, depth)
        if origin is tuple:
            if len(arguments) == 2 and arguments[1] is ...:
                return {"kind": "tuple", "of": [], "rest": self.read(arguments[0], depth + 1)}
            return {"kind": "tuple", "of": [self.read(one, depth + 1) for one in arguments]}
        base = self.read(origin, depth + 1)
        if base["kind"] != "name" or not arguments:
            return base
        return {**base, "arguments": [self.read(one, depth + 1) for one in arguments]}

    def _callable(self, arguments: tuple[Any, ...], depth: int) -> Node:
        if len(arguments) != 2:
            return {"kind": "callable", "returns": {"kind": "name", "path": "typing.Any"}}
        node: Node = {"kind": "callable", "returns": self.read(arguments[1], depth + 1)}
        if isinstance(arguments[0], list):
            node["parameters"] = [self.read(one, depth + 1) for one in arguments[0]]
        return node


def path_of(kind: type) -> str:
    """Where a class says that it is defined."""
    module = text_of(kind, "__module__") or "builtins"
    return canonical(f"{module}.{text_of(kind, '__qualname__') or kind.__name__}")


def _literal(values: tuple[object, ...]) -> Node:
    plain = [one for one in values if _is_exact(one)]
    others = [_unknown(one) for one in values if not _is_exact(one)]
    return union([*([{"kind": "literal", "values": plain}] if plain else []), *others])


def _is_exact(value: object) -> bool:
    if isinstance(value, bool):
        return True
    if type(value) is int:
        return abs(value) <= _EXACT
    return value is None or type(value) is str


def _unknown(annotation: object) -> Node:
    text = ask(lambda: repr(annotation))
    return {"kind": "unknown", "text": (text if isinstance(text, str) else "?")[:_TEXT]}
