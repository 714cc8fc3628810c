"""What has no form is refused when it is encoded, with its path; it never becomes text."""

from __future__ import annotations

import array
from collections import OrderedDict, namedtuple
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, localcontext
from enum import Enum, IntEnum
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from tests.codec.codecs import NAMES, codec_of

from amphis import AmphisError, Attachment, Codec, Ext, Handle, codec, is_amphis_error

CODECS = [codec_of(name) for name in NAMES]
EACH = pytest.mark.parametrize("each", CODECS, ids=NAMES)


class _Colour(Enum):
    RED = 1


class _Moment(datetime):
    """A moment that is finer than a datetime, as pandas has it."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = datetime.__hash__


@EACH
@pytest.mark.parametrize(
    ("value", "path", "expected", "received"),
    [
        (object(), "$", "a value", "object"),
        ([1, print], "$[1]", "a value", "builtin_function_or_method"),
        ({"a": {"b c": (0, {"$x": range(3)})}}, '$.a["b c"][1].$x', "a value", "range"),
        ({"a": {1: int}}, "$.a[1]", "a value", "type"),
        ({frozenset(): 1}, "$[frozenset]", "a scalar or a tuple of scalars as key", "a set"),
        (
            [{(1, Handle(1, "x")): 1}],
            "$[0][tuple]",
            "a scalar or a tuple of scalars as key",
            "a handle",
        ),
        ({Ext(1, b""): 1}, "$[Ext]", "a scalar or a tuple of scalars as key", "an extension"),
        ({(1, frozenset())}, "$", "a scalar or a tuple of scalars as key", "a set"),
        (["\ud800"], "$[0]", "valid Unicode", "a string with a lone surrogate"),
        (PurePosixPath("\udcff"), "$", "valid Unicode", "a string with a lone surrogate"),
        (time(1, tzinfo=timezone.utc), "$", "a time without a zone", "one with a zone"),
        (memoryview(b"abcd")[::2], "$", "a contiguous memoryview", "one with gaps"),
        (Attachment(0, "x", {1: 2}), "$", "a map with string keys as meta", "a map"),  # type: ignore[dict-item]
        (_Colour.RED, "$", "a value", f"{__name__}._Colour"),
        (array.array("d"), "$", "a value", "array.array"),
    ],
)
def test_what_is_no_value_is_refused_with_its_path(
    each: Codec, value: object, path: str, expected: str, received: str
) -> None:
    with pytest.raises(AmphisError) as caught:
        each.encode(value)
    error = caught.value
    assert is_amphis_error(error, "VALUE_UNSUPPORTED")
    shown = '$.a["b c"][1]["$x"]' if "$x" in path else path
    assert dict(error.context) == {"path": shown, "expected": expected, "received": received}


@EACH
@pytest.mark.parametrize(
    "value",
    [
        2**65535,
        -(2**65535) - 1,
        Decimal("1" * 4_097),
        Decimal("1E-1000000000000000000"),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
    ],
    ids=range(5),
)
def test_what_is_too_large_is_out_of_range(each: Codec, value: object) -> None:
    with pytest.raises(AmphisError) as caught:
        each.encode([value])
    assert is_amphis_error(caught.value, "VALUE_OUT_OF_RANGE")
    assert caught.value.path == "$[0]"


class _Level(IntEnum):
    LOW = 3


class _Name(str, Enum):
    A = "a"


_Pair = namedtuple("_Pair", "x y")  # noqa: PYI024 - the plain kind must work too


@EACH
@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (_Level.LOW, 3),
        (_Name.A, "a"),
        (_Pair(1, 2), (1, 2)),
        (OrderedDict(a=1), {"a": 1}),
        (bytearray(b"x"), b"x"),
        (memoryview(b"x"), b"x"),
        (frozenset({1}), {1}),
        (Path("a"), PurePosixPath("a")),
        ({_Name.A: _Level.LOW}, {"a": 3}),
        (type("Day", (date,), {})(2026, 1, 2), date(2026, 1, 2)),
        (type("Span", (timedelta,), {})(1), timedelta(1)),
    ],
    ids=str,
)
def test_a_subclass_counts_as_its_base(each: Codec, value: object, plain: object) -> None:
    assert each.encode(value) == each.encode(plain)
    assert each.decode(each.encode(value)) == plain


@EACH
def test_a_subclass_that_says_more_than_its_base_is_refused(each: Codec) -> None:
    with pytest.raises(AmphisError) as caught:
        each.encode(_Moment(2026, 1, 1, tzinfo=timezone.utc))
    assert is_amphis_error(caught.value, "VALUE_UNSUPPORTED")


@EACH
def test_the_decimal_context_of_the_caller_changes_nothing(each: Codec) -> None:
    value = Decimal("1.234567890123456789E+50")
    data = each.encode(value)
    with localcontext() as context:
        context.prec, context.capitals, context.Emax = 2, 0, 3
        assert each.encode(value) == data
        assert str(each.decode(data)) == "1.234567890123456789e+50"


@EACH
@pytest.mark.parametrize("data", ["text", 5, None, [1]])
def test_only_bytes_are_decoded(each: Codec, data: Any) -> None:  # noqa: ANN401
    with pytest.raises(TypeError, match="Cannot decode: expected bytes"):
        each.decode(data)


@EACH
def test_any_kind_of_bytes_is_decoded(each: Codec) -> None:
    data = each.encode([b"a", "b"])
    assert each.decode(bytearray(data)) == [b"a", "b"]
    assert each.decode(memoryview(b"x" + data)[1:]) == [b"a", "b"]


def test_a_decimal_that_python_cannot_hold_is_out_of_range() -> None:
    text = "15E+999999999999999999"
    with pytest.raises(AmphisError) as caught:
        codec("json").decode(f'{{"$decimal":"{text}"}}'.encode())
    assert is_amphis_error(caught.value, "VALUE_OUT_OF_RANGE")


def test_codecs_are_chosen_by_name() -> None:
    assert [codec(name).name for name in ("msgpack", "compact", "json")] == [
        "msgpack",
        "compact",
        "json",
    ]
    with pytest.raises(AmphisError) as caught:
        codec("pickle")
    assert is_amphis_error(caught.value, "CODEC_UNKNOWN")
    with pytest.raises(ValueError, match="max_depth must be >= 1"):
        codec("json", max_depth=0)
