"""Types of elements that both languages read in place, by their NumPy names."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.memory.libraries import library, numpy

ITEM_BYTES: Final = {
    "bool": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "uint16": 2,
    "int32": 4,
    "uint32": 4,
    "int64": 8,
    "uint64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
"""Bytes of one element, by type."""

_CODES = {
    "b1": "bool",
    "?": "bool",
    "i1": "int8",
    "u1": "uint8",
    "i2": "int16",
    "u2": "uint16",
    "i4": "int32",
    "u4": "uint32",
    "i8": "int64",
    "u8": "uint64",
    "f2": "float16",
    "f4": "float32",
    "f8": "float64",
    "c8": "complex64",
    "c16": "complex128",
}
_NUMPY_CODES = {name: f"<{code}" for code, name in _CODES.items() if code != "?"}

# What to do about types that do not travel, by NumPy's letter for the kind.
_ADVICE = {
    "O": "its elements are Python objects; convert it to a numeric type, or send a list",
    "U": "it holds text; send a list of strings (array.tolist()) or an Arrow table",
    "T": "it holds text; send a list of strings (array.tolist()) or an Arrow table",
    "S": "it holds bytes; send array.view('uint8'), or a list of bytes",
    "M": "it holds dates; send array.view('int64') and say the unit, or an Arrow table",
    "m": "it holds durations; send array.view('int64') and say the unit, or an Arrow table",
    "f": "it has more digits than both languages have; send array.astype('float64')",
    "c": "it has more digits than both languages have; send array.astype('complex128')",
}


@lru_cache(maxsize=64)
def parse_dtype(text: str) -> str:
    """The name for what a peer calls a type: `float32`, `<f4`, `|b1`.

    Raises:
        AmphisError: DTYPE_UNSUPPORTED, for big-endian elements too
    """
    order = text[:1] if text[:1] in ("<", ">", "|") else ""
    bare = text[len(order) :]
    name = _CODES.get(bare, bare)
    if name not in ITEM_BYTES:
        raise unsupported(text, f"it is none of {', '.join(ITEM_BYTES)}")
    if order == ">" and ITEM_BYTES[name] > 1:
        raise unsupported(text, "it is big-endian; convert it first")
    return name


@lru_cache(maxsize=64)
def dtype_name(dtype: Any) -> str:  # noqa: ANN401 - a dtype of NumPy
    """The name of a NumPy type, whatever its byte order.

    Raises:
        AmphisError: DTYPE_UNSUPPORTED, which says what to send instead
    """
    name: str = dtype.name
    if name in ITEM_BYTES:
        return name
    if dtype.fields is not None:
        raise unsupported(str(dtype), "it has fields; send them one by one (array['field'])")
    if dtype.kind == "V" and dtype.type.__module__.startswith("ml_dtypes"):
        raise unsupported(name, "only its own library reads it; send array.astype('float32')")
    if dtype.kind == "V":
        raise unsupported(str(dtype), "its elements have no meaning; send array.view('uint8')")
    advice = _ADVICE.get(dtype.kind, "only its own library reads it; convert it first")
    raise unsupported(str(dtype), advice)


@cache
def numpy_dtype(name: str) -> Any:  # noqa: ANN401 - a dtype of NumPy
    """The little-endian NumPy type of a name of `ITEM_BYTES`.

    Raises:
        AmphisError: DATA_LIBRARY_MISSING when it is bfloat16, and ml_dtypes is not installed
    """
    if name == "bfloat16":
        return numpy().dtype(library("ml_dtypes", wanted_for="elements of bfloat16").bfloat16)
    return numpy().dtype(_NUMPY_CODES[name])


def unsupported(dtype: str, why: str) -> AmphisError:
    """The error for a type that does not travel."""
    return AmphisError(
        ErrorCode.DTYPE_UNSUPPORTED, f"Cannot use dtype {dtype}: {why}", {"dtype": dtype}
    )
