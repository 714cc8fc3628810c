"""Printed text is that of spec/vectors/printing.json, and printing never fails."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amphis import (
    FrameDecoder,
    codec,
    format_frame,
    format_message,
    format_value,
    message_codec,
    wants_color,
)

ROWS = json.loads(
    (Path(__file__).parents[3] / "spec" / "vectors" / "printing.json").read_text("utf-8")
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.binary(), st.builds(object)),
    lambda inner: st.one_of(
        st.lists(inner), st.tuples(inner), st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=60,
)


def _print(row: dict[str, Any]) -> str:
    style, color = row["style"], row.get("color", False)
    if "message" in row:
        message = message_codec("json").decode(row["message"].encode())
        return format_message(message, style=style, color=color)
    if "frame" in row:
        (frame,) = FrameDecoder().feed(bytes.fromhex(row["frame"]))
        return format_frame(frame, style=style, color=color)
    return format_value(codec("json").decode(row["json"].encode()), style=style, color=color)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_text_is_that_of_the_table(row: dict[str, Any]) -> None:
    text = _print(row)
    if "$set" in row.get("json", ""):
        # Python's sets have no order.
        split = re.compile(r"[\s,()]+").split
        assert sorted(split(text)) == sorted(split(row["text"]))
    else:
        assert text == row["text"]


@settings(max_examples=1_000)
@given(value=ANYTHING)
def test_anything_is_printed_short_and_harmless(value: object) -> None:
    compact = format_value(value, style="compact", color=False)
    verbose = format_value(value, style="verbose", color=False)
    for text in (compact, verbose):
        assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text) is None
    assert "\n" not in compact
    assert len(compact) < 60_000


def test_a_value_within_itself_is_circular() -> None:
    loop: list[object] = [1]
    loop.append(loop)
    assert format_value(loop, color=False) == "[1, <circular>]"


class _Rude(list[object]):
    def __len__(self) -> int:
        raise RuntimeError("no")


def test_what_cannot_be_read_is_said_to_be_so() -> None:
    assert format_value([_Rude(), 1], color=False) == "[<unreadable>, 1]"


class _Stream(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "env", "wanted"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    terminal: bool,  # noqa: FBT001 - a column of the table
    env: dict[str, str],
    wanted: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert wants_color(_Stream(terminal=terminal), env) is wanted


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="style must be"):
        format_value(1, style="loud")  # type: ignore[arg-type]
