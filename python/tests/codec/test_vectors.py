"""The golden vectors of spec/vectors, which TypeScript made: every byte must agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.codec.codecs import IN_PYTHON, NAMES, codec_of, format_of

from amphis import AmphisError

VECTORS = Path(__file__).parents[3] / "spec" / "vectors"


def _rows(name: str) -> list[Any]:
    rows = json.loads((VECTORS / name).read_text("utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


def _encoded(row: dict[str, str], name: str) -> bytes:
    return row["json"].encode() if name == "json" else bytes.fromhex(row[format_of(name)])


@pytest.mark.parametrize("target", NAMES)
@pytest.mark.parametrize("row", _rows("values.json"))
def test_a_value_of_any_codec_is_encoded_byte_for_byte(row: dict[str, str], target: str) -> None:
    for source in NAMES:
        value = codec_of(source).decode(_encoded(row, source))
        assert codec_of(target).encode(value) == _encoded(row, target), source


@pytest.mark.parametrize("row", _rows("malformed.json"))
def test_malformed_bytes_are_refused_with_the_stated_code(row: dict[str, str]) -> None:
    data = bytes.fromhex(row["hex"]) if "hex" in row else row["text"].encode()
    name = row["codec"]
    for each in [name, IN_PYTHON] if name == "msgpack" else [name]:
        with pytest.raises(AmphisError) as caught:
            codec_of(each).decode(data)
        assert caught.value.code == row["code"], each
