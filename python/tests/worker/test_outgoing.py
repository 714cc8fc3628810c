"""What leaves a worker: values as they are, and a handle for each leaf that is none."""

from __future__ import annotations

import array
import collections
import dataclasses
import enum
import math
import os
import sys
import time
import types
from collections import OrderedDict, defaultdict, deque
from datetime import date, datetime, timedelta, timezone
from datetime import time as clock
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import pytest

from amphis import AmphisError, msgpack
from amphis._internal.values import Attachment, Ext, Handle, Timestamp
from amphis._internal.worker.functions import Held
from amphis._internal.worker.objects import Objects
from amphis._internal.worker.outgoing import Outgoing
from amphis._internal.worker.outgoing_plain import INLINE_BYTES, is_plain
from amphis._internal.worker.outgoing_walk import LONG_RANGE, SHORT_RANGE

CODEC = msgpack()


class Color(enum.Enum):
    RED = "red"
    BOTH = ("red", "green")
    CODE = print


class Level(enum.IntEnum):
    LOW = 1


class Name(str, enum.Enum):
    ADA = "ada"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: object


@dataclasses.dataclass
class Order:
    count: int
    label: object = "none"
    kind: ClassVar[str] = "order"


@dataclasses.dataclass
class Broken:
    value: int = dataclasses.field(init=False)


class Count(int):
    def __int__(self) -> int:
        raise RuntimeError("not asked for")


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class Model:
    pass


class Items(list[Any]):
    def __iter__(self) -> Any:  # noqa: ANN401 - of any kind
        raise RuntimeError("not asked for")


def outgoing() -> tuple[Outgoing, Objects]:
    objects = Objects()
    return Outgoing(objects, None), objects


def sent(value: object, mode: str = "auto") -> Any:  # noqa: ANN401 - of any kind
    """What is left of a value on the other side; handles and attachments stay what they are."""
    out, _ = outgoing()
    travelling, _ = out.encode(value, mode)
    arrived = CODEC.decode(CODEC.encode([travelling, {}]))
    packed, _ = outgoing()[0].pack(value, mode)
    assert CODEC.encode(CODEC.decode(packed)) == CODEC.encode(arrived[0])  # type: ignore[index]
    return arrived[0]  # type: ignore[index]


