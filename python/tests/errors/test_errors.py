from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import pytest

from amphis import AmphisError, ErrorCode, decode_error, encode_error, is_amphis_error, msgpack
from amphis._internal._generated.error_table import ERRORS

WIRE: dict[str, Any] = {
    "code": "FRAME_TOO_LARGE",
    "number": 1002,
    "category": "protocol",
    "message": "Cannot send frame: it has 9 bytes",
    "retryable": False,
    "context": {"limit": 8, "actual": 9},
}


def _large() -> AmphisError:
    return AmphisError(
        ErrorCode.FRAME_TOO_LARGE,
        "Cannot send frame: it has 9 bytes",
        {"limit": 8, "actual": 9},
    )


def test_an_error_knows_what_the_table_says_of_its_code() -> None:
    error = _large()
    assert (error.number, error.category, error.retryable) == (1002, "protocol", False)
    assert error.remedy == ERRORS[ErrorCode.FRAME_TOO_LARGE].remedy
    assert str(error) == "Cannot send frame: it has 9 bytes"
    assert repr(error) == "AmphisError(FRAME_TOO_LARGE: Cannot send frame: it has 9 bytes)"


def test_fields_of_the_context_are_attributes_and_cannot_be_changed() -> None:
    error = AmphisError("FRAME_TOO_LARGE", "Cannot", {"limit": 8, "code": "other"})
    assert error.limit == 8
    assert error.code is ErrorCode.FRAME_TOO_LARGE
    with pytest.raises(TypeError):
        error.context["limit"] = 9  # type: ignore[index]
    with pytest.raises(AttributeError, match="no such field"):
        _ = error.missing


def test_a_code_is_matched_by_name_or_member_and_nothing_else_is() -> None:
    assert is_amphis_error(_large())
    assert is_amphis_error(_large(), "FRAME_TOO_LARGE")
    assert is_amphis_error(_large(), ErrorCode.FRAME_TOO_LARGE)
    assert not is_amphis_error(_large(), "FRAME_INVALID")
    assert not is_amphis_error(ValueError("FRAME_TOO_LARGE"), "FRAME_TOO_LARGE")


def _pickled(error: AmphisError) -> object:
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - these are our own bytes


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, _pickled])
def test_an_error_survives_copy_and_pickle(duplicate: Any) -> None:  # noqa: ANN401
    wire = {**WIRE, "code": "FROM_THE_FUTURE", "correlationId": "c", "cause": WIRE}
    error = duplicate(decode_error({**wire, "origin": {"language": "python"}}))
    assert error.code == "FROM_THE_FUTURE"
    assert (error.number, error.correlation_id, error.limit) == (1002, "c", 8)
    assert error.origin == {"language": "python"}
    assert is_amphis_error(error.__cause__, "FRAME_TOO_LARGE")


def test_the_wire_form_is_the_map_of_the_specification() -> None:
    assert encode_error(_large()) == WIRE
    assert encode_error(decode_error(WIRE)) == WIRE
    rich = {**WIRE, "correlationId": "c", "origin": {"language": "javascript", "type": "E"}}
    assert encode_error(decode_error({**rich, "cause": WIRE})) == {**rich, "cause": WIRE}


def test_an_unknown_code_keeps_the_category_and_retryable_of_the_wire() -> None:
    error = decode_error(
        {**WIRE, "code": "NEW", "number": 7, "category": "moon", "retryable": True}
    )
    assert (error.code, error.number, error.category, error.retryable) == ("NEW", 7, "moon", True)
    assert error.remedy.startswith("Update this program")


def test_any_other_exception_becomes_a_remote_failure_with_its_origin() -> None:
    def fail() -> None:
        try:
            WIRE["inner"]
        except KeyError as inner:
            raise ValueError("outer \ud800") from inner

    with pytest.raises(ValueError, match="outer") as caught:
        fail()
    wire = encode_error(caught.value)
    error = decode_error(msgpack().decode(msgpack().encode(wire)))
    assert error.code is ErrorCode.REMOTE_FAILURE
    assert error.message == "outer ?"
    assert error.origin is not None
    assert (error.origin["language"], error.origin["type"]) == ("python", "ValueError")
    assert "test_any_other_exception" in error.origin["traceback"]
    assert isinstance(error.__cause__, AmphisError)
    assert error.__cause__.message == "'inner'"


def test_an_exception_whose_text_cannot_be_read_is_still_encoded() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert "RuntimeError" in str(encode_error(BrokenError())["message"])


def test_an_implicit_cause_travels_and_a_suppressed_one_does_not() -> None:
    first = ValueError("first")
    second = ValueError("second")
    second.__context__ = first
    assert "cause" in encode_error(second)
    second.__suppress_context__ = True
    assert "cause" not in encode_error(second)


def test_at_most_eight_causes_travel_in_either_direction() -> None:
    error: BaseException = ValueError("root")
    wire: dict[str, Any] = WIRE
    for _ in range(30):
        outer = ValueError("outer")
        outer.__cause__ = error
        error = outer
        wire = {**WIRE, "cause": wire}
    sent: Any = encode_error(error)
    received: BaseException | None = decode_error(wire)
    for _ in range(8):
        sent = sent["cause"]
        assert received is not None
        received = received.__cause__
    assert "cause" not in sent
    assert received is not None
    assert received.__cause__ is None


def test_a_cycle_of_causes_ends() -> None:
    error = ValueError("a")
    error.__cause__ = other = ValueError("b")
    other.__cause__ = error
    assert encode_error(error)["code"] == "REMOTE_FAILURE"


def test_what_no_codec_carries_is_left_out_of_the_context() -> None:
    @dataclass(frozen=True)
    class Failure:
        path: str
        expected: str

    context = {"object": object(), "big": 2**99, "list": [Failure("$.a", "x"), print], "ok": (1,)}
    wire = encode_error(AmphisError("VALIDATION_FAILED", "Cannot", context))
    assert wire["context"] == {"list": [{"path": "$.a", "expected": "x"}], "ok": [1]}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"code": 5}, "$.code"),
        ({"message": None}, "$.message"),
        ({"number": True}, "$.number"),
        ({"number": 1.5}, "$.number"),
        ({"category": b"x"}, "$.category"),
        ({"retryable": 1}, "$.retryable"),
        ({"context": [1]}, "$.context"),
        ({"context": {1: 2}}, "$.context"),
        ({"correlationId": 1}, "$.correlationId"),
        ({"origin": "x"}, "$.origin"),
        ({"origin": {"type": 1}}, "$.origin.type"),
        ({"cause": 3}, "$.cause"),
        ({"cause": {**WIRE, "code": None}}, "$.cause.code"),
    ],
)
def test_a_malformed_wire_form_is_refused_with_its_path(
    change: dict[str, object], path: str
) -> None:
    with pytest.raises(AmphisError) as caught:
        decode_error({**WIRE, **change})
    assert is_amphis_error(caught.value, "BODY_INVALID")
    assert caught.value.path == path


@pytest.mark.parametrize("wire", [None, [], "x", 5, b"", {}, {1: 2}])
def test_anything_else_than_an_error_is_refused(wire: object) -> None:
    with pytest.raises(AmphisError, match="Cannot read error"):
        decode_error(wire)
