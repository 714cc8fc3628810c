"""A whole schema in a few words, for lists of alternatives and for what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from amphis._internal.schema.keywords import TYPE_TEXTS, Schema, as_list, constants
from amphis._internal.schema.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amphis._internal.schema.document import SchemaDocument

ANY = "any value"
MAX_LISTED = 8


def describe(schema: Schema, document: SchemaDocument) -> str:  # noqa: PLR0911 - a table of cases
    """The text of a schema as `expected` shows it."""
    if isinstance(schema, bool):
        return ANY if schema else "nothing"
    if "x-amphis" in schema:
        return kind_text(str(schema["x-amphis"]))
    if "const" in schema:
        return show(schema["const"])
    if "enum" in schema:
        return one_of([show(value) for value in as_list(schema["enum"])])
    if "type" in schema:
        return type_text(schema)
    if "$ref" in schema:
        return describe(document.resolve(str(schema["$ref"]))[1], document)
    return _describe_members(schema, document)


def _describe_members(schema: Schema, document: SchemaDocument) -> str:
    if isinstance(schema, bool):
        return ANY
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return union_text(schema, keyword, document)
    for member in as_list(schema.get("allOf", [])):
        text = describe(cast("Schema", member), document)
        if text != ANY:
            return text
    if "not" in schema:
        return f"not {describe(cast('Schema', schema['not']), document)}"
    return ANY


def union_text(schema: Schema, keyword: str, document: SchemaDocument) -> str:
    """The text of an anyOf or oneOf: the texts of its members."""
    if isinstance(schema, bool):
        return ANY
    values = constants({"anyOf": schema["anyOf"]}) if keyword == "anyOf" else None
    if values is not None:
        return one_of([show(value) for value in values])
    members = as_list(schema[keyword])
    return alternatives([describe(cast("Schema", member), document) for member in members])


def kind_text(kind: str) -> str:
    """The text of an x-amphis kind."""
    return {"int": "integer", "value": ANY}.get(kind, kind)


def type_text(schema: Schema) -> str:
    """The text of the keyword `type`."""
    names = [] if isinstance(schema, bool) else as_list(schema["type"])
    return alternatives([TYPE_TEXTS[str(name)] for name in names])


def one_of(texts: Sequence[str]) -> str:
    """The text of an enum."""
    if len(texts) == 1:
        return texts[0]
    rest = len(texts) - MAX_LISTED
    listed = ", ".join(texts[:MAX_LISTED])
    return f"one of {listed} and {rest} more" if rest > 0 else f"one of {listed}"


def alternatives(texts: Sequence[str]) -> str:
    """Join texts with `or`, each once."""
    unique = list(dict.fromkeys(texts))
    rest = len(unique) - MAX_LISTED
    if rest > 0:
        return f"{', '.join(unique[:MAX_LISTED])} or {rest} more"
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"
