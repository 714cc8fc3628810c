"""Failures, malformed schemas and incompatibilities are those of the tables in spec/vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from amphis import AmphisError, codec, compile_schema, incompatibilities

VECTORS = Path(__file__).parents[3] / "spec" / "vectors"


def _rows(name: str) -> list[Any]:
    rows = json.loads((VECTORS / name).read_text("utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.mark.parametrize("row", _rows("validation.json"))
def test_a_value_fails_as_the_table_says(row: dict[str, Any]) -> None:
    validator = compile_schema(row["schema"])
    value = codec("json").decode(json.dumps(row["value"]).encode())
    failures = validator.failures(value)
    assert [
        {"path": one.path, "expected": one.expected, "received": one.received} for one in failures
    ] == row["failures"]
    assert validator.check(value) is (not failures)
    for one in failures:
        assert one.message == f"{one.path}: expected {one.expected}, received {one.received}"


@pytest.mark.parametrize("row", _rows("malformed-schemas.json"))
def test_a_malformed_schema_is_refused_with_its_pointer(row: dict[str, Any]) -> None:
    with pytest.raises(AmphisError) as caught:
        compile_schema(row["schema"])
    assert caught.value.code == "SCHEMA_INVALID"
    assert caught.value.path == row["path"]


@pytest.mark.parametrize("row", _rows("compatibility.json"))
def test_a_new_version_breaks_what_the_table_says(row: dict[str, Any]) -> None:
    assert incompatibilities(row["old"], row["new"]) == row["reasons"]


@pytest.mark.parametrize("row", _rows("compatibility.json"))
def test_a_schema_is_compatible_with_itself(row: dict[str, Any]) -> None:
    assert incompatibilities(row["new"], row["new"]) == []
