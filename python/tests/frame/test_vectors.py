"""The golden frames of spec/vectors: both ways byte for byte, and what must be refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from amphis import (
    AmphisError,
    AttachmentKind,
    Frame,
    FrameAttachment,
    FrameDecoder,
    FrameKind,
    Priority,
    encode_frame,
)

VECTORS = Path(__file__).parents[3] / "spec" / "vectors"


def _rows(name: str) -> list[Any]:
    rows = json.loads((VECTORS / name).read_text("utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


def _frame(row: dict[str, Any]) -> Frame:
    return Frame(
        FrameKind[row["kind"].upper()],
        bytes.fromhex(row["body"]),
        call_id=row["callId"],
        priority=Priority[row["priority"].upper()],
        codec=row["codec"],
        attachments=tuple(
            FrameAttachment(AttachmentKind[one["kind"].upper()], bytes.fromhex(one["data"]))
            for one in row["attachments"]
        ),
        version=row["version"],
    )


@pytest.mark.parametrize("row", _rows("frames.json"))
def test_a_golden_frame_is_encoded_and_decoded(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["hex"])
    assert encode_frame(_frame(row)) == data
    assert FrameDecoder().feed(data) == [_frame(row)]


@pytest.mark.parametrize("row", _rows("malformed-frames.json"))
def test_a_malformed_frame_is_refused_with_the_stated_code(row: dict[str, Any]) -> None:
    with pytest.raises(AmphisError) as caught:
        _decode_all(bytes.fromhex(row["hex"]))
    assert caught.value.code == row["code"]


def _decode_all(data: bytes) -> None:
    decoder = FrameDecoder()
    decoder.feed(data)
    decoder.end()
