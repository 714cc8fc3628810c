"""The shape that the value of every keyword must have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from amphis._internal.schema.keywords import KINDS, MEMBERS, TYPE_TEXTS, UNSUPPORTED, as_list
from amphis._internal.schema.pattern import compile_pattern
from amphis._internal.schema.pointer import escape, invalid


def check_keyword(keyword: str, value: object, pointer: str) -> None:
    if keyword in UNSUPPORTED:
        raise invalid(pointer, f"{keyword} is not supported")
    check = _CHECKS.get(keyword)
    if check is not None:
        check(value, pointer)


def check_array(schema: Mapping[str, object], pointer: str) -> None:
    if schema.get("x-amphis") == "array":
        least, most = schema.get("minItems"), schema.get("maxItems")
        if least is None or least != most:
            raise invalid(f"{pointer}/x-amphis", "an array needs equal minItems and maxItems")


def _check_type(value: object, pointer: str) -> None:
    if isinstance(value, (list, tuple)):
        if not value:
            raise invalid(pointer, "a list of types names at least one")
        for index, name in enumerate(value):
            _check_type_name(name, f"{pointer}/{index}")
    else:
        _check_type_name(value, pointer)


def _check_type_name(name: object, pointer: str) -> None:
    if not isinstance(name, str) or name not in TYPE_TEXTS:
        raise invalid(pointer, "the type is not known")


def _check_kind(value: object, pointer: str) -> None:
    if not isinstance(value, str) or value not in KINDS:
        raise invalid(pointer, "the kind is not known")


def _check_filled_list(value: object, pointer: str) -> None:
    if not isinstance(value, (list, tuple)) or not value:
        raise invalid(pointer, "it must be a list of at least one")


def _check_list(value: object, pointer: str) -> None:
    if not isinstance(value, (list, tuple)):
        raise invalid(pointer, "it must be a list")


def _check_map(value: object, pointer: str) -> None:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise invalid(pointer, "it must be a map with string keys")


def _check_patterns(value: object, pointer: str) -> None:
    _check_map(value, pointer)
    if isinstance(value, Mapping):
        for source in value:
            _check_pattern(source, pointer + escape(source))


def _check_pattern(value: object, pointer: str) -> None:
    if not isinstance(value, str):
        raise invalid(pointer, "a pattern is a string")
    try:
        compile_pattern(value)
    except ValueError as error:
        raise invalid(pointer, f"the pattern does not compile: {error}") from error


def _check_required(value: object, pointer: str) -> None:
    _check_list(value, pointer)
    for index, name in enumerate(as_list(value)):
        if not isinstance(name, str):
            raise invalid(f"{pointer}/{index}", "a name is a string")


def _check_count(value: object, pointer: str) -> None:
    number = _number(value)
    if number is None or number != int(number) or number < 0:
        raise invalid(pointer, "it must be an integer >= 0")


def _check_number(value: object, pointer: str) -> None:
    if _number(value) is None:
        raise invalid(pointer, "it must be a number")


def _check_multiple(value: object, pointer: str) -> None:
    number = _number(value)
    if number is None or number <= 0:
        raise invalid(pointer, "it must be a number > 0")


def _number(value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else None


def _check_bool(value: object, pointer: str) -> None:
    if not isinstance(value, bool):
        raise invalid(pointer, "it must be a bool")


def _check_reference(value: object, pointer: str) -> None:
    if not isinstance(value, str) or (value != "#" and not value.startswith("#/")):
        raise invalid(pointer, "a reference is # or begins with #/")


def _check_schema(value: object, pointer: str) -> None:
    if not isinstance(value, (bool, Mapping)):
        raise invalid(pointer, "a schema is a map or a bool")


def _check_items(value: object, pointer: str) -> None:
    if not isinstance(value, (list, tuple)):
        _check_schema(value, pointer)


_CHECKS: dict[str, Callable[[object, str], None]] = {
    "type": _check_type,
    "x-amphis": _check_kind,
    "enum": _check_filled_list,
    **dict.fromkeys(MEMBERS, _check_filled_list),
    **dict.fromkeys(("properties", "$defs"), _check_map),
    "patternProperties": _check_patterns,
    "required": _check_required,
    "prefixItems": _check_list,
    "items": _check_items,
    **dict.fromkeys(
        ("not", "additionalItems", "additionalProperties", "keys", "values"), _check_schema
    ),
    **dict.fromkeys(
        ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"),
        _check_count,
    ),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _check_number),
    "multipleOf": _check_multiple,
    "uniqueItems": _check_bool,
    "pattern": _check_pattern,
    "$ref": _check_reference,
}
