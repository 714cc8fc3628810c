"""Attributes that are missing, arguments that do not fit, and values that cannot be pickled."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.worker.failure_import import near_names
from amphis._internal.worker.failure_text import ask, clean

if TYPE_CHECKING:
    from inspect import Signature

    from amphis._internal.worker.failure_codes import Found, Raised

_NAME = 400
_MISSING = re.compile(r"has no attribute '([^']{1,400})'")
_MODULE = re.compile(r"^module '([^']{1,400})' has no attribute")
# What Python says when a call does not fit a signature, whoever checks it.
_ARGUMENTS = re.compile(
    r"missing \d+ required (?:positional|keyword-only) argument"
    r"|missing required argument"
    r"|takes (?:from \d+ to \d+|at (?:most|least) \S+|exactly \S+|no|\d+|\S+) "
    r"(?:positional |keyword )?arguments?"
    r"|got (?:an unexpected keyword argument|multiple values for (?:keyword )?argument)"
    r"|got some positional-only arguments passed as keyword"
    r"|is an invalid keyword argument for"
    r"|expected (?:at (?:least|most) )?\d+ arguments?, got \d+"
    r"|received an invalid combination of arguments"
)
# The argument in question: one that is missing or given twice, or one that nobody knows.
_ARGUMENT = re.compile(
    r"(?:missing \d+ required [\w-]+ arguments?: "
    r"|missing required argument:? "
    r"|multiple values for (?:keyword )?argument )'([^']{1,400})'"
    r"|unexpected keyword argument:? '([^']{1,400})'"
    r"|'([^']{1,400})' is an invalid keyword argument for"
)
_FUNCTION = re.compile(r"(?:for )?([\w.<>]{1,400})\(\)|^(\w{1,400}) expected ")
_SERIALIZATION = re.compile(
    r"^(?:[Cc]an(?:no|')t (?:pickle|get local object|serialize)\b"
    r"|Object of type .{1,400} is not JSON serializable"
    r"|Type is not JSON serializable"
    r"|can ?not serialize "
    r"|Circular reference detected$"
    r"|unmarshallable object$)"
)
_PICKLED = re.compile(r"lambda|local object|__main__")


def attribute_missing(raised: Raised) -> Found | None:
    """The fields of PYTHON_ATTRIBUTE_MISSING."""
    error = raised.error
    name = getattr(error, "name", None)
    if not isinstance(name, str):
        match = _MISSING.search(raised.text)
        if match is None:
            return None
        name = match[1]
    owner = getattr(error, "obj", None)
    if owner is None:
        # Raised by a module's own `__getattr__`, or by a library in its place.
        match = _MODULE.match(raised.text[:_NAME])
        owner = None if match is None else sys.modules.get(match[1])
    names = ask(lambda: dir(owner)) if owner is not None else None
    near = near_names(name, names if isinstance(names, list) else [])
    missing = clean(name, _NAME)
    return ErrorCode.PYTHON_ATTRIBUTE_MISSING, {"missing": missing, "suggestions": near}


def named(raised: Raised) -> Found | None:
    """The fields of PYTHON_ARGUMENTS_INVALID and SERIALIZATION_FAILED."""
    if is_serialization(raised):
        return ErrorCode.SERIALIZATION_FAILED, {"suggestion": _what_to_send(raised.text)}
    is_misfit = issubclass(type(raised.error), TypeError) and _ARGUMENTS.search(raised.text[:_NAME])
    if not is_misfit or not _is_about_call(raised):
        return None
    signature = _signature_of(raised)
    match = _ARGUMENT.search(raised.text[:_NAME])
    argument = "" if match is None else next(group for group in match.groups() if group)
    unknown = match is not None and match[1] is None
    return ErrorCode.PYTHON_ARGUMENTS_INVALID, {
        "signature": _shown(raised, signature),
        "argument": clean(argument, _NAME),
        "suggestions": near_names(argument, _keywords(signature)) if unknown else [],
    }


def is_serialization(raised: Raised) -> bool:
    """Whether pickle, json or their like refused a value."""
    if any(kind.__name__ == "PicklingError" for kind in type(raised.error).__mro__):
        return True
    return _SERIALIZATION.match(raised.text[:_NAME]) is not None


def _what_to_send(text: str) -> str:
    if "JSON" in text or "Circular" in text:
        return "Convert it to plain lists, maps, strings and numbers first"
    if _PICKLED.search(text[:_NAME]):
        return "Define it at the top level of a module that can be imported"
    return "Send what it was made from, and make it again on the other side"


def _is_about_call(raised: Raised) -> bool:
    """Whether it is the call that was asked for, not one that its code makes itself."""
    if raised.is_of_call:
        return True
    # Decorators stand between: the function that refuses is still the one that was called.
    match = _FUNCTION.search(raised.text)
    function = "" if match is None else (match[1] or match[2]).rpartition(".")[2]
    return len(raised.frames) <= 3 and function == last_name(raised.call)


def last_name(call: str) -> str:
    """The name of the function in the name of a call: `norm` in `numpy.linalg:norm`."""
    return re.split(r"[.:]", call.removesuffix("()"))[-1]


def _shown(raised: Raised, signature: Signature | None) -> str:
    text = None if signature is None else ask(lambda: str(signature))
    if isinstance(text, str):
        return clean(f"{last_name(raised.call)}{text}", 2_000)
    match = _FUNCTION.search(raised.text)
    name = last_name(raised.call) if match is None else match[1] or match[2]
    return clean(f"{name}(…)", _NAME)


def _signature_of(raised: Raised) -> Signature | None:
    target = _called(raised.call) if raised.target is None else raised.target
    if target is None:
        return None
    import inspect  # noqa: PLC0415 - it is slow to load

    found = ask(lambda: inspect.signature(target))  # type: ignore[arg-type]
    return found if isinstance(found, inspect.Signature) else None


def _keywords(signature: Signature | None) -> list[str]:
    """Names that may be given as keyword arguments."""
    if signature is None:
        return []
    known = (
        each.name
        for each in signature.parameters.values()
        if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}
    )
    return list(known)


def _called(call: str) -> object:
    """What a name means, without an import."""
    module, colon, path = call.partition(":")
    found: object = sys.modules.get(module) if colon else None
    for name in path.split("."):
        if found is None:
            return None
        holder = found
        found = ask(lambda holder=holder, name=name: getattr(holder, name))  # type: ignore[misc]
    return found
