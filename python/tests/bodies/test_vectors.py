"""The golden bodies of spec/vectors/bodies.json: what a worker and a program say to each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from amphis import AmphisError, CallBody, CancelBody, ResultBody
from amphis._internal.bodies.program import CallbackBody, ProgramBody, ReleaseBody
from amphis._internal.bodies.report import EventBody, LogBody

if TYPE_CHECKING:
    from collections.abc import Callable

_VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "bodies.json"
_ROWS = json.loads(_VECTORS.read_text("utf-8"))
_GOOD = [row for row in _ROWS if "path" not in row]
_BAD = [row for row in _ROWS if "path" in row]
_DECODERS: dict[str, Callable[[bytes], Any]] = {
    "call": CallBody.decode,
    "program": ProgramBody.decode,
    "result": ResultBody.decode,
    "callback": CallbackBody.decode,
    "release": ReleaseBody.decode,
    "cancel": CancelBody.decode,
    "log": LogBody.decode,
    "event": EventBody.decode,
}


@pytest.mark.parametrize("row", _GOOD, ids=lambda row: row["name"])
def test_a_golden_body_is_read_and_written_to_the_same_bytes(row: dict[str, str]) -> None:
    body = _DECODERS[row["body"]](bytes.fromhex(row["hex"]))
    assert body.encode().hex() == row["hex"]


@pytest.mark.parametrize("row", _BAD, ids=lambda row: row["name"])
def test_a_malformed_body_is_refused_with_its_path(row: dict[str, str]) -> None:
    with pytest.raises(AmphisError) as caught:
        _DECODERS[row["body"]](bytes.fromhex(row["hex"]))
    assert (caught.value.code, caught.value.body) == ("BODY_INVALID", row["body"])
    assert caught.value.path == row["path"]
