"""Print the public surface of the package `amphis` and its modules."""

from __future__ import annotations

import enum
import inspect
from typing import TYPE_CHECKING

import amphis
import amphis.bus
import amphis.channel
import amphis.memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def surface() -> Iterator[str]:
    """Describe every public name, module by module, in order of name."""
    for module in (amphis, amphis.bus, amphis.channel, amphis.memory):
        yield f"# {module.__name__}"
        for name in sorted(module.__all__):
            yield describe(name, getattr(module, name))


def describe(name: str, value: object) -> str:
    """Describe one public name: what it is, and how it is called."""
    if inspect.isclass(value):
        return "\n".join([class_line(name, value), *member_lines(value)])
    if callable(value):
        return f"def {name}{signature_of(value)}"
    return f"{name}: {type(value).__name__}"


def class_line(name: str, value: type) -> str:
    """Write the first line of a class; an enumeration has no call signature of its own."""
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    return f"class {name}({bases})" if bases else f"class {name}"


def member_lines(value: type) -> Iterator[str]:
    """Describe the public members that a class itself defines."""
    if issubclass(value, enum.Enum):
        yield from (f"    {member.name} = {member.value!r}" for member in value)
        return
    for name, member in sorted(vars(value).items()):
        if name == "__init__" or not name.startswith("_"):
            yield f"    {member_line(name, member, inspect.get_annotations(value))}"


def member_line(name: str, member: object, annotations: Mapping[str, object]) -> str:
    """Describe one member of a class."""
    if isinstance(member, (classmethod, staticmethod)):
        return f"@{type(member).__name__} def {name}{signature_of(member.__func__)}"
    if isinstance(member, property):
        returns = getattr(member.fget, "__annotations__", {}).get("return", "object")
        return f"@property {name}: {returns}"
    if inspect.isfunction(member):
        return f"def {name}{signature_of(member)}"
    return f"{name}: {annotations.get(name, type(member).__name__)}"


def signature_of(function: Callable[..., object]) -> str:
    """Write the parameters and the result of a function."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "(...)"
    parameters = [
        parameter.replace(
            annotation=unquoted(parameter.annotation), default=stable(parameter.default)
        )
        for parameter in signature.parameters.values()
    ]
    returns = unquoted(signature.return_annotation)
    return str(signature.replace(parameters=parameters, return_annotation=returns))


class _Written:
    """Reads as its text, without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def unquoted(annotation: object) -> object:
    """Write an annotation as in the source."""
    return _Written(annotation) if isinstance(annotation, str) else annotation


def stable(default: object) -> object:
    """Keep a default that is a plain constant; others may read differently on another machine."""
    is_plain = default is inspect.Parameter.empty or default is None
    return default if is_plain or isinstance(default, (bool, int, float, str)) else _Written("...")


print("\n".join(surface()))
