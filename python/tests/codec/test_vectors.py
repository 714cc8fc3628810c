"""The golden vectors of spec/vectors, which TypeScript made: every byte must agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from amphis import AmphisError, codec

VECTORS = Path(__file__).parents[3] / "spec" / "vectors"


def _rows(name: str) -> list[Any]:
    rows = json.loads((VECTORS / name).read_text("utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


def _encoded(row: dict[str, str], name: str) -> bytes:
    return row["json"].encode() if name == "json" else bytes.fromhex(row[name])


@pytest.mark.parametrize("target", ["msgpack", "compact", "json"])
@pytest.mark.parametrize("row", _rows("values.json"))
def test_a_value_of_any_codec_is_encoded_byte_for_byte(row: dict[str, str], target: str) -> None:
    for source in ("msgpack", "compact", "json"):
        value = codec(source).decode(_encoded(row, source))
        assert codec(target).encode(value) == _encoded(row, target), source


@pytest.mark.parametrize("row", _rows("malformed.json"))
def test_malformed_bytes_are_refused_with_the_stated_code(row: dict[str, str]) -> None:
    data = bytes.fromhex(row["hex"]) if "hex" in row else row["text"].encode()
    with pytest.raises(AmphisError) as caught:
        codec(row["codec"]).decode(data)
    assert caught.value.code == row["code"]
