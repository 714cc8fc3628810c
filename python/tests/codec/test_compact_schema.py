from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from amphis import AmphisError, compact_for, is_amphis_error

U8 = {"x-amphis": "u8"}
POINT = {"type": "object", "properties": {"x": U8, "y": U8}, "required": ["x"]}
KIDS = {"type": "array", "items": {"$ref": "#/$defs/T"}}
TREE = {
    "$defs": {"T": {"type": "object", "properties": {"kids": KIDS}, "required": ["kids"]}},
    "$ref": "#/$defs/T",
}
ITSELF = {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]}
BAD_ITEMS = {"type": "array", "items": 3}


@pytest.mark.parametrize(
    ("schema", "value", "data"),
    [
        (True, 5, "020a"),
        ({}, None, "00"),
        ({"type": "string", "x-amphis": "u8"}, 255, "ff"),
        ({"x-amphis": "i8"}, -1, "ff"),
        ({"x-amphis": "u16"}, 250, "fa"),
        ({"x-amphis": "u16"}, 251, "fbfb00"),
        ({"x-amphis": "i64"}, -(2**63), "fdffffffffffffffff"),
        ({"x-amphis": "u128"}, 2**128 - 1, "fe" + "ff" * 16),
        ({"x-amphis": "f32"}, 1.5, "0000c03f"),
        ({"type": "number"}, 1.0, "000000000000f03f"),
        ({"type": "integer"}, -2, "03"),
        ({"x-amphis": "int"}, 2**64, "0309000000000000000001"),
        ({"x-amphis": "char"}, "ü", "c3bc"),
        ({"x-amphis": "date"}, date(2026, 1, 2), "0a323032362d30312d3032"),
        ({"x-amphis": "decimal"}, Decimal("1.50"), "04312e3530"),
        ({"const": [1]}, [1], ""),
        ({"type": "null"}, None, ""),
        ({"enum": ["a", None, 2]}, 2, "02"),
        ({"anyOf": [{"const": "a"}, {"const": True}]}, True, "01"),
        ({"anyOf": [{"type": "null"}, U8]}, 7, "0107"),
        ({"anyOf": [U8, {"type": "null"}]}, None, "00"),
        ({"anyOf": [U8, {"type": "integer"}, {}]}, 256, "01fb0002"),
        ({"anyOf": [U8, {"type": "integer"}, {}]}, "x", "02050178"),
        ({"anyOf": [POINT, {"type": "object"}]}, {"x": 1}, "000100"),
        ({"anyOf": [POINT, {"type": "object"}]}, {"z": 1}, "01080105017a0202"),
        (POINT, {"x": 1, "y": 2}, "010102"),
        ({"type": "array", "items": U8}, [1, 2], "020102"),
        (
            {"type": "array", "prefixItems": [U8, {"type": "boolean"}], "items": False},
            [1, True],
            "0101",
        ),
        ({"type": "array", "items": [U8], "maxItems": 1}, [1], "01"),
        ({"type": "array", "prefixItems": [U8]}, [1], "07010202"),
        ({"type": "object", "additionalProperties": U8}, {"a": 1}, "01016101"),
        ({"type": "object", "patternProperties": {".*": U8}}, {"a": 1}, "01016101"),
        ({"x-amphis": "set", "items": U8}, {3}, "0103"),
        ({"x-amphis": "map", "keys": U8, "values": U8}, {1: 2}, "010102"),
        ({"x-amphis": "bytes", "minItems": 2, "maxItems": 2}, b"ab", "6162"),
        ({"x-amphis": "array", "items": U8, "minItems": 2, "maxItems": 2}, [1, 2], "0102"),
        (TREE, {"kids": [{"kids": []}]}, "0100"),
    ],
)
def test_a_schema_chooses_the_layout(schema: object, value: object, data: str) -> None:
    codec = compact_for(schema)
    assert codec.encode(value).hex() == data
    assert codec.decode(bytes.fromhex(data)) == value


