"""Signatures that Python itself knows, and those in docstrings of functions written in C."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

from amphis._internal.library.runtime.annotations import RuntimeTypes
from amphis._internal.library.runtime.ask import ask, text_of

Signature = dict[str, Any]

_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "any",
    inspect.Parameter.VAR_POSITIONAL: "rest",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_KEYWORD: "keywords",
}
_TEXT = 80
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LINE = re.compile(r"^(?:[\w.]+\.)?(\w+)(\(.*\))\s*(?:->\s*(.+))?$")


def runtime_signature(thing: object, types: RuntimeTypes, *, bound: bool) -> Signature | None:
    """What `inspect` says; None where Python knows no signature."""
    found = ask(lambda: inspect.signature(thing))  # type: ignore[arg-type] # what cannot be called is refused
    if not isinstance(found, inspect.Signature):
        return None
    signature = ask(lambda: _signature(found, types, bound=bound))
    if signature is not None and ask(lambda: _is_wrapped(thing)) is False:
        signature["isExact"] = True
    return signature


def _is_wrapped(thing: object) -> bool:
    """Whether a function in Python stands before the one whose signature it shows.

    It may take what that one does not, such as a parameter by its former name.
    """
    makers = ("__init__", "__new__", "__call__")
    asked = [getattr(thing, name, None) for name in makers] if isinstance(thing, type) else [thing]
    return any(
        inspect.isfunction(getattr(one, "__func__", one)) and hasattr(one, "__wrapped__")
        for one in asked
    )


def _signature(found: inspect.Signature, types: RuntimeTypes, *, bound: bool) -> Signature:
    types.reader.variables = {}
    known = list(found.parameters.values())
    if bound and known and _KINDS[known[0].kind] in ("positional", "any"):
        known = known[1:]
    parameters: list[dict[str, Any]] = []
    for one in known:
        has_default = one.default is not inspect.Parameter.empty
        parameter = {"name": one.name, "kind": _KINDS[one.kind], "isOptional": has_default}
        if one.annotation is not inspect.Parameter.empty:
            parameter["type"] = types.read(one.annotation)
        if has_default:
            default = shown(one.default)
            if default is not None:
                parameter["default"] = default
        parameters.append(parameter)
    signature: Signature = {"parameters": parameters}
    if found.return_annotation is not inspect.Signature.empty:
        signature["returns"] = types.read(found.return_annotation)
    if types.reader.variables:
        signature["typeParameters"] = types.reader.parameters(types.reader.variables)
    is_typed = "returns" in signature or any("type" in one for one in parameters)
    signature["source"] = "annotations" if is_typed else "runtime"
    return signature


def shown(value: object) -> str | None:
    """A value as Python shows it, shortened, without addresses."""
    if type(value) in (str, bytes):
        value = value[:_TEXT]  # type: ignore[index] # it is text or bytes
    text = ask(lambda: repr(value))
    if not isinstance(text, str):
        return None
    text = _ADDRESS.sub("", text[:1_000])
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"


def docstring_signature(thing: object, name: str) -> Signature | None:
    """A signature in the first line of a docstring, where it is one of Python and nothing else.

    `dict.pop` says `D.pop(k[,d])`: names that no call can use, and brackets that can be read in
    several ways. Of such, nothing is taken.
    """
    doc = text_of(thing, "__doc__")
    lines = [] if doc is None else doc.strip().split("\n", 1)
    match = _LINE.match(lines[0].strip()) if lines else None
    # `threading.excepthook` is `_excepthook`, and its docstring says what neither takes.
    if match is None or {match[1], text_of(thing, "__name__")} != {name}:
        return None
    try:
        tree = ast.parse(f"def {name}{match[2]}: ...")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef) or len(tree.body) != 1:
        return None
    parameters = _arguments(function.args)
    if parameters and parameters[0]["name"] in ("self", "cls"):
        parameters = parameters[1:]
    return {"parameters": parameters, "source": "docstring"}


def _arguments(arguments: ast.arguments) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    positional = [*arguments.posonlyargs, *arguments.args]
    first_default = len(positional) - len(arguments.defaults)
    for index, one in enumerate(positional):
        default = arguments.defaults[index - first_default] if index >= first_default else None
        kind = "positional" if index < len(arguments.posonlyargs) else "any"
        found.append(_parameter(one.arg, kind, default))
    if arguments.vararg is not None:
        found.append(_parameter(arguments.vararg.arg, "rest", None))
    for one, keyword in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_parameter(one.arg, "keyword", keyword))
    if arguments.kwarg is not None:
        found.append(_parameter(arguments.kwarg.arg, "keywords", None))
    return found


def _parameter(name: str, kind: str, default: ast.expr | None) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "kind": kind, "isOptional": default is not None}
    if default is not None:
        parameter["default"] = ast.unparse(default)[:_TEXT]
    return parameter
