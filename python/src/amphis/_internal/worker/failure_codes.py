"""Which code an exception gets, and what belongs to that code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from amphis._internal._generated.error_codes import ErrorCode

if TYPE_CHECKING:
    from amphis._internal.worker.failure_frames import Frame


class Raised(NamedTuple):
    """An exception as the rules look at it.

    Attributes:
        error: itself
        text: `str()` of it
        call: what was called, `module:attribute` when it has such a name; empty for a cause
        frames: of its traceback, without those of the worker
        arguments: of the call
        target: the function that was called, where its name does not tell which
    """

    error: BaseException
    text: str
    call: str
    frames: Sequence[Frame]
    arguments: Sequence[object]
    target: object = None

    @property
    def is_of_call(self) -> bool:
        """Whether the call itself raised it, and no code that it ran."""
        return not self.frames


# What a rule finds: the code, and fields of its context.
Found = tuple[ErrorCode, dict[str, object]]


def exact(raised: Raised) -> Found:
    """The most exact code that there is; `PYTHON_ERROR` when no rule fits, or one fails."""
    try:
        found = _found(raised)
    except BaseException:  # noqa: BLE001 - rules look at objects of libraries, which may do anything
        found = None
    return (ErrorCode.PYTHON_ERROR, {}) if found is None else found


def _found(raised: Raised) -> Found | None:
    kind = type(raised.error)
    if issubclass(kind, ImportError):
        from amphis._internal.worker.failure_import import import_failed  # noqa: PLC0415

        return import_failed(raised.error, raised.text)
    from amphis._internal.worker import failure_memory, failure_names  # noqa: PLC0415

    if issubclass(kind, AttributeError) and not failure_names.is_serialization(raised):
        return failure_names.attribute_missing(raised)
    found = failure_memory.out_of_memory(raised) or failure_names.named(raised)
    if found is not None or not _has_arrays():
        return found
    from amphis._internal.worker.failure_arrays import array_failed  # noqa: PLC0415

    return array_failed(raised)


def _has_arrays() -> bool:
    """Whether any library is loaded whose messages the rules know."""
    return not {"numpy", "torch", "polars", "pyarrow", "jax", "tensorflow"}.isdisjoint(sys.modules)