@pytest.mark.parametrize(
    ("schema", "value", "code", "path"),
    [
        (U8, 256, "VALUE_OUT_OF_RANGE", "$"),
        (U8, True, "VALUE_UNSUPPORTED", "$"),
        (U8, 1.0, "VALUE_UNSUPPORTED", "$"),
        ({"type": "number"}, 2**53 + 1, "VALUE_OUT_OF_RANGE", "$"),
        ({"x-amphis": "f32"}, 1e300, "VALUE_OUT_OF_RANGE", "$"),
        ({"type": "boolean"}, 1, "VALUE_UNSUPPORTED", "$"),
        ({"const": 1}, True, "VALUE_UNSUPPORTED", "$"),
        ({"enum": ["a"]}, "b", "VALUE_UNSUPPORTED", "$"),
        ({"anyOf": [U8, {"type": "string"}]}, b"", "VALUE_UNSUPPORTED", "$"),
        (POINT, {"x": 1, "z": 2}, "VALUE_UNSUPPORTED", "$.z"),
        (POINT, {"y": 1}, "VALUE_UNSUPPORTED", "$"),
        (POINT, {"x": 1, "y": None}, "VALUE_UNSUPPORTED", "$.y"),
        ({"type": "array", "items": POINT}, [{"x": 1}, {"x": "a"}], "VALUE_UNSUPPORTED", "$[1].x"),
        ({"x-amphis": "char"}, "ab", "VALUE_UNSUPPORTED", "$"),
        ({"x-amphis": "bytes", "minItems": 2, "maxItems": 2}, b"a", "VALUE_UNSUPPORTED", "$"),
        ({"x-amphis": "set", "items": {"type": "string"}}, {1}, "VALUE_UNSUPPORTED", "$[0]"),
        ({"type": "object", "additionalProperties": U8}, {1: 1}, "VALUE_UNSUPPORTED", "$[1]"),
        ({"x-amphis": "timestamp"}, date(2026, 1, 1), "VALUE_UNSUPPORTED", "$"),
        ({"x-amphis": "uuid"}, print, "VALUE_UNSUPPORTED", "$"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_path(
    schema: object, value: object, code: str, path: str
) -> None:
    with pytest.raises(AmphisError) as caught:
        compact_for(schema).encode(value)
    assert (caught.value.code, caught.value.path) == (code, path)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (5, ""),
        ({"x-amphis": "u7"}, "/x-amphis"),
        ({"x-amphis": 1}, "/x-amphis"),
        ({"x-amphis": "set"}, ""),
        ({"x-amphis": "array", "items": {}, "minItems": 1, "maxItems": 2}, ""),
        ({"$ref": "other.json"}, "/$ref"),
        ({"$ref": "#/$defs/N"}, "/$ref"),
        ({"enum": []}, "/enum"),
        ({"anyOf": {}}, "/anyOf"),
        ({"anyOf": [U8, 3, {}]}, "/anyOf/1"),
        ({"type": "object", "properties": {"a/b": BAD_ITEMS}}, "/properties/a~1b/items"),
        ({"type": "object", "properties": []}, "/properties"),
        ({"type": "object", "properties": {}, "required": "a"}, "/required"),
        ({"type": "array", "prefixItems": {}}, "/prefixItems"),
        ({"type": "array", "items": {"const": 1}}, ""),
        ({"x-amphis": "set", "items": {"type": "null"}}, ""),
        ({"$defs": {"N": ITSELF}, "$ref": "#/$defs/N"}, ""),
    ],
)
def test_a_schema_without_layout_is_refused_with_its_pointer(schema: object, path: str) -> None:
    with pytest.raises(AmphisError) as caught:
        compact_for(schema)
    assert is_amphis_error(caught.value, "SCHEMA_INVALID")
    assert caught.value.path == path


@pytest.mark.parametrize("data", ["", "fb", "fb00", "ff", "fc00000000", "fe" + "00" * 16])
def test_an_integer_wider_than_its_type_is_refused(data: str) -> None:
    with pytest.raises(AmphisError) as caught:
        compact_for({"x-amphis": "u16"}).decode(bytes.fromhex(data))
    assert is_amphis_error(caught.value, "DECODE_FAILED")


def _object(**optional: object) -> dict[str, Any]:
    properties = {"a": U8, **optional}
    return {"type": "object", "properties": properties, "required": ["a"]}


def test_an_evolving_reader_takes_missing_properties_for_absent_and_skips_new_ones() -> None:
    old, new = _object(b=U8), _object(b=U8, c={"type": "string"})
    written = compact_for(new).encode({"a": 1, "b": 2, "c": "x"})
    assert compact_for(old, evolve=True).decode(written) == {"a": 1, "b": 2}
    assert compact_for(new, evolve=True).decode(compact_for(_object()).encode({"a": 1})) == {"a": 1}
    for codec, data in ((compact_for(old), written), (compact_for(new), b"\x01")):
        with pytest.raises(AmphisError) as caught:
            codec.decode(data)
        assert is_amphis_error(caught.value, "DECODE_FAILED")


def test_a_prefix_tells_where_what_follows_begins() -> None:
    assert compact_for(POINT).decode_prefix(b"\x01\x01\x02rest") == ({"x": 1, "y": 2}, 3)


def test_constants_belong_to_their_receiver() -> None:
    codec = compact_for({"const": [1]})
    first = codec.decode(b"")
    assert isinstance(first, list)
    first.append(2)
    assert codec.decode(b"") == [1]


def test_an_unknown_configuration_of_integers_is_refused() -> None:
    with pytest.raises(ValueError, match='integers must be "varint" or "fixed"'):
        compact_for({}, integers="zigzag")  # type: ignore[arg-type]
