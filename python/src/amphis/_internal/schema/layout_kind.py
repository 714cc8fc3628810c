"""The kind of a schema, as far as its layout and its name in a reason go (spec/compact.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from amphis._internal.schema.describe import ANY, alternatives, kind_text
from amphis._internal.schema.keywords import TYPE_TEXTS, Schema, as_list, constants, tuple_members
from amphis._internal.schema.show import show

if TYPE_CHECKING:
    from collections.abc import Mapping

_NULLABLE_MEMBERS = 2


def layout_kind(schema: Schema) -> str:
    """Two schemas of different kinds have different layouts."""
    if isinstance(schema, bool):
        return ANY if schema else "nothing"
    if "x-amphis" in schema:
        kind = kind_text(str(schema["x-amphis"]))
        length = fixed_length(schema)
        return kind if length is None else f"{kind} of length {length}"
    if "const" in schema:
        return "constant"
    if constants(schema) is not None:
        return "enum"
    for keyword, kind in (("anyOf", "union"), ("oneOf", "oneOf"), ("allOf", "allOf")):
        if keyword in schema:
            return kind
    return _type_kind(schema)


def _type_kind(schema: Mapping[str, object]) -> str:
    if "type" not in schema:
        return ANY
    names = [str(name) for name in as_list(schema["type"])]
    if len(names) > 1:
        return alternatives([TYPE_TEXTS[name] for name in names])
    if names[0] == "array":
        return "list" if tuple_members(schema)[0] is None else "tuple"
    if names[0] == "object":
        return "map with properties" if "properties" in schema else "map"
    return TYPE_TEXTS[names[0]]


def fixed_length(schema: Schema) -> str | None:
    """The length that is part of the layout of x-amphis bytes and arrays, if there is one."""
    if isinstance(schema, bool) or schema.get("x-amphis") not in ("bytes", "array"):
        return None
    least = schema.get("minItems")
    return show(least) if least is not None and least == schema.get("maxItems") else None


def nullable_member(schema: Schema) -> Schema | None:
    """The other member of an anyOf of two, one of which is null; else None."""
    if isinstance(schema, bool) or "x-amphis" in schema or constants(schema) is not None:
        return None
    members = [cast("Schema", member) for member in as_list(schema.get("anyOf", []))]
    others = [member for member in members if not _is_null(member)]
    is_nullable = len(members) == _NULLABLE_MEMBERS and len(others) == 1
    return others[0] if is_nullable else None


def _is_null(schema: Schema) -> bool:
    return (
        not isinstance(schema, bool) and schema.get("type") == "null" and "x-amphis" not in schema
    )