PLAIN: list[object] = [
    None,
    True,
    0,
    -1,
    2**64 - 1,
    -(2**63),
    2**64,
    -(2**200),
    1.5,
    -0.0,
    math.inf,
    "",
    "ascii",
    "🙂 é",
    b"",
    b"bytes",
    [],
    {},
    (),
    set(),
    [1, [2, [3, {"a": (4, "b")}]]],
    {"a": 1, 2: "b", None: 3, (1, 2): 4, 1.5: 5, b"k": 6},
    {1, "a", (2, 3)},
    date(2026, 11, 21),
    clock(1, 2, 3),
    datetime(2026, 11, 21, 1, 2, 3),  # noqa: DTZ001 - it has no zone
    datetime(2026, 11, 21, tzinfo=timezone.utc),
    timedelta(days=-1, microseconds=1),
    Decimal("1.50"),
    UUID(int=5),
    1 + 2j,
    PurePosixPath("/a/b"),
    Timestamp(1, 1),
    Ext(5, b"x"),
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_a_value_travels_as_it_is(value: object) -> None:
    arrived = sent(value)
    assert arrived == value
    assert type(arrived) is type(value)
    assert sent([{"in": value}]) == [{"in": value}]
    assert sent(value, "value") == value


def test_nan_stays_nan_at_any_depth() -> None:
    assert math.isnan(sent([math.nan])[0])


CONVERTED: list[tuple[object, object]] = [
    (Color.RED, "red"),
    (Color.BOTH, ("red", "green")),
    (Level.LOW, 1),
    (Name.ADA, "ada"),
    (Rights.READ | Rights.WRITE, 3),
    ({Color.RED: Level.LOW}, {"red": 1}),
    ({Color.RED, Level.LOW}, {"red", 1}),
    (Point(1, Point(2, None)), {"x": 1, "y": {"x": 2, "y": None}}),
    ({Point(1, 2): "key"}, {(1, 2): "key"}),
    (Order(2, Order(3)), {"count": 2, "label": {"count": 3, "label": "none"}}),
    (Count(5), 5),
    (Text("text"), "text"),
    (Items([1, Level.LOW]), [1, 1]),
    (OrderedDict(b=1, a=Level.LOW), {"b": 1, "a": 1}),
    (defaultdict(list, a=[1]), {"a": [1]}),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    (deque([1, 2], maxlen=5), [1, 2]),
    (range(3), [0, 1, 2]),
    (range(SHORT_RANGE), list(range(SHORT_RANGE))),
    (bytearray(b"ab"), b"ab"),
    (memoryview(b"abcdef")[::2], b"ace"),
    (memoryview(array.array("H", [1])), b"\x01\x00"),
    (frozenset([1]), {1}),
    (Path("/a"), PurePosixPath("/a")),
]


@pytest.mark.parametrize(("value", "expected"), CONVERTED, ids=lambda each: repr(each)[:60])
def test_what_is_nearly_a_value_becomes_one(value: object, expected: object) -> None:
    arrived = sent(value)
    assert arrived == expected
    assert type(arrived) is type(expected)
    assert sent([value], "value") == [expected]


def test_fields_of_an_ordered_dict_come_in_its_order() -> None:
    entries = OrderedDict(a=1, b=2)
    entries.move_to_end("a")
    assert list(sent([entries, Model()])[0]) == ["b", "a"]


def test_what_c_code_returns_like_a_named_tuple_is_a_map_with_all_of_its_fields() -> None:
    status = os.stat("/")  # noqa: PTH116 - it is what C code returns
    arrived = sent(status)
    assert arrived["st_mode"] == status.st_mode
    assert arrived["st_mtime_ns"] == status.st_mtime_ns
    assert sent(time.gmtime(0))["tm_year"] == 1970


def test_a_member_whose_value_is_none_is_a_handle_of_the_member() -> None:
    out, objects = outgoing()
    handle, _ = out.encode(Color.CODE)
    assert isinstance(handle, Handle)
    assert objects.get(handle.id) is Color.CODE


LEAVES: list[object] = [
    Model(),
    Model,
    print,
    math,
    (each for each in [1]),
    iter([1]),
    ValueError("x"),
    object(),
    {}.keys(),
    types.MappingProxyType({}),
    "\ud800",
    1 << 70_000,
    clock(tzinfo=timezone.utc),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    PurePosixPath("a\udc80"),
    PurePosixPath("a\0"),
    range(10**30),
    {Model: 1},
    {Model},
    {"\ud800": 1},
    {Order(1).count: 1, Level.LOW: 2, Name.ADA: Model, ("a", frozenset([1])): 1},
    {(1, "\ud800")},
    array.array("w" if sys.version_info >= (3, 13) else "u", "ab"),
    Broken(),
    Handle(5, "builtins.int"),
    Attachment(0, "bytes"),
]


@pytest.mark.parametrize("value", LEAVES, ids=lambda each: type(each).__name__)
def test_a_leaf_that_is_no_value_becomes_a_handle_of_itself(value: object) -> None:
    out, objects = outgoing()
    travelling, carried = out.encode([1, {"a": (value, "b")}])
    handle = travelling[1]["a"][0]  # type: ignore[index]
    assert travelling == [1, {"a": (handle, "b")}]
    assert type(handle) is Handle
    assert objects.get(handle.id) is value
    assert len(objects) == 1
    assert carried == []
    CODEC.encode(travelling)


@pytest.mark.parametrize("value", LEAVES, ids=lambda each: type(each).__name__)
def test_a_leaf_is_refused_with_its_path_where_values_are_forced(value: object) -> None:
    out, objects = outgoing()
    with pytest.raises(AmphisError) as caught:
        out.encode([1, {"a": (value,)}], "value")
    assert caught.value.code in ("VALUE_UNSUPPORTED", "VALUE_OUT_OF_RANGE")
    assert str(caught.value.path).startswith("$[1].a[0]")
    assert caught.value.received
    assert len(objects) == 0


def test_the_refusal_names_both_types_and_the_place() -> None:
    out, _ = outgoing()
    with pytest.raises(AmphisError) as caught:
        out.encode([1, 2, {"model": Model()}], "value")
    error = caught.value
    assert (error.code, error.path) == ("VALUE_UNSUPPORTED", "$[2].model")
    assert error.expected == "a value"
    assert str(error.received).endswith("test_outgoing.Model")


@pytest.mark.parametrize(
    ("key", "step"),
    [("a b", '["a b"]'), (5, "[5]"), (1 << 100_000, "[int]"), (Model, "[type]"), ((1,), "[tuple]")],
    ids=lambda each: type(each).__name__,
)
def test_a_path_names_any_key(key: object, step: str) -> None:
    with pytest.raises(AmphisError) as caught:
        outgoing()[0].encode({key: Model()}, "value")
    assert caught.value.path == f"${step}"


def test_members_that_would_be_one_key_stay_in_their_map() -> None:
    out, objects = outgoing()
    value = {Color.RED: 1, "red": 2}
    handle, _ = out.encode(value)
    assert isinstance(handle, Handle)
    assert objects.get(handle.id) is value
    with pytest.raises(AmphisError, match="keys that differ"):
        out.encode(value, "value")


class Lying:
    """A proxy, which says that it is of another class; asking for it would run its code."""

    @property
    def __class__(self) -> Any:  # noqa: ANN401 - of any kind
        raise KeyboardInterrupt

    @__class__.setter
    def __class__(self, _: object) -> None: ...


def test_an_object_that_lies_about_its_class_is_a_handle() -> None:
    out, objects = outgoing()
    value = Lying()
    travelling, _ = out.encode([value])
    assert isinstance(travelling, list)
    assert objects.get(travelling[0].id) is value


def test_no_handle_is_left_behind_for_a_value_that_fails() -> None:
    @dataclasses.dataclass
    class Interrupting:
        value: int = 0

        def __getattribute__(self, name: str) -> object:
            raise KeyboardInterrupt

    out, objects = outgoing()
    with pytest.raises(KeyboardInterrupt):
        out.encode([Model(), Model(), object.__new__(Interrupting)])
    assert len(objects) == 0


@pytest.mark.parametrize("mode", ["list", "dict", "tuple", "deque"])
def test_a_container_that_is_in_itself_becomes_a_handle_where_it_comes_again(mode: str) -> None:
    inner: Any = {"list": [], "dict": {}, "tuple": [], "deque": deque()}[mode]
    value: Any = (inner,) if mode == "tuple" else inner
    if mode == "dict":
        inner["self"] = value
    else:
        inner.append(value)
    out, objects = outgoing()
    travelling, _ = out.encode(value)
    assert len(objects) == 1
    handle: Any = travelling
    while not isinstance(handle, Handle):
        handle = handle["self"] if isinstance(handle, dict) else handle[0]
    assert objects.get(handle.id) in (value, inner)
    CODEC.encode(travelling)
    with pytest.raises(AmphisError) as caught:
        out.encode(value, "value")
    assert caught.value.code == "DEPTH_EXCEEDED"
    assert len(str(caught.value.path)) > 1


def test_a_list_that_is_there_twice_is_copied_twice() -> None:
    twice: list[object] = [Level.LOW]
    assert sent([twice, twice]) == [[1], [1]]


def test_what_is_nested_deeper_than_a_body_allows_becomes_a_handle() -> None:
    deep: Any = []
    innermost = deep
    for _ in range(500):
        deep = [deep]
    out, objects = outgoing()
    travelling, _ = out.encode(deep)
    CODEC.encode([travelling])
    assert len(objects) == 1
    assert innermost == []
    with pytest.raises(AmphisError) as caught:
        out.encode(deep, "value")
    assert caught.value.code == "DEPTH_EXCEEDED"


def test_the_deepest_value_that_travels_needs_no_handle() -> None:
    deep: Any = Level.LOW
    for _ in range(126):
        deep = [deep]
    out, objects = outgoing()
    travelling, _ = out.encode(deep)
    assert len(objects) == 0
    CODEC.encode([[travelling]])


def test_a_long_range_is_an_object_unless_values_are_forced() -> None:
    out, objects = outgoing()
    handle, _ = out.encode(range(SHORT_RANGE + 1))
    assert isinstance(handle, Handle)
    assert len(objects) == 1
    assert sent(range(5_000), "value") == list(range(5_000))
    with pytest.raises(AmphisError) as caught:
        out.encode(range(LONG_RANGE + 1), "value")
    assert caught.value.code == "VALUE_UNSUPPORTED"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_are_an_attachment_from_64_kib_on(kind: Any) -> None:  # noqa: ANN401 - of any kind
    out, _ = outgoing()
    small, carried = out.encode([kind(bytes(INLINE_BYTES - 1))])
    assert (small, carried) == ([bytes(INLINE_BYTES - 1)], [])
    large = bytes(INLINE_BYTES)
    both, carried = out.encode([kind(large), "x"])
    assert both == [Attachment(0, "bytes"), "x"]
    assert bytes(carried[0].attachment.data) == large
    packed, again = out.pack({"a": kind(large)})
    assert len(packed) < 100
    assert bytes(again[0].attachment.data) == large


def test_numbers_that_look_like_the_head_of_long_bytes_are_still_inline() -> None:
    numbers = [0xC600_0100 + each for each in range(20_000)]
    packed, carried = outgoing()[0].pack(numbers)
    assert carried == []
    assert CODEC.decode(packed) == numbers


def test_a_memoryview_whose_memory_was_let_go_is_an_object() -> None:
    view = memoryview(bytearray(10))
    view.release()
    out, objects = outgoing()
    handle, _ = out.encode(view)
    assert isinstance(handle, Handle)
    assert objects.get(handle.id) is view


def test_attachments_are_numbered_in_the_order_of_the_value() -> None:
    out, _ = outgoing()
    parts = [bytes([each]) * INLINE_BYTES for each in range(3)]
    travelling, carried = out.encode({"a": parts[0], "b": [parts[1], Model(), parts[2]]})
    assert travelling["a"].index == 0  # type: ignore[index]
    assert [travelling["b"][0].index, travelling["b"][2].index] == [1, 2]  # type: ignore[index]
    assert [bytes(each.attachment.data)[0] for each in carried] == [0, 1, 2]


def test_arrays_of_the_standard_library_are_tensors() -> None:
    out, _ = outgoing()
    travelling, carried = out.encode(array.array("d", [1.0, 2.0]))
    assert isinstance(travelling, Attachment)
    assert travelling.format == "tensor"
    assert travelling.meta["dtype"] == "float64"
    assert travelling.meta["shape"] == [2]
    assert bytes(carried[0].attachment.data) == array.array("d", [1.0, 2.0]).tobytes()


def test_a_function_of_the_program_goes_back_as_itself() -> None:
    class Program:
        def ask(self, *_: object) -> None:
            raise AssertionError("nobody calls it")

    held = Held(Program())
    function, iterable = held.function(3), held.iterable(4)
    out, objects = outgoing()
    travelling, _ = out.encode({"f": function, "i": [iterable]})
    assert travelling == {"f": Handle(3, "amphis.function"), "i": [Handle(4, "amphis.iterable")]}
    assert out.encode([function], "value")[0] == [Handle(3, "amphis.function")]
    assert len(objects) == 0


@pytest.mark.parametrize("value", [None, 1, [1], Model()], ids=repr)
def test_the_mode_handle_sends_a_handle_of_whatever_it_is(value: object) -> None:
    out, objects = outgoing()
    first, _ = out.encode(value, "handle")
    second, _ = out.encode(value, "handle")
    assert isinstance(first, Handle)
    assert isinstance(second, Handle)
    assert first.id != second.id
    assert objects.get(first.id) is value


def test_another_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="no mode 'best'"):
        outgoing()[0].encode(1, "best")


def test_a_value_is_left_as_it_was() -> None:
    inner = [1, Model()]
    value = {"a": inner, "b": deque([Level.LOW])}
    outgoing()[0].encode(value)
    assert value["a"] is inner
    assert inner[0] == 1
    assert type(inner[1]) is Model


@pytest.mark.parametrize("value", [*PLAIN, *LEAVES], ids=lambda each: type(each).__name__)
def test_what_is_taken_for_plain_is_taken_by_the_codec(value: object) -> None:
    for whole in (value, [value], {"a": value}, (value, 1)):
        if is_plain(whole, 126):
            CODEC.encode(whole)


def test_a_subclass_is_never_taken_for_plain() -> None:
    for value in (Point(1, 2), Level.LOW, Text("a"), Count(1), OrderedDict(a=1), Items([1])):
        assert not is_plain(value, 126)
        assert not is_plain([value], 126)
        assert not is_plain({"a": value}, 126)
