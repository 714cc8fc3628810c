"""The words of a schema that more than one module must know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Schema: TypeAlias = "Mapping[str, object] | bool"
"""A JSON Schema, with `x-amphis` for layouts that JSON Schema has no word for."""

TYPE_TEXTS = {
    "null": "null",
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "string": "string",
    "array": "list",
    "object": "map",
}
INTEGER_KINDS = {
    f"{sign}{bits}": (-(2 ** (bits - 1)) if sign == "i" else 0, 2 ** (bits - (sign == "i")) - 1)
    for bits in (8, 16, 32, 64, 128)
    for sign in "ui"
}
TEXT_KINDS = (
    "timestamp",
    "date",
    "time",
    "datetime",
    "duration",
    "decimal",
    "uuid",
    "complex",
    "path",
    "handle",
    "attachment",
)
KINDS = frozenset(
    (
        *INTEGER_KINDS,
        *TEXT_KINDS,
        "f32",
        "f64",
        "char",
        "bytes",
        "array",
        "set",
        "map",
        "int",
        "value",
    )
)
MEMBERS = ("allOf", "anyOf", "oneOf")
UNSUPPORTED = frozenset(
    (
        "if",
        "then",
        "else",
        "contains",
        "minContains",
        "maxContains",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "$dynamicRef",
        "$recursiveRef",
    )
)


def as_list(value: object) -> list[object]:
    """A keyword that may be one thing or a list of them, as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def as_map(value: object) -> Mapping[str, object]:
    """A keyword that is a map when it is there."""
    return value if isinstance(value, Mapping) else {}


def constants(schema: Schema) -> list[object] | None:
    """The allowed values of an enum, or of an anyOf whose members are constants; else None."""
    if isinstance(schema, bool) or "x-amphis" in schema:
        return None
    if "enum" in schema:
        return as_list(schema["enum"])
    members = as_list(schema.get("anyOf", []))
    values = [
        member["const"]
        for member in members
        if isinstance(member, Mapping) and "const" in member and "x-amphis" not in member
    ]
    return values if values and len(values) == len(members) else None


def tuple_members(schema: Mapping[str, object]) -> tuple[list[object] | None, object]:
    """The schemas of the first items, if they are given one by one, and of all further items."""
    if "prefixItems" in schema:
        return as_list(schema["prefixItems"]), schema.get("items", True)
    items = schema.get("items", True)
    if isinstance(items, (list, tuple)):
        return list(items), schema.get("additionalItems", True)
    return None, items
