"""The codec of the C extension gives what the one in Python gives, in every respect."""

from __future__ import annotations

import sys
from collections import OrderedDict
from datetime import datetime, timedelta, timezone, tzinfo
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codec.codecs import in_python
from tests.codec.test_round_trip import VALUES, same

from amphis import AmphisError, Attachment, Handle, msgpack
from amphis._internal.codec.msgpack.codec import MsgpackCodec
from amphis._internal.native.load import Core, load_core

if TYPE_CHECKING:
    from collections.abc import Callable

CORE = load_core() if sys.platform == "linux" else None
if not isinstance(CORE, Core):
    why = "the extension is for Linux" if CORE is None else CORE.reason
    pytest.skip(why, allow_module_level=True)

THOROUGH = settings(max_examples=1_000)
C, PYTHON = MsgpackCodec(128, CORE), in_python()


class _Level(IntEnum):
    LOW = 3


ODD = st.sampled_from(
    [
        object(),
        "\ud800",
        "x" * 300 + "\udfff",
        {frozenset(): 1},
        [[{(1, Handle(1, "x")): 1}]],
        _Level.LOW,
        OrderedDict(a=[(1,)]),
        memoryview(b"abcd")[::2],
        bytearray(b"x"),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone.utc),
        -(2**63) - 1,
        float("nan"),
        1e300,
        print,
    ]
) | st.just(65_535).map(lambda bits: 2**bits)
# Also what is refused, at any place.
ANYTHING = st.recursive(
    VALUES | ODD,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def outcome(act: Callable[[Any], object], given_: object) -> object:
    """What it gives, or all that it says."""
    try:
        return act(given_)
    except AmphisError as error:
        return error.code, error.message, dict(error.context)


def alike(left: object, right: object) -> bool:
    return same(left, right) or repr(left) == repr(right)


def test_the_codec_is_that_of_the_extension_where_there_is_one() -> None:
    assert isinstance(msgpack(), MsgpackCodec)
    assert getattr(msgpack(), "fast", None) is not None
    assert PYTHON.fast is None


@THOROUGH
@given(value=ANYTHING)
def test_anything_is_encoded_alike_or_refused_alike(value: object) -> None:
    assert outcome(C.encode, value) == outcome(PYTHON.encode, value)


@THOROUGH
@given(data=st.binary(max_size=64))
def test_any_bytes_are_decoded_alike_or_refused_alike(data: bytes) -> None:
    assert alike(outcome(C.decode_counted, data), outcome(PYTHON.decode_counted, data))


@THOROUGH
@given(
    value=VALUES,
    edits=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 2), st.binary(max_size=3))),
)
def test_spoiled_encodings_are_decoded_alike_or_refused_alike(
    value: object, edits: list[tuple[int, int, bytes]]
) -> None:
    data = bytearray(PYTHON.encode(value))
    for place, removed, inserted in edits:
        at = place % (len(data) + 1)
        data[at : at + removed] = inserted
    spoiled = bytes(data)
    assert alike(outcome(C.decode_counted, spoiled), outcome(PYTHON.decode_counted, spoiled))


@pytest.mark.parametrize("codec", [C, PYTHON], ids=["extension", "python"])
@pytest.mark.parametrize(
    ("value", "far"),
    [
        ([1, {"a": (2, "b")}], 0),
        (Handle(1, "x"), 1),
        ([{"a": (Handle(1, "x"), Attachment(0, "bytes"))}, Handle(2, "y")], 3),
        (Attachment(0, "x", {"of": Attachment(1, "y", {"of": Handle(3, "z")})}), 3),
    ],
    ids=["none", "a handle", "several", "within one another"],
)
def test_handles_and_attachments_are_counted_wherever_they_are(
    codec: MsgpackCodec, value: object, far: int
) -> None:
    assert codec.decode_counted(codec.encode(value)) == (value, far)


PLAIN: list[object] = [
    None,
    *(sign * (2**bits + step) for bits in (0, 5, 7, 8, 15, 16, 31, 32, 63) for step in (-1, 0)
      for sign in (1, -1)),
    2**64 - 1,
    *("ä" * size for size in (0, 15, 16, 127, 128, 300, 32_768)),
    *(b"x" * size for size in (255, 256, 65_535, 65_536)),
    *(tuple(range(size)) for size in range(20)),
    (b"x" * 70_000,),
    *([None] * size for size in (15, 16, 33, 65_535, 65_536)),
    {str(key): {key: 1.5, True: b""} for key in range(300)},
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=range(len(PLAIN)))
def test_plain_values_are_all_done_in_c(value: object) -> None:
    fast = C.fast
    assert fast is not None
    data = fast.pack(value)
    assert data == PYTHON.encode(value)
    assert same(fast.unpack(data), value)


class _Interrupt(BaseException):
    """What no code catches by accident."""


def test_what_is_no_error_of_the_value_is_not_taken_for_one() -> None:
    class Odd:
        @property  # type: ignore[misc] # as mocks and proxies do
        def __class__(self) -> type:
            raise _Interrupt

    for codec in (C, PYTHON):
        with pytest.raises(_Interrupt):
            codec.encode([Odd()])


class _Clears(tzinfo):
    """Of a moment that empties the container in which it is, when it is encoded."""

    def __init__(self) -> None:
        self.around: Any = None

    def utcoffset(self, _moment: datetime | None) -> timedelta:
        self.around.clear()
        return timedelta(0)

    def tzname(self, _moment: datetime | None) -> str:
        return "odd"

    def dst(self, _moment: datetime | None) -> timedelta:
        return timedelta(0)


@pytest.mark.parametrize("kind", [list, dict])
def test_a_container_that_changes_while_it_is_encoded_does_no_harm(kind: type) -> None:
    zone = _Clears()
    items = [("a", 1), ("b", datetime(2026, 1, 1, tzinfo=zone)), ("c", "x" * 999), ("d", [1])]
    around = zone.around = dict(items) if kind is dict else [item for _, item in items]
    assert C.decode(C.encode(around)) == kind()


def test_a_string_with_foreign_letters_is_not_kept_twice() -> None:
    text = "ü" * 100_000
    before = sys.getsizeof(text)
    assert C.decode(C.encode(text)) == text
    assert sys.getsizeof(text) == before
