"""A schema as a document: its references, and that every keyword has the right shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from amphis._internal.schema.keyword_checks import check_array, check_keyword
from amphis._internal.schema.keywords import MEMBERS, Schema, as_list
from amphis._internal.schema.pointer import escape, invalid

MAX_SCHEMA_DEPTH = 128


class SchemaDocument:
    """A checked schema; its references lead somewhere and never in a circle.

    Raises:
        AmphisError: SCHEMA_INVALID with the JSON Pointer of what is wrong
    """

    def __init__(self, root: object) -> None:
        self.schemas: dict[str, Schema] = {}
        """Every schema of the document by its JSON Pointer."""
        self._root = root
        try:
            self._visit(root, "", 0)
            for pointer in list(self.schemas):
                self._check_circle(pointer)
        except RecursionError:
            raise invalid("", f"it is nested deeper than {MAX_SCHEMA_DEPTH} levels") from None

    def resolve(self, reference: str) -> tuple[str, Schema]:
        """The pointer and the schema that a `$ref` of this document leads to."""
        pointer = reference[1:]
        return pointer, self.schemas[pointer]

    def _visit(self, schema: object, pointer: str, depth: int) -> None:
        if pointer in self.schemas:
            return
        if not isinstance(schema, (bool, Mapping)):
            raise invalid(pointer, "a schema is a map or a bool")
        if depth > MAX_SCHEMA_DEPTH:
            raise invalid(pointer, f"it is nested deeper than {MAX_SCHEMA_DEPTH} levels")
        self.schemas[pointer] = schema
        if isinstance(schema, bool):
            return
        for keyword, value in schema.items():
            if not isinstance(keyword, str):
                raise invalid(pointer, "a keyword is a string")
            check_keyword(keyword, value, pointer + escape(keyword))
        check_array(schema, pointer)
        for child_pointer, child in _children(schema, pointer):
            self._visit(child, child_pointer, depth + 1)
        if "$ref" in schema:
            self._visit_target(str(schema["$ref"]), f"{pointer}/$ref", depth)

    def _visit_target(self, reference: str, pointer: str, depth: int) -> None:
        target = self._root
        for token in reference[1:].split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(target, Mapping) and name in target:
                target = target[name]
            elif isinstance(target, (list, tuple)) and name.isdecimal() and int(name) < len(target):
                target = target[int(name)]
            else:
                raise invalid(pointer, f"{reference} leads nowhere")
        self._visit(target, reference[1:], depth + 1)

    def _check_circle(self, pointer: str) -> None:
        """Refuse a schema that leads back to itself without going into the value."""
        for step, start in self._same_value(pointer):
            seen = {pointer}
            pending: list[tuple[str, tuple[str, ...]]] = [(start, (pointer,))]
            while pending:
                place, way = pending.pop()
                if place in way:
                    raise invalid(step, "the schema refers to itself without going into the value")
                if place not in seen:
                    seen.add(place)
                    pending.extend(
                        (place_after, (*way, place)) for _, place_after in self._same_value(place)
                    )

    def _same_value(self, pointer: str) -> Iterator[tuple[str, str]]:
        schema = self.schemas[pointer]
        if isinstance(schema, bool):
            return
        if "$ref" in schema:
            yield f"{pointer}/$ref", str(schema["$ref"])[1:]
        for keyword in MEMBERS:
            for index in range(len(as_list(schema.get(keyword, [])))):
                place = f"{pointer}/{keyword}/{index}"
                yield place, place
        if "not" in schema:
            yield f"{pointer}/not", f"{pointer}/not"


def _children(schema: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, object]]:
    for keyword, value in schema.items():
        place = f"{pointer}/{keyword}"
        if keyword in ("properties", "patternProperties", "$defs"):
            for name, child in value.items():
                yield place + escape(name), child
        elif keyword in (*MEMBERS, "prefixItems") or (
            keyword == "items" and isinstance(value, (list, tuple))
        ):
            for index, child in enumerate(value):
                yield f"{place}/{index}", child
        elif keyword in (
            "not",
            "items",
            "additionalItems",
            "additionalProperties",
            "keys",
            "values",
        ):
            yield place, value
