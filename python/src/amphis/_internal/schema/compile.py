"""A checked schema document to nodes that check values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from amphis._internal.schema.bounds import list_tests, map_tests, number_tests, string_tests
from amphis._internal.schema.containers import Elements, Entries, Items, Properties
from amphis._internal.schema.describe import ANY, describe, kind_text, one_of, type_text, union_text
from amphis._internal.schema.failure import ValidationFailure, failure
from amphis._internal.schema.identity import identity
from amphis._internal.schema.keywords import Schema, as_list, as_map, tuple_members
from amphis._internal.schema.kinds import KIND_TESTS, TYPES, Predicate
from amphis._internal.schema.pattern import compile_pattern
from amphis._internal.schema.pointer import escape
from amphis._internal.schema.rule import Never, Node, Rule, Test
from amphis._internal.schema.show import quote, show
from amphis._internal.schema.unions import AnyOf, OneOf

if TYPE_CHECKING:
    from amphis._internal.schema.document import SchemaDocument

_CONSTANT_DEPTH = 128
_LIST_KEYWORDS = frozenset(("items", "prefixItems", "additionalItems"))
_MAP_KEYWORDS = frozenset(("properties", "required", "patternProperties", "additionalProperties"))


def compile_document(document: SchemaDocument) -> Node:
    """Compile every schema of a document; return the node of the root."""
    nodes = {pointer: Node() for pointer in document.schemas}
    for pointer, schema in document.schemas.items():
        _Compiler(document, nodes, pointer).fill(schema)
    return nodes[""]


class _Compiler:
    """Fills one node; the nodes of other schemas are only pointed at."""

    def __init__(self, document: SchemaDocument, nodes: Mapping[str, Node], pointer: str) -> None:
        self._document = document
        self._nodes = nodes
        self._pointer = pointer
        self._node = nodes[pointer]

    def fill(self, schema: Schema) -> None:
        if isinstance(schema, bool):
            if not schema:
                self._node.rules.append(Never("nothing"))
            return
        self._fill_gates(schema)
        self._fill_constants(schema)
        self._fill_same_value(schema)
        rules = self._node.rules
        rules.extend(number_tests(schema))
        rules.extend(string_tests(schema))
        rules.extend(list_tests(schema))
        self._fill_items(schema)
        rules.extend(map_tests(schema))
        self._fill_properties(schema)

    def _child(self, *steps: str) -> Node:
        return self._nodes[self._pointer + "".join(steps)]

    def _fill_gates(self, schema: Mapping[str, object]) -> None:
        if "type" in schema:
            names = [str(name) for name in as_list(schema["type"])]
            gate = _ObjectTest if "object" in names else _TypeTest
            self._node.gates.append(gate(type_text(schema), [TYPES[name] for name in names]))
        if "x-amphis" in schema:
            kind = str(schema["x-amphis"])
            self._node.gates.append(_TypeTest(kind_text(kind), [KIND_TESTS[kind]]))

    def _fill_constants(self, schema: Mapping[str, object]) -> None:
        if "const" in schema:
            self._node.constants.append(_equal_to(schema["const"]))
        if "enum" in schema:
            values = as_list(schema["enum"])
            allowed = frozenset(identity(value, _CONSTANT_DEPTH) for value in values)
            self._node.constants.append(
                Test(
                    one_of([show(value) for value in values]),
                    lambda value, room: identity(value, room) in allowed,
                )
            )

    def _fill_same_value(self, schema: Mapping[str, object]) -> None:
        node = self._node
        if "$ref" in schema:
            node.same_value.append(self._nodes[str(schema["$ref"])[1:]])
        for index in range(len(as_list(schema.get("allOf", [])))):
            node.same_value.append(self._child(f"/allOf/{index}"))
        node.rules.extend(node.same_value)
        for keyword, rule in (("anyOf", AnyOf), ("oneOf", OneOf)):
            if keyword in schema:
                count = len(as_list(schema[keyword]))
                members = [self._child(f"/{keyword}/{index}") for index in range(count)]
                node.choices.append(members)
                node.rules.append(rule(members, self._union_text(schema, keyword)))
        if "not" in schema:
            refused = self._child("/not")
            text = f"not {describe(cast('Schema', schema['not']), self._document)}"
            node.rules.append(Test(text, lambda value, room: not refused.check(value, room)))

    def _union_text(self, schema: Schema, keyword: str) -> _LazyText:
        return _LazyText(schema, keyword, self._document)

    def _fill_items(self, schema: Mapping[str, object]) -> None:
        kind = schema.get("x-amphis")
        if kind == "set":
            if "items" in schema:
                self._node.rules.append(Elements(self._child("/items")))
        elif not _LIST_KEYWORDS.isdisjoint(schema):
            self._node.rules.append(self._items(schema))

    def _items(self, schema: Mapping[str, object]) -> Items:
        first, rest = tuple_members(schema)
        keyword = "/prefixItems" if "prefixItems" in schema else "/items"
        members: list[Rule] = [
            self._child(f"{keyword}/{index}") for index in range(len(first or []))
        ]
        if rest is False:
            return Items(members, Never("no item"))
        rest_keyword = (
            "/items" if keyword == "/prefixItems" or first is None else "/additionalItems"
        )
        return Items(members, None if rest is True else self._child(rest_keyword))

    def _fill_properties(self, schema: Mapping[str, object]) -> None:
        if schema.get("x-amphis") == "map":
            keys = self._child("/keys") if "keys" in schema else Node()
            values = self._child("/values") if "values" in schema else Node()
            self._node.rules.append(Entries(keys, values))
        elif not _MAP_KEYWORDS.isdisjoint(schema):
            self._node.rules.append(self._properties(schema))

    def _properties(self, schema: Mapping[str, object]) -> Properties:
        declared: dict[str, Rule] = {}
        texts: dict[str, str] = {}
        for name, child in as_map(schema.get("properties")).items():
            texts[name] = describe(cast("Schema", child), self._document)
            declared[name] = (
                Never(f"no property {quote(name)}")
                if child is False
                else self._child("/properties", escape(name))
            )
            if isinstance(child, Mapping) and "const" in child:
                self._node.const_properties[name] = _equal_to(child["const"])
        required = {
            str(name): texts.get(str(name), ANY) for name in as_list(schema.get("required", []))
        }
        patterns = [
            (compile_pattern(source), self._child("/patternProperties", escape(source)))
            for source in as_map(schema.get("patternProperties"))
        ]
        others = schema.get("additionalProperties", True)
        return Properties(declared, required, patterns, self._others(others))

    def _others(self, others: object) -> Node | Never | None:
        if others is True:
            return None
        return Never("no property") if others is False else self._child("/additionalProperties")


class _LazyText:
    """The text of a union, made when it is first needed."""

    def __init__(self, schema: Schema, keyword: str, document: SchemaDocument) -> None:
        self._schema = schema
        self._keyword = keyword
        self._document = document

    def __call__(self) -> str:
        return union_text(self._schema, self._keyword, self._document)


def _equal_to(constant: object) -> Test:
    wanted = identity(constant, _CONSTANT_DEPTH)
    return Test(show(constant), lambda value, room: identity(value, room) == wanted)


class _TypeTest(Test):
    """The value is of one of several types."""

    __slots__ = ()

    def __init__(self, expected: str, tests: list[Predicate]) -> None:
        if len(tests) == 1:
            accepts = tests[0]
            super().__init__(expected, lambda value, _: accepts(value))
        else:
            super().__init__(expected, lambda value, _: any(test(value) for test in tests))


class _ObjectTest(_TypeTest):
    """As `_TypeTest`, with other words for a map whose keys are not all strings."""

    __slots__ = ()

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        if isinstance(value, dict) and not self.check(value, room):
            found.append(failure(path, "map with string keys", show(value)))
        else:
            super().fail(value, path, room, found)
