"""The msgpack suite: 233 encodings of 85 values, and inputs with the verdict of python-msgpack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.codec.codecs import IN_PYTHON, codec_of

from amphis import AmphisError, Codec, Ext, Timestamp, is_amphis_error
from amphis._internal.moments import instant
from amphis._internal.values import MAX_SECONDS, MIN_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["msgpack", IN_PYTHON]
EACH = pytest.mark.parametrize("codec", [codec_of(name) for name in NAMES], ids=NAMES)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))


def _meant(row: dict[str, Any]) -> object:
    """The value that a row means; ints beyond 2^53 are exact in `bignum`."""
    if "bignum" in row:
        return int(row["bignum"])
    if "binary" in row:
        return _bytes(row["binary"])
    if "timestamp" in row:
        return instant(*row["timestamp"])
    if "ext" in row:
        return Ext(row["ext"][0], _bytes(row["ext"][1]))
    (value,) = (row[key] for key in row if key != "msgpack")
    return value


def _rows(suites: Path) -> list[dict[str, Any]]:
    groups = json.loads((suites / "msgpack" / "msgpack-test-suite.json").read_text())
    return [row for rows in groups.values() for row in rows]


@EACH
def test_every_encoding_decodes_to_its_value(suites: Path, codec: Codec) -> None:
    count = 0
    for row in _rows(suites):
        for encoding in row["msgpack"]:
            assert codec.decode(_bytes(encoding)) == _meant(row), encoding
            count += 1
    assert count == 233


@EACH
def test_every_value_is_encoded_in_the_shortest_of_its_forms(suites: Path, codec: Codec) -> None:
    for row in _rows(suites):
        encodings = [_bytes(encoding) for encoding in row["msgpack"]]
        encoded = codec.encode(_meant(row))
        assert encoded in encodings
        # Floats are always 64 bits wide here, so a float that 32 bits hold is not the shortest.
        floats = {0xCA, 0xCB}
        others = [len(form) for form in encodings if form[0] not in floats]
        assert encoded[0] in floats or len(encoded) == min(others), row


def _input(case: dict[str, Any]) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    return bytes.fromhex(case["repeat_hex"] * case["times"] + case["then_hex"])


def _verdict(codec: Codec, data: bytes) -> AmphisError | None:
    try:
        codec.decode(data)
    except AmphisError as error:
        return error
    return None


def _holds_instant_out_of_range(value: object) -> bool:
    if isinstance(value, dict):
        parts = value.get("$ts")
        if isinstance(parts, list):
            return not MIN_SECONDS <= parts[0] <= MAX_SECONDS
        return any(map(_holds_instant_out_of_range, value.values()))
    return isinstance(value, list) and any(map(_holds_instant_out_of_range, value))


def _is_explained(
    codec: Codec, case: dict[str, Any], data: bytes, error: AmphisError | None
) -> bool:
    if error is None:
        value = codec.decode(data)
        return isinstance(value, Ext) and value.code < -1
    if is_amphis_error(error, "DEPTH_EXCEEDED"):
        return bool(case.get("times", 0) > 128)
    return _holds_instant_out_of_range(case.get("value"))


@EACH
def test_verdicts_differ_from_python_msgpack_only_for_a_reason(suites: Path, codec: Codec) -> None:
    """The reasons.

    depth: more than 128 levels are refused (spec/values.md); python-msgpack takes 500 and more.
    instant: timestamps outside the years 0000 to 9999 are no value.
    negative code: python-msgpack refuses the codes -128 to -2, which are Amphis's to pass through.
    """
    cases = json.loads((suites / "msgpack" / "differential.json").read_text())["cases"]
    unexplained = []
    for case in cases:
        data = _input(case)
        error = _verdict(codec, data)
        expected = case["ok"] and case.get("trailing", 0) == 0
        if (error is None) != expected and not _is_explained(codec, case, data, error):
            unexplained.append((case["why"], data[:40].hex(), error))
    assert len(cases) == 1_245
    assert unexplained == []


def test_instants_of_the_suite_reach_the_ends_of_the_range(suites: Path) -> None:
    instants = [row["timestamp"] for row in _rows(suites) if "timestamp" in row]
    assert Timestamp(MIN_SECONDS, 0) == instant(*min(instants))
    assert Timestamp(MAX_SECONDS, 999_999_999) == instant(*max(instants))
