"""Limits on numbers, lengths and texts, each one test with its words."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

from amphis._internal.schema.describe import kind_text
from amphis._internal.schema.identity import identity
from amphis._internal.schema.keywords import INTEGER_KINDS, as_list
from amphis._internal.schema.kinds import is_list, is_number, is_object
from amphis._internal.schema.pattern import compile_pattern
from amphis._internal.schema.rule import Test
from amphis._internal.schema.show import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_NUMBER_BOUNDS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("minimum", ">=", operator.ge),
    ("exclusiveMinimum", ">", operator.gt),
    ("maximum", "<=", operator.le),
    ("exclusiveMaximum", "<", operator.lt),
)
_FLOAT_TOLERANCE = 1e-10


def number_tests(schema: Mapping[str, object]) -> Iterator[Test]:
    """Bounds of numbers, and multipleOf."""
    noun = _number_noun(schema)
    is_applicable = _is_bounded if "x-amphis" in schema else is_number
    for keyword, sign, compare in _NUMBER_BOUNDS:
        if keyword in schema:
            yield _bound(f"{noun} {sign} ", schema[keyword], compare, is_applicable)
    if "multipleOf" in schema:
        divisor = schema["multipleOf"]
        yield Test(
            f"{noun} multiple of {show(divisor)}",
            lambda value, _: not is_number(value) or is_multiple(value, divisor),
        )


def _is_bounded(value: object) -> bool:
    # f32 and f64 take infinities, which bounds concern; NaN is beyond none of them.
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value == value  # noqa: PLR0124 - not NaN


def _bound(
    text: str,
    limit: object,
    compare: Callable[[Any, Any], bool],
    is_applicable: Callable[[object], bool],
) -> Test:
    return Test(
        f"{text}{show(limit)}", lambda value, _: not is_applicable(value) or compare(value, limit)
    )


def _number_noun(schema: Mapping[str, object]) -> str:
    kind = schema.get("x-amphis")
    if kind in INTEGER_KINDS or kind in ("f32", "f64", "int"):
        return kind_text(str(kind))
    names = as_list(schema.get("type", []))
    return "integer" if "integer" in names and "number" not in names else "number"


def is_multiple(value: Any, divisor: Any) -> bool:  # noqa: ANN401 - numbers of either kind
    """Tell whether a number is a multiple: exact for integers, within 1e-10 for floats."""
    if float(divisor).is_integer() and _is_whole(value):
        return bool(int(value) % int(divisor) == 0)
    try:
        number = float(value)
    except OverflowError:
        return False
    rest = abs(math.fmod(number, divisor))
    return bool(min(rest, divisor - rest) < _FLOAT_TOLERANCE)


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or value.is_integer()


def string_tests(schema: Mapping[str, object]) -> Iterator[Test]:
    """Lengths in code points, and pattern."""
    yield from _length_tests(schema, "string", "Length", lambda value: isinstance(value, str))
    if "pattern" in schema:
        source = str(schema["pattern"])
        search = compile_pattern(source).search
        yield Test(
            f"string matching {source}",
            lambda value, _: not isinstance(value, str) or search(value) is not None,
        )


def list_tests(schema: Mapping[str, object]) -> Iterator[Test]:
    """Numbers of items, and uniqueItems."""
    kind = schema.get("x-amphis")
    if kind == "bytes":
        yield from _length_tests(schema, "bytes", "Items", _is_bytes)
    elif kind == "set":
        yield from _length_tests(
            schema, "set", "Items", lambda value: isinstance(value, (set, frozenset))
        )
    else:
        yield from _length_tests(schema, "array" if kind == "array" else "list", "Items", is_list)
    if schema.get("uniqueItems") is True:
        yield Test("list of distinct values", _is_distinct)


def _is_bytes(value: object) -> bool:
    return isinstance(value, (bytes, bytearray, memoryview))


def _is_distinct(value: object, room: int) -> bool:
    if not isinstance(value, (list, tuple)):
        return True
    return len({identity(item, room - 1) for item in value}) == len(value)


def map_tests(schema: Mapping[str, object]) -> Iterator[Test]:
    """Numbers of properties."""
    is_map = (
        (lambda value: isinstance(value, dict)) if schema.get("x-amphis") == "map" else is_object
    )
    yield from _length_tests(schema, "map", "Properties", is_map)


def _length_tests(
    schema: Mapping[str, object], noun: str, what: str, is_applicable: Callable[[object], bool]
) -> Iterator[Test]:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if least is not None and least == most:
        yield _length(f"{noun} of length {show(least)}", least, operator.eq, is_applicable)
        return
    if least is not None:
        yield _length(f"{noun} of length >= {show(least)}", least, operator.ge, is_applicable)
    if most is not None:
        yield _length(f"{noun} of length <= {show(most)}", most, operator.le, is_applicable)


def _length(
    expected: str,
    limit: object,
    compare: Callable[[Any, Any], bool],
    is_applicable: Callable[[object], bool],
) -> Test:
    return Test(
        expected,
        lambda value, _: not is_applicable(value) or compare(_size(value), limit),
    )


def _size(value: Any) -> int:  # noqa: ANN401 - anything with a length
    return value.nbytes if isinstance(value, memoryview) else len(value)
