"""The golden layouts of spec/vectors: a schema becomes the same bytes in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from amphis import compact_for
from amphis import json as json_codec

ROWS = json.loads(
    (Path(__file__).parents[3] / "spec" / "vectors" / "layouts.json").read_text("utf-8")
)
CONFIGURATIONS: tuple[Literal["varint", "fixed"], ...] = ("varint", "fixed")


@pytest.mark.parametrize("integers", CONFIGURATIONS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))
def test_a_layout_is_encoded_byte_for_byte(
    row: dict[str, Any], integers: Literal["varint", "fixed"]
) -> None:
    codec = compact_for(row["schema"], integers=integers)
    value = json_codec().decode(row["json"].encode())
    assert codec.encode(value).hex() == row[integers]
    decoded = codec.decode(bytes.fromhex(row[integers]))
    assert codec.encode(decoded).hex() == row[integers]
    assert decoded == value
