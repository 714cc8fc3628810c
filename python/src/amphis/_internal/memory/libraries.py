"""Libraries that the package does not need, loaded when a value of theirs is asked for."""

from __future__ import annotations

import importlib
from functools import cache

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def library(name: str, *, wanted_for: str) -> Any:  # noqa: ANN401 - a module without types here
    """Import it.

    Raises:
        AmphisError: DATA_LIBRARY_MISSING
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # One that is there but lacks something itself is another failure.
        if error.name != name:
            raise
        raise AmphisError(
            ErrorCode.DATA_LIBRARY_MISSING,
            f"Cannot use {wanted_for}: install {name} in the environment of this Python",
            {"library": name},
        ) from error


@cache
def numpy() -> Any:  # noqa: ANN401 - a module without types here
    """NumPy.

    Raises:
        AmphisError: DATA_LIBRARY_MISSING
    """
    return library("numpy", wanted_for="arrays")
