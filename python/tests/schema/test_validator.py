"""A validator agrees with itself, bounds its depth, and reports everything that is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amphis import AmphisError, ErrorCode, Timestamp, compile_schema

KINDS = ["u8", "i64", "f32", "f64", "char", "bytes", "timestamp", "uuid", "int", "value", "set"]
LEAVES = st.one_of(
    st.sampled_from([True, {}]),
    st.sampled_from(["null", "boolean", "integer", "number", "string"]).map(lambda t: {"type": t}),
    st.sampled_from(KINDS).map(lambda kind: {"x-amphis": kind}),
    st.integers(-3, 3).map(lambda n: {"type": "integer", "minimum": n}),
    st.integers(0, 3).map(lambda n: {"type": "string", "maxLength": n}),
    st.lists(st.integers(0, 2) | st.text("ab", max_size=1), min_size=1).map(lambda v: {"enum": v}),
)
NAMES = st.text("abc", min_size=1, max_size=1)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(NAMES, inner, max_size=3)
    return st.one_of(
        inner.map(lambda item: {"type": "array", "items": item, "minItems": 1}),
        st.lists(inner, min_size=1, max_size=3).map(lambda members: {"anyOf": members}),
        st.lists(inner, min_size=1, max_size=2).map(lambda members: {"oneOf": members}),
        st.lists(inner, min_size=1, max_size=2).map(lambda members: {"allOf": members}),
        inner.map(lambda member: {"not": member}),
        st.builds(
            lambda found, needed, others: {
                "type": "object",
                "properties": found,
                "required": needed,
                "additionalProperties": others,
            },
            properties,
            st.lists(NAMES, max_size=2),
            st.one_of(st.booleans(), inner),
        ),
    )


SCHEMAS = st.recursive(LEAVES, _containers, max_leaves=8)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 300),
        st.floats(),
        st.text("ab", max_size=4),
        st.binary(max_size=2),
        st.sets(st.integers(0, 3), max_size=2),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=1_000)
@given(schema=SCHEMAS, value=VALUES)
def test_a_value_passes_exactly_when_nothing_fails(schema: Any, value: object) -> None:  # noqa: ANN401 - any schema
    validator = compile_schema(schema)
    failures = validator.failures(value)
    assert validator.check(value) is (not failures)
    assert len(failures) == len(set(failures))


KEYWORDS = [
    "type",
    "x-amphis",
    "enum",
    "anyOf",
    "items",
    "$ref",
    "$defs",
    "pattern",
    "properties",
    "minimum",
    "minItems",
    "required",
    "const",
    "not",
    "patternProperties",
]
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 2), st.floats(), st.text("ab#/$(", max_size=3)
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(KEYWORDS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=1_000)
@given(schema=JSON, value=VALUES)
def test_a_hostile_schema_is_compiled_or_refused(schema: Any, value: object) -> None:  # noqa: ANN401 - any schema
    assert _code_of(schema, value) in ("", "SCHEMA_INVALID")


def _code_of(schema: Any, value: object) -> str:  # noqa: ANN401 - any schema
    try:
        compile_schema(schema).failures(value)
    except AmphisError as error:
        return str(error.code.value if isinstance(error.code, ErrorCode) else error.code)
    return ""


def test_every_failure_is_raised_at_once() -> None:
    schema = {
        "title": "User",
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
        "required": ["name"],
    }
    validator = compile_schema(schema)
    validator.validate({"name": "Ada"})
    with pytest.raises(AmphisError) as caught:
        validator.validate({"age": -1})
    assert caught.value.code == "VALIDATION_FAILED"
    assert str(caught.value) == (
        "Cannot accept value of User: $.name: expected string, received nothing (and 1 more)"
    )
    assert caught.value.schema == "User"
    assert [one["path"] for one in caught.value.failures] == ["$.name", "$.age"]  # type: ignore[attr-defined]


TREE = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "array", "items": {"$ref": "#/$defs/T"}}}}


def _nested(levels: int) -> object:
    value: list[object] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("schema", [TREE, {"const": [[1]]}, {"uniqueItems": True}])
def test_a_value_that_goes_too_deep_is_depth_exceeded(schema: dict[str, Any]) -> None:
    loop: list[object] = []
    loop.append(loop)
    for value in (_nested(10_000), loop):
        for act in (compile_schema(schema).check, compile_schema(schema).failures):
            with pytest.raises(AmphisError) as caught:
                act(value)
            assert (caught.value.code, caught.value.limit) == ("DEPTH_EXCEEDED", 128)


def test_the_depth_can_be_chosen() -> None:
    assert compile_schema(TREE).check(_nested(100))
    with pytest.raises(AmphisError):
        compile_schema(TREE, max_depth=50).check(_nested(100))


def test_a_schema_that_is_nested_too_deep_is_invalid() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5_000):
        schema = {"not": schema}
    with pytest.raises(AmphisError) as caught:
        compile_schema(schema)
    assert caught.value.code == "SCHEMA_INVALID"


def test_a_timestamp_equals_the_datetime_of_the_same_instant() -> None:
    moment = Timestamp(5).to_datetime()
    assert not compile_schema({"uniqueItems": True}).check([moment, Timestamp(5)])


def test_numbers_whose_hashes_collide_are_told_apart_quickly() -> None:
    colliding = [index * (2**61 - 1) for index in range(20_000)]
    assert compile_schema({"uniqueItems": True}).check(colliding)
