"""Arrays that do not fit: read from the exception where it says so, and else from its message."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.worker.failure_names import last_name
from amphis._internal.worker.failure_rule import shapes_in
from amphis._internal.worker.failure_text import clean, device_of, dtype_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amphis._internal.worker.failure_codes import Found, Raised
    from amphis._internal.worker.failure_rule import Rule

# What libraries say stands at the start; arrays that they show may be long.
_TEXT = 2_000
_MOST_SHAPES = 16
_RULES = "amphis._internal.worker.failure_rules_"
_MODULES = {
    f"{_RULES}numpy": frozenset({"numpy"}),
    f"{_RULES}tables": frozenset({"pandas", "polars", "pyarrow"}),
    f"{_RULES}torch": frozenset({"torch", "jax", "tensorflow"}),
}
# Types of elements that torch calls otherwise than it writes them.
_DTYPES = {
    "Double": "float64",
    "double": "float64",
    "Float": "float32",
    "float": "float32",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "long": "int64",
    "Int": "int32",
    "int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
}
_DEVICES = re.compile(r"torch\.(cuda|mps|xpu)?")


def array_failed(raised: Raised) -> Found | None:
    """Shapes, types of elements or devices that do not fit; None when it is none of these."""
    found = _casting(raised)
    if found is not None:
        return found
    text = raised.text[:_TEXT]
    for rule in _rules():
        match = rule.pattern.search(text)
        if match is not None:
            return rule.code, _fields(rule, match, raised)
    if type(raised.error).__name__ == "ShapeError":
        return ErrorCode.SHAPE_MISMATCH, _of_shapes("", "", [], raised)
    return None


def _rules() -> Iterator[Rule]:
    """The rules for the libraries that are loaded, as no other can have raised it."""
    for module, libraries in _MODULES.items():
        if not libraries.isdisjoint(sys.modules):
            yield from import_module(module).RULES


def _casting(raised: Raised) -> Found | None:
    """NumPy's own exceptions about types, which say them as objects."""
    error = raised.error
    function = getattr(error, "ufunc", None) if issubclass(type(error), TypeError) else None
    if function is None:
        return None
    to, source = getattr(error, "to", None), getattr(error, "from_", None)
    said = (source, to) if to is not None else getattr(error, "dtypes", ())
    dtypes = [clean(str(each), 200) for each in said if each is not None]
    expected = dtypes[1] if to is not None and len(dtypes) > 1 else ""
    advice = f"Convert with astype({expected!r})" if expected else "Convert one with astype()"
    return ErrorCode.DTYPE_MISMATCH, {
        "expected": expected,
        "got": dtypes[0] if dtypes else "",
        "dtypes": dtypes,
        "operation": clean(str(getattr(function, "__name__", "")), 200),
        "suggestion": advice,
    }


def _fields(rule: Rule, match: re.Match[str], raised: Raised) -> dict[str, object]:
    named = {name: text for name, text in match.groupdict().items() if text is not None}
    if rule.code is ErrorCode.DTYPE_MISMATCH:
        return _of_dtypes(rule, named, raised)
    if rule.code is ErrorCode.TENSOR_DEVICE_MISMATCH:
        return _of_devices(rule, named, raised)
    if rule.has_lengths:
        shapes = [[int(text)] for name, text in named.items() if name.startswith("length")]
    else:
        shapes = shapes_in(named.get("shapes", ""))
    return _of_shapes(named.get("operation", rule.operation), rule.advice, shapes, raised, named)


def _of_shapes(
    operation: str,
    advice: str,
    shapes: list[list[int]],
    raised: Raised,
    named: dict[str, str] | None = None,
) -> dict[str, object]:
    if not shapes:
        shapes = [shape for shape in map(shape_of, raised.arguments) if shape is not None]
    suggestion = advice.format_map(named or {}) if advice else _advice(operation, shapes)
    return {
        "operation": operation or _called(raised),
        "suggestion": suggestion,
        "shapes": shapes[:_MOST_SHAPES],
    }


def _called(raised: Raised) -> str:
    return clean(last_name(raised.call), 200)


def _advice(operation: str, shapes: list[list[int]]) -> str:
    if operation in ("matmul", "dot", "linear") and len(shapes) == 2:
        (*_, rows, inner), second = (0, *shapes[0]), shapes[1]
        if len(shapes[0]) == len(second) == 2 and inner != second[0]:
            if inner == second[1]:
                return "Transpose the second array"
            if rows == second[0]:
                return "Transpose the first array"
            return f"Give the first as many columns as the second has rows, {second[0]}"
    return "Make their shapes fit, with reshape(), transposed, or by taking a part"


def _of_dtypes(rule: Rule, named: dict[str, str], raised: Raised) -> dict[str, object]:
    expected, got = (
        _DTYPES.get(text, text) for text in map(named.get, ("expected", "got"), ("", ""))
    )
    dtypes = [text for text in (expected, got) if text]
    if "dtypes" in named:
        dtypes = [text.strip(" '`\"") for text in named["dtypes"].replace(" and ", ",").split(",")]
    if not dtypes:
        dtypes = [text for text in map(dtype_of, raised.arguments) if text]
    return {
        "expected": expected,
        "got": got or (dtypes[-1] if dtypes else ""),
        "dtypes": [_dtype(text) for text in dtypes],
        "operation": named.get("operation", rule.operation),
        "suggestion": rule.advice or "Convert one of them, so that both have one type",
    }


def _dtype(text: str) -> str:
    return _DTYPES.get(text, text)


def _of_devices(rule: Rule, named: dict[str, str], raised: Raised) -> dict[str, object]:
    # The first is where the other one is expected.
    devices = [named[name] for name in ("device1", "device2") if name in named]
    if "types" in named:
        devices = [device or "cpu" for device in _DEVICES.findall(named["types"])]
    if len(devices) < 2:
        devices = list(dict.fromkeys(filter(None, map(device_of, raised.arguments)))) or devices
    moved = f"Move the other one: tensor.to({devices[0]!r})" if devices else ""
    return {"devices": devices, "suggestion": rule.advice or moved}
