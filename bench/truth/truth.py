"""What every rival is asked. Expressions name the values, so that none carries the truth itself."""

from __future__ import annotations

import os
import sys
from typing import Any

_NAMES = """
import datetime, decimal, math, pathlib, uuid
try:
    import numpy
except ImportError:
    numpy = None
"""


def value_of(expression: str) -> Any:
    names: dict[str, Any] = {}
    exec(_NAMES, names)  # noqa: S102 - the expressions stand in this folder
    return eval(expression, names)  # noqa: S307 - as above


def sees(value: Any, expression: str) -> bool:
    """Whether a value of TypeScript is here what the expression is, of the same type."""
    return _same(value, value_of(expression))


def gives(expression: str) -> Any:
    return value_of(expression)


def fails() -> None:
    error = ValueError("not this", 7)
    error.detail = {"field": "age"}  # type: ignore[attr-defined]
    raise error from KeyError("inner")


def prints() -> str:
    sys.stdout.write('{"not": "an answer"}\n')
    sys.stdout.flush()
    return "printed"


def writes() -> str:
    os.write(1, b'[1, "raw bytes"]\n\x00\xff')
    return "written"


def dies() -> None:
    import ctypes

    ctypes.string_at(0)


def _same(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return repr(left) == repr(right)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(_same(left[key], right[key]) for key in left)
    if type(left).__module__ == "numpy":
        return bool(left.dtype == right.dtype and (left == right).all())
    return bool(left == right)


def _serve() -> None:
    """Answer JSON in lines, for the rivals that are written by hand or run scripts."""
    import json

    for line in sys.stdin:
        name, args = json.loads(line)
        try:
            answer = json.dumps({"value": globals()[name](*args)})
        except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
            answer = json.dumps({"error": str(error)})
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
