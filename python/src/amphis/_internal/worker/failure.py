"""Exceptions of Python as the bodies of error frames (spec/worker.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal._generated.error_table import ERRORS
from amphis._internal.codec.msgpack.codec import msgpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amphis._internal.worker.objects import Objects

_MSGPACK = msgpack()


def error_body(  # noqa: PLR0913 - what there is to say of an error
    error: BaseException,
    *,
    call: str,
    arguments: Sequence[object] = (),
    step: int | None = None,
    target: object = None,
    objects: Objects | None = None,
) -> bytes:
    """Describe an exception, its causes and its traceback. Never raises.

    Everything in it is bounded, and what cannot be read of an exception is left out.

    Args:
        error: what was raised
        call: what was called, for people
        arguments: of the call
        step: which step of a program it was
        target: the function that was called, where its name does not tell which
        objects: gets the exception when it may be asked for later. Its tracebacks are cut off
            then, as they would keep all variables of the code that failed
    """
    # Most workers never need it, and it takes a while to load.
    try:
        from amphis._internal.worker.failure_wire import Failure, describe  # noqa: PLC0415

        wire = describe(error, Failure(call, arguments, step, target), objects)
        return _MSGPACK.encode(wire)
    except Exception as raised:  # noqa: BLE001 - out of memory or of stack: the call is answered anyway
        return _MSGPACK.encode(_least(error, raised, step))


def _least(error: BaseException, raised: Exception, step: int | None) -> dict[str, object]:
    """What can be said of any exception."""
    info = ERRORS[ErrorCode.PYTHON_ERROR]
    name = type(error).__name__.encode("ascii", "replace").decode()
    context = {"type": name, "module": "", "text": "", "notes": [], "traceback": []}
    return {
        "code": ErrorCode.PYTHON_ERROR.value,
        "number": info.number,
        "category": info.category,
        "message": f"Cannot describe {name}: {type(raised).__name__} was raised meanwhile",
        "retryable": info.retryable,
        "context": context if step is None else {**context, "step": step},
    }
