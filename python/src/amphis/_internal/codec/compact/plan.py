"""Chooses the layout of a schema: the first row that fits in the table of spec/compact.md."""

from __future__ import annotations

import re
from math import isinf
from typing import TYPE_CHECKING

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.compact.constant_layouts import Choice, Constant
from amphis._internal.codec.compact.kind_layouts import AnyInt, AnyValue, AttachmentKind, ScalarKind
from amphis._internal.codec.compact.list_layouts import Sequence, Set, Tuple
from amphis._internal.codec.compact.map_layouts import Map, Property, Struct
from amphis._internal.codec.compact.number_layouts import INTEGERS, Boolean, Float, Integer
from amphis._internal.codec.compact.scalar import SCALARS
from amphis._internal.codec.compact.text_layouts import Bytes, Char, String
from amphis._internal.codec.compact.union_layouts import Option, Reference, Variant
from amphis._internal.errors import AmphisError

if TYPE_CHECKING:
    from amphis._internal.codec.compact.layout import Layout

_REFERENCE = re.compile(r"#/\$defs/([^/]+)")
_SIMPLE: dict[str, Layout] = {
    **{name: Integer(name) for name in INTEGERS},
    **{name: ScalarKind(name) for name in SCALARS},
    "f32": Float(32),
    "f64": Float(64),
    "char": Char(),
    "int": AnyInt(),
    "value": AnyValue(),
    "attachment": AttachmentKind(),
}
_TYPES: dict[object, Layout] = {
    "null": Constant(None),
    "boolean": Boolean(),
    "integer": _SIMPLE["i64"],
    "number": _SIMPLE["f64"],
    "string": String(),
}


def plan_layout(schema: object) -> Layout:
    """Compile a schema.

    Raises:
        AmphisError: SCHEMA_INVALID with the JSON pointer of the place
    """
    try:
        planner = _Planner(schema)
        layout = planner.layout(schema, "")
        planner.check(layout)
    except RecursionError:
        raise schema_invalid("", "the schema is nested too deep") from None
    return layout


def schema_invalid(path: str, reason: str) -> AmphisError:
    """Report a place of a schema that cannot be compiled."""
    return AmphisError(
        ErrorCode.SCHEMA_INVALID,
        f"Cannot compile schema: {reason} at {path or 'its root'}",
        {"path": path, "reason": reason},
    )


