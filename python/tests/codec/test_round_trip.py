"""Arbitrary values come back equal from every codec, with the same bytes the second time."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codec.codecs import NAMES, codec_of

from amphis import Attachment, Codec, Ext, Handle, Timestamp, compact_for
from amphis._internal.moments import instant
from amphis._internal.values import MAX_SECONDS, MIN_SECONDS

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTS = st.one_of(
    st.integers(),
    st.integers(-(2**53) - 3, -(2**53) + 3),
    st.integers(2**53 - 3, 2**53 + 3),
    st.integers(2**63 - 3, 2**64 + 3),
    st.builds(lambda bits, more: (1 << bits) + more, st.integers(0, 65_534), st.integers(-3, 3)),
    st.builds(lambda bits, more: more - (1 << bits), st.integers(0, 65_534), st.integers(-3, 3)),
)
INSTANTS = st.builds(
    instant,
    st.integers(MIN_SECONDS, MAX_SECONDS),
    st.one_of(
        st.just(0), st.integers(0, 999_999).map(lambda n: n * 1_000), st.integers(0, 999_999_999)
    ),
)
DECIMALS = st.one_of(
    st.decimals(allow_nan=False),
    st.from_regex(r"-?[0-9]{1,30}(\.[0-9]{1,30})?(E[+-][0-9]{1,17})?", fullmatch=True).map(Decimal),
    st.sampled_from([Decimal("-0"), Decimal("Infinity"), Decimal("-Infinity")]),
)
PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).map(
    PurePath
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    INTS,
    st.floats(allow_nan=False),
    TEXT,
    st.binary(max_size=20),
    INSTANTS,
    st.dates(),
    st.times(),
    st.datetimes(),
    st.timedeltas(),
    DECIMALS,
    st.uuids(),
    st.complex_numbers(allow_nan=False),
    PATHS,
)
KEYS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
HANDLES = st.builds(Handle, st.integers(0, 2**53 - 1), TEXT)
EXTENSIONS = st.builds(Ext, st.integers(-128, 63).filter(lambda code: code != -1), st.binary())
VALUES = st.recursive(
    st.one_of(SCALARS, HANDLES, EXTENSIONS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(TEXT, inner, max_size=5),
        st.dictionaries(KEYS, inner, max_size=5),
        st.sets(KEYS, max_size=5),
        st.builds(
            Attachment, st.integers(0, 65_535), TEXT, st.dictionaries(TEXT, inner, max_size=3)
        ),
    ),
    max_leaves=12,
)
EACH = pytest.mark.parametrize("codec", [codec_of(name) for name in NAMES], ids=NAMES)


def same(left: object, right: object) -> bool:
    """Equal and of the same types, which `==` alone does not tell: 1, 1.0, True; -0.0, 0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return same(list(left.items()), list(right.items()))
    if isinstance(left, Attachment) and isinstance(right, Attachment):
        return left == right and same(left.meta, right.meta)
    return same_scalar(left, right)


def same_scalar(left: object, right: object) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left.hex() == right.hex()
    if isinstance(left, complex) and isinstance(right, complex):
        return same(left.real, right.real) and same(left.imag, right.imag)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left.compare_total(right) == 0
    return left == right


@settings(max_examples=1_000)
@given(value=VALUES)
def test_any_value_comes_back_from_every_codec(value: object) -> None:
    for name in NAMES:
        codec = codec_of(name)
        data = codec.encode(value)
        decoded = codec.decode(data)
        assert same(decoded, value), name
        if not _holds_set(value):  # the order of a set is Python's own
            assert codec.encode(decoded) == data, name
    fixed = compact_for({}, integers="fixed")
    assert same(fixed.decode(fixed.encode(value)), value), "compact with fixed integers"


def _holds_set(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_set(part) for item in value.items() for part in item)
    if isinstance(value, (list, tuple)):
        return any(map(_holds_set, value))
    return isinstance(value, set) or (isinstance(value, Attachment) and _holds_set(value.meta))


@EACH
@pytest.mark.parametrize(
    "value",
    [
        Timestamp(MIN_SECONDS, 1),
        Timestamp(-1, 999_999_999),
        datetime(1, 1, 1, tzinfo=timezone.utc),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc),
        date(1, 1, 1),
        time(23, 59, 59, 1),
        timedelta.max,
        timedelta.min,
        timedelta(microseconds=-1),
        Decimal("sNaN123"),
        Decimal("1E+999999999999999999"),
        Decimal("0." + "1" * 4_000),
        2**65535 - 1,
        -(2**65535),
        -(2**63) - 1,
        5e-324,
        1.7976931348623157e308,
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_at_the_ends_of_their_range_come_back(codec: Codec, value: object) -> None:
    assert same(codec.decode(codec.encode(value)), value)


@EACH
def test_nan_is_one_value(codec: Codec) -> None:
    odd = -math.nan
    assert codec.encode(odd) == codec.encode(math.nan)
    decoded = codec.decode(codec.encode({math.nan: 1, odd: 2}))
    assert isinstance(decoded, dict)
    assert list(decoded.values()) == [2]
