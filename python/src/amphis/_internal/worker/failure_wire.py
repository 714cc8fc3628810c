"""An exception with its causes as the map that travels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeGuard, TypeVar

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal._generated.error_table import ERRORS
from amphis._internal.errors import AmphisError
from amphis._internal.worker.code_modules import PREFIX
from amphis._internal.worker.exceptions import TypeScriptError
from amphis._internal.worker.failure_codes import Raised, exact
from amphis._internal.worker.failure_frames import frames_of
from amphis._internal.worker.failure_text import (
    MAX_TEXT,
    ask,
    attributes_of,
    class_of,
    clean,
    notes_of,
    portable_map,
    short,
    text_of,
)

if TYPE_CHECKING:
    from amphis._internal.worker.objects import Objects

_Error = TypeVar("_Error", bound=BaseException)

_MOST_CAUSES = 8
_MOST_MEMBERS = 16
_MOST_ARGUMENTS = 16
_NAME = 400
_LONG_NAME = 200
# What the code of `eval`, `exec` and `run` is run by, as steps name it.
_CODE = (
    ("amphis.worker:evaluate(", "eval("),
    ("amphis.worker:execute(", "exec("),
    ("amphis.worker:run_file(", "run("),
)


class Failure(NamedTuple):
    """What failed: see `error_body`."""

    call: str
    arguments: Sequence[object]
    step: int | None
    target: object = None


def describe(
    error: BaseException, failure: Failure, objects: Objects | None = None
) -> dict[str, object]:
    """The wire form of an exception, with at most eight causes."""
    failure = _as_written(failure)
    chain = _chain(error)
    wires = [_one(each, failure, is_first=each is error) for each in chain]
    for wire, cause in pairwise(wires):
        wire["cause"] = cause
    first = wires[0]
    context = first["context"]
    if objects is not None and isinstance(context, dict) and not _is_of(error, AmphisError):
        for each in chain:
            _forget_frames(each)
        context["handle"] = objects.put(error)
    return first


def _as_written(failure: Failure) -> Failure:
    """Code by the word that it was asked for by, without the names that it ran with."""
    call, arguments = failure.call, failure.arguments
    for function, word in _CODE:
        if function in call:
            call = call.replace(function, word)
            arguments = arguments[:1]
    return failure._replace(call=call, arguments=arguments)


def _chain(error: BaseException) -> list[BaseException]:
    """The exception, what caused it, and so on; each once."""
    chain: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and len(chain) <= _MOST_CAUSES and not _is_in(each, chain):
        chain.append(each)
        cause = each.__cause__
        each = each.__context__ if cause is None and not each.__suppress_context__ else cause
    return chain


def _is_in(error: BaseException, chain: list[BaseException]) -> bool:
    # Not `in`, which would ask the exceptions whether they are equal.
    return any(each is error for each in chain)


def _forget_frames(error: BaseException) -> None:
    error.__traceback__ = None
    for member in _members(error):
        member.__traceback__ = None


def _one(error: BaseException, failure: Failure, *, is_first: bool) -> dict[str, object]:
    name, module = class_of(error)
    text = text_of(error)
    frames = frames_of(error)
    is_here = module in ("builtins", "__main__", "") or module.startswith(PREFIX)
    shown = name if is_here else f"{module}.{name}"
    notes = notes_of(error)
    said = "\n".join([f"{shown}: {text}" if text else shown, *notes])
    called = failure.call if is_first else ""
    own: dict[str, object] = {
        "type": name,
        "module": module,
        "text": text,
        "notes": notes,
        "traceback": [frame.encode() for frame in frames.kept],
    }
    if _is_of(error, AmphisError):
        wire = _of_amphis(error)
    elif _is_of(error, TypeScriptError):
        wire = _of_typescript(error)
    else:
        arguments, target = (failure.arguments, failure.target) if is_first else ((), None)
        raised = Raised(error, text, called, frames.kept, arguments, target)
        code, found = exact(raised)
        message = _message(called, f"{name}: {text}")
        message += _hint(text, found.get("suggestions"))
        context = {**own, "attributes": attributes_of(error), **_group(error), **found}
        wire = _wire(code, clean(message, MAX_TEXT), context)
    if is_first:
        _add_call(wire["context"], failure)
    origin = error.origin if _is_of(error, AmphisError) else None
    here = {"language": "python", "type": shown, "traceback": frames.text(said)}
    wire["origin"] = here if origin is None else portable_map(origin)
    return wire


def _message(called: str, said: str) -> str:
    if not called:
        return said
    if len(called) <= _LONG_NAME:
        return f"Cannot call {called}: {said}"
    # What it says of a name as long has the name in it too.
    return f"Cannot call {clean(called, _LONG_NAME)}: {clean(said, 2 * _LONG_NAME)}"


def _hint(text: str, near: object) -> str:
    # Newer Pythons say it themselves now and then.
    if not isinstance(near, list) or not near or "Did you mean" in text:
        return ""
    return f"; did you mean {near[0]}?"


def _is_of(error: BaseException, kind: type[_Error]) -> TypeGuard[_Error]:
    # By its type, as `__class__` may be code of the user's.
    return issubclass(type(error), kind)


def _wire(code: ErrorCode, message: str, context: dict[str, object]) -> dict[str, object]:
    info = ERRORS[code]
    return {
        "code": code.value,
        "number": info.number,
        "category": info.category,
        "message": message,
        "retryable": info.retryable,
        "context": context,
    }


def _of_amphis(error: AmphisError) -> dict[str, object]:
    """An error of Amphis keeps its code and what belongs to that."""
    wire: dict[str, object] = {
        "code": error.code.value if isinstance(error.code, ErrorCode) else error.code,
        "number": error.number,
        "category": error.category,
        "message": clean(error.message, MAX_TEXT),
        "retryable": error.retryable,
        "context": portable_map(error.context),
    }
    if error.correlation_id is not None:
        wire["correlationId"] = clean(error.correlation_id, _NAME)
    return wire


def _of_typescript(error: TypeScriptError) -> dict[str, object]:
    """The program has the error itself, and finds it by the callback that it failed."""
    message = f"Cannot call function of TypeScript: {clean(str(error.message), MAX_TEXT)}"
    context: dict[str, object] = {"function": error.function, "callback": error.callback}
    return _wire(ErrorCode.CALLBACK_FAILED, message, context)


def _add_call(context: object, failure: Failure) -> None:
    if not isinstance(context, dict):
        return
    context.setdefault("call", clean(failure.call, _NAME))
    if failure.step is not None:
        context["step"] = failure.step
    if failure.arguments:
        texts = [short(argument) for argument in failure.arguments[:_MOST_ARGUMENTS]]
        context.setdefault("arguments", texts)


def _members(error: BaseException) -> list[BaseException]:
    members = ask(lambda: error.exceptions) if _is_group(error) else None  # type: ignore[attr-defined]
    if not isinstance(members, (tuple, list)):
        return []
    return [member for member in members if issubclass(type(member), BaseException)]


def _is_group(error: BaseException) -> bool:
    # By name: Python 3.10 has none, and what takes their place there is a package.
    return any(kind.__name__ == "BaseExceptionGroup" for kind in type(error).__mro__)


def _group(error: BaseException) -> dict[str, object]:
    members = _members(error)
    return {"exceptions": [_member(each) for each in members[:_MOST_MEMBERS]]} if members else {}


def _member(error: BaseException) -> dict[str, object]:
    name, module = class_of(error)
    frames = [frame.encode() for frame in frames_of(error).kept]
    return {"type": name, "module": module, "text": text_of(error), "traceback": frames}