class _Planner:
    def __init__(self, root: object) -> None:
        self._definitions = root.get("$defs") if isinstance(root, dict) else None
        self._references: dict[str, Reference] = {}

    def layout(self, schema: object, at: str) -> Layout:  # noqa: PLR0911 - a row each
        if isinstance(schema, bool):
            return _SIMPLE["value"]
        if not isinstance(schema, dict):
            raise schema_invalid(at, "a schema must be an object or a boolean")
        if "x-amphis" in schema:
            return self._extended(schema, at)
        if "$ref" in schema:
            return self._referred(schema["$ref"], f"{at}/$ref")
        if "const" in schema:
            return Constant(schema["const"])
        if "enum" in schema:
            return Choice(_some(schema["enum"], f"{at}/enum", "enum must be a list of values"))
        if "anyOf" in schema:
            members = _some(schema["anyOf"], f"{at}/anyOf", "anyOf must be a list of schemas")
            return self._union(members, f"{at}/anyOf")
        return self._typed(schema, at)

    def _extended(self, schema: dict[str, object], at: str) -> Layout:
        kind = schema["x-amphis"]
        if not isinstance(kind, str):
            raise schema_invalid(f"{at}/x-amphis", "x-amphis must be a string")
        simple = _SIMPLE.get(kind)
        if simple is not None:
            return simple
        if kind == "bytes":
            is_fixed = "minItems" in schema and schema["minItems"] == schema.get("maxItems")
            return Bytes(_fixed_length(schema, at) if is_fixed else None)
        if kind == "array":
            return Sequence(self._part(schema, "items", at), _fixed_length(schema, at))
        if kind == "set":
            return Set(self._part(schema, "items", at))
        if kind == "map":
            return Map(self._part(schema, "keys", at), self._part(schema, "values", at))
        raise schema_invalid(f"{at}/x-amphis", f'there is no layout "{kind}"')

    def _part(self, schema: dict[str, object], keyword: str, at: str) -> Layout:
        if keyword not in schema:
            raise schema_invalid(at, f"{schema['x-amphis']} needs {keyword}")
        return self.layout(schema[keyword], f"{at}/{keyword}")

    def _referred(self, reference: object, at: str) -> Layout:
        if not isinstance(reference, str):
            raise schema_invalid(at, "$ref must be a string")
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            reason = f'only #/$defs/name can be referred to, not "{reference}"'
            raise schema_invalid(at, reason)
        name = match[1].replace("~1", "/").replace("~0", "~")
        known = self._references.get(name)
        if known is not None:
            return known
        if not isinstance(self._definitions, dict) or name not in self._definitions:
            raise schema_invalid(at, f'there is no definition "{name}"')
        target = self._references[name] = Reference(name)
        target.target = self.layout(self._definitions[name], f"/$defs/{_escape(name)}")
        return target

    def _union(self, members: list[object], at: str) -> Layout:
        constants = [member["const"] for member in members if _is_constant(member)]  # type: ignore[index]
        if len(constants) == len(members):
            return Choice(constants)
        nils = [index for index, member in enumerate(members) if _is_nil(member)]
        if len(members) == 2 and nils:
            other = 1 - nils[-1]
            return Option(self.layout(members[other], f"{at}/{other}"))
        return Variant([self.layout(part, f"{at}/{index}") for index, part in enumerate(members)])

    def _typed(self, schema: dict[str, object], at: str) -> Layout:
        kind = schema.get("type")
        if kind == "array":
            return self._array(schema, at)
        if kind == "object":
            return self._object(schema, at)
        return _TYPES.get(kind, _SIMPLE["value"]) if isinstance(kind, str) else _SIMPLE["value"]

    def _array(self, schema: dict[str, object], at: str) -> Layout:
        items = schema.get("items")
        keyword = "prefixItems" if "prefixItems" in schema else "items"
        members = schema.get(keyword)
        if keyword == "prefixItems" and not isinstance(members, list):
            raise schema_invalid(f"{at}/prefixItems", "prefixItems must be a list of schemas")
        if isinstance(members, list):
            if not _ends_after(schema, len(members)):
                return _SIMPLE["value"]
            parts = enumerate(members)
            return Tuple([self.layout(part, f"{at}/{keyword}/{index}") for index, part in parts])
        if items is None or items is False:
            return _SIMPLE["value"]
        return Sequence(self.layout(items, f"{at}/items"), None)

    def _object(self, schema: dict[str, object], at: str) -> Layout:
        if "properties" in schema:
            return self._struct(schema, at)
        additional = schema.get("additionalProperties")
        patterns = schema.get("patternProperties")
        if isinstance(additional, dict):
            return Map(String(), self.layout(additional, f"{at}/additionalProperties"))
        if isinstance(patterns, dict) and len(patterns) == 1:
            ((pattern, values),) = patterns.items()
            place = f"{at}/patternProperties/{_escape(pattern)}"
            return Map(String(), self.layout(values, place))
        return _SIMPLE["value"]

    def _struct(self, schema: dict[str, object], at: str) -> Layout:
        properties = schema["properties"]
        required = schema.get("required", [])
        if not isinstance(properties, dict):
            raise schema_invalid(f"{at}/properties", "properties must be an object")
        if not isinstance(required, list):
            raise schema_invalid(f"{at}/required", "required must be a list of names")
        return Struct(
            [
                Property(
                    name,
                    self.layout(part, f"{at}/properties/{_escape(name)}"),
                    name not in required,
                )
                for name, part in properties.items()
            ]
        )

    def check(self, layout: Layout) -> None:
        """Refuse values without end, and elements without bytes."""
        if any(isinf(part.least()) for part in (layout, *self._references.values())):
            raise schema_invalid("", "a definition contains itself without end")
        seen: set[int] = set()
        pending = [layout]
        while pending:
            part = pending.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if not part.measure():
                raise schema_invalid("", "the elements of a list, set or map take no bytes")
            pending.extend(part.parts())


def _some(value: object, at: str, reason: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise schema_invalid(at, reason)
    return value


def _fixed_length(schema: dict[str, object], at: str) -> int:
    least, most = schema.get("minItems"), schema.get("maxItems")
    if not isinstance(least, int) or isinstance(least, bool) or least != most or least < 0:
        raise schema_invalid(at, "minItems and maxItems must be the same length")
    return least


def _ends_after(schema: dict[str, object], count: int) -> bool:
    closed = schema.get("additionalItems" if isinstance(schema.get("items"), list) else "items")
    most = schema.get("maxItems")
    is_full = isinstance(most, int) and not isinstance(most, bool) and most <= count
    return closed is False or schema.get("unevaluatedItems") is False or is_full


def _is_constant(member: object) -> bool:
    return (
        isinstance(member, dict)
        and "const" in member
        and "x-amphis" not in member
        and "$ref" not in member
    )


def _is_nil(member: object) -> bool:
    return isinstance(member, dict) and member.get("type") == "null" and "x-amphis" not in member


def _escape(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
