"""Values of NumPy, pandas, polars, pyarrow, Pillow and torch on their way out of a worker."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

# Tests are no package, and these share their peer.
sys.path.insert(0, str(Path(__file__).parents[2]))

from amphis import AmphisError, AttachmentKind
from amphis._internal.memory.carrier import open_attachment
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.values import Attachment, Handle, Timestamp
from amphis._internal.worker.objects import Objects
from amphis._internal.worker.outgoing import Outgoing

if sys.platform == "linux":
    from tests.memory.host import Host

np = pytest.importorskip("numpy", reason="NumPy is not installed")


def encode(value: object, mode: str = "auto") -> tuple[Any, list[Any], Objects]:
    objects = Objects()
    travelling, carried = Outgoing(objects, None).encode(value, mode)
    return travelling, carried, objects


def opened(value: object, mode: str = "auto") -> Any:  # noqa: ANN401 - of any kind
    """What an attachment shows on the other side."""
    travelling, carried, objects = encode(value, mode)
    assert isinstance(travelling, Attachment)
    assert len(objects) == 0
    return open_attachment(carried[travelling.index].attachment, travelling, None)


def is_object(value: object) -> bool:
    travelling, carried, objects = encode([value])
    assert carried == []
    return isinstance(travelling[0], Handle) and objects.get(travelling[0].id) is value


SCALARS: list[tuple[Any, object]] = [
    (np.bool_(True), True),  # noqa: FBT003 - a scalar
    (np.int8(-5), -5),
    (np.uint64(2**64 - 1), 2**64 - 1),
    (np.float16(0.5), 0.5),
    (np.float32(0.1), float(np.float32(0.1))),
    (np.float64(0.1), 0.1),
    (np.longdouble(0.5), 0.5),
    (np.complex64(1 + 2j), 1 + 2j),
    (np.complex128(1 + 2j), 1 + 2j),
    (np.clongdouble(1 + 2j), 1 + 2j),
    (np.str_("text"), "text"),
    (np.bytes_(b"bytes"), b"bytes"),
    (np.datetime64("2026-11-21"), date(2026, 11, 21)),
    (np.datetime64("2026-11-21T01:02:03"), datetime(2026, 11, 21, 1, 2, 3)),  # noqa: DTZ001 - it has no zone
    (np.datetime64(1_000, "ns"), datetime(1970, 1, 1, 0, 0, 0, 1)),  # noqa: DTZ001 - it has no zone
    (np.datetime64("NaT", "s"), None),
    (np.timedelta64(5, "s"), timedelta(seconds=5)),
    (np.timedelta64(5_000, "ns"), timedelta(microseconds=5)),
    (np.timedelta64("NaT", "s"), None),
]


@pytest.mark.parametrize(("scalar", "expected"), SCALARS, ids=lambda each: repr(each)[:40])
def test_a_scalar_of_numpy_becomes_the_plain_value(scalar: Any, expected: object) -> None:  # noqa: ANN401 - of any kind
    travelling, _, objects = encode([scalar, {"a": scalar}])
    assert travelling == [expected, {"a": expected}]
    assert type(travelling[0]) is type(expected)
    assert len(objects) == 0
    assert encode(scalar)[0] == expected


def test_nan_of_numpy_is_nan() -> None:
    for kind in (np.float16, np.float32, np.float64, np.longdouble):
        assert math.isnan(encode([kind("nan")])[0][0])


def test_scalars_of_numpy_may_be_keys() -> None:
    travelling, _, _ = encode({np.int64(1): "a", np.str_("b"): {np.float32(0.5)}})
    assert travelling == {1: "a", "b": {0.5}}


@pytest.mark.parametrize(
    "scalar",
    [
        np.longdouble(1) / 3,
        np.clongdouble(1) / 3,
        np.datetime64(1, "ns"),
        np.timedelta64(1, "ns"),
        np.timedelta64(1, "M"),
        np.array([5]).view("m8")[0],  # without a unit
        np.zeros(1, [("a", int)])[0],
    ],
    ids=repr,
)
def test_a_scalar_that_would_lose_something_stays_an_object(scalar: Any) -> None:  # noqa: ANN401 - of any kind
    if type(scalar) is np.longdouble and np.finfo(np.longdouble).bits == 64:
        pytest.skip("a long double of this machine has no more digits than a float")
    assert is_object(scalar)


def test_scalars_of_ml_dtypes_are_numbers() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    values = [ml_dtypes.bfloat16(1.5), ml_dtypes.float8_e5m2(0.5), ml_dtypes.int4(-3)]
    travelling, _, _ = encode(values)
    assert travelling == [1.5, 0.5, -3]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.array(5.0),
        np.zeros((0, 3), "int8"),
        np.arange(6, dtype=">i4"),
        np.arange(12.0).reshape(3, 4)[::2, ::-1],
        np.array([True, False]),
        np.array([1 + 2j]),
        np.asarray([[1, 2]], order="F"),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_an_array_travels_as_a_tensor(array: Any) -> None:  # noqa: ANN401 - of any kind
    shown = opened(array)
    assert shown.shape == array.shape
    np.testing.assert_array_equal(shown, array)
    np.testing.assert_array_equal(opened(array, "value"), array)


@pytest.mark.parametrize(
    "array",
    [
        np.array([object()]),
        np.array(["text"]),
        np.array([b"bytes"]),
        np.array(["2026-11-21"], "M8[D]"),
        np.zeros(2, [("a", int)]),
        np.zeros(2, np.longdouble),
        np.ma.masked_array([1, 2], [True, False]),
    ],
    ids=lambda array: f"{type(array).__name__}-{array.dtype}",
)
def test_an_array_of_no_numbers_stays_an_object(array: Any) -> None:  # noqa: ANN401 - of any kind
    assert is_object(array)


def test_an_array_of_texts_and_dates_is_a_list_where_values_are_forced() -> None:
    assert encode(np.array([["a", "b"], ["c", "d"]]), "value")[0] == [["a", "b"], ["c", "d"]]
    days = np.array(["2026-11-21", "NaT"], "M8[D]")
    assert encode({"days": days}, "value")[0] == {"days": [date(2026, 11, 21), None]}
    assert encode(np.array([1, "a"], object), "value")[0] == [1, "a"]
    with pytest.raises(AmphisError) as caught:
        encode({"a": [np.array([1, print], object)]}, "value")
    assert caught.value.path == "$.a[0][1]"


def test_an_array_that_holds_itself_is_refused() -> None:
    array = np.empty(1, object)
    array[0] = array
    assert is_object(array)
    with pytest.raises(AmphisError) as caught:
        encode(array, "value")
    assert caught.value.code == "DEPTH_EXCEEDED"


def test_mixed_structures_keep_their_shape() -> None:
    array = np.arange(3)
    value = {"name": "run", "weights": [array, np.float32(0.5)], "model": print, "n": (1, array)}
    travelling, carried, _ = encode(value)
    assert list(travelling) == ["name", "weights", "model", "n"]
    assert [travelling["weights"][0].index, travelling["n"][1].index] == [0, 1]
    assert travelling["weights"][1] == 0.5
    assert isinstance(travelling["model"], Handle)
    assert len(carried) == 2


@pytest.fixture
def guest() -> Iterator[GuestMemory]:
    if sys.platform != "linux":
        pytest.skip("memory is shared on Linux only")
    with closing(Host()) as host:
        yield GuestMemory(host.lender())


def test_large_arrays_and_bytes_travel_through_shared_memory(guest: GuestMemory) -> None:
    out = Outgoing(Objects(), guest)
    array = np.arange(100_000)
    _, carried = out.encode({"array": array, "bytes": bytes(200_000), "small": np.arange(3)})
    kinds = [each.attachment.kind for each in carried]
    expected = [AttachmentKind.REFERENCE, AttachmentKind.REFERENCE, AttachmentKind.INLINE]
    assert kinds == expected


def test_moments_of_pandas_are_instants_dates_and_nil() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    fine = pd.Timestamp(1_234_567_890_123_456_789, tz="UTC")
    value = [
        pd.Timestamp("2026-11-21T01:02:03"),
        pd.Timestamp("2026-11-21T01:02:03", tz="Europe/Paris"),
        fine,
        pd.Timedelta("1s"),
        pd.NaT,
        pd.NA,
    ]
    travelling, _, _ = encode(value)
    assert travelling == [
        datetime(2026, 11, 21, 1, 2, 3),  # noqa: DTZ001 - it has no zone
        datetime(2026, 11, 21, 0, 2, 3, tzinfo=timezone.utc),
        Timestamp(1_234_567_890, 123_456_789),
        timedelta(seconds=1),
        None,
        None,
    ]
    assert is_object(pd.Timestamp(1))
    assert is_object(pd.Timedelta(1, unit="ns"))


def test_frames_and_series_of_pandas_are_objects_unless_values_are_forced() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert is_object(frame)
    assert is_object(frame["a"])
    assert opened(frame, "value").column("b").to_pylist() == ["x", None]
    assert opened(frame["a"], "value").tolist() == [1, 2]
    assert opened(frame["b"], "value").column("b").to_pylist() == ["x", None]
    assert opened(pd.Series([1, None], dtype="Int64"), "value").column("values").to_pylist() == [
        1,
        None,
    ]
    assert opened(pd.Index([3, 4]), "value").tolist() == [3, 4]
    travelling, carried, _ = encode({"frames": [frame, frame]}, "value")
    assert [each.format for each in travelling["frames"]] == ["arrow", "arrow"]
    assert len(carried) == 2


def test_a_frame_of_mixed_columns_is_refused_with_the_reason() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    with pytest.raises(AmphisError) as caught:
        encode([pd.DataFrame({"a": [1, "x", object()]})], "value")
    assert (caught.value.code, caught.value.path) == ("VALUE_UNSUPPORTED", "$[0]")
    assert "no one type" in str(caught.value.received)
    cause = caught.value.__cause__
    assert isinstance(cause, AmphisError)
    assert cause.code == "ARROW_UNSUPPORTED"


def test_frames_and_series_of_polars_are_objects_unless_values_are_forced() -> None:
    pl = pytest.importorskip("polars", reason="polars is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert is_object(frame)
    assert opened(frame, "value").column("a").to_pylist() == [1, 2]
    assert opened(frame.lazy(), "value").column("b").to_pylist() == ["x", None]
    assert opened(frame["a"], "value").tolist() == [1, 2]
    assert opened(pl.Series("s", [1, None]), "value").column("s").to_pylist() == [1, None]


def test_tables_of_pyarrow_are_attachments() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = pa.table({"a": [1, 2]})
    assert opened(table).equals(table)
    assert opened(table.to_batches()[0]).equals(table)
    assert is_object(pa.array([1, 2]))
    assert opened(pa.array([1, 2]), "value").tolist() == [1, 2]
    assert opened(pa.array([1, None]), "value").column("values").to_pylist() == [1, None]
    assert opened(pa.chunked_array([["a"], ["b"]]), "value").column(0).to_pylist() == ["a", "b"]
    assert opened(table.to_reader(), "value").equals(table)
    assert encode([pa.scalar(5)], "value")[0] == [5]


def test_a_table_of_a_type_that_does_not_travel_stays_an_object() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    assert is_object(pa.table({"a": pa.RunEndEncodedArray.from_arrays([2], [1])}))


@pytest.mark.parametrize(
    "name", ["pandas", "polars", "series", "pyarrow", "columns", "arrays", "rows", "index"]
)
def test_the_mode_arrow_makes_a_table_of_what_is_like_one(name: str) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    pl = pytest.importorskip("polars", reason="polars is not installed")
    values = {
        "pandas": pd.DataFrame({"a": [1, 2]}),
        "polars": pl.DataFrame({"a": [1, 2]}),
        "series": pd.Series([1, 2], name="a"),
        "pyarrow": pa.table({"a": [1, 2]}),
        "columns": {"a": [1, 2]},
        "arrays": {"a": np.array([1, 2])},
        "rows": [{"a": 1}, {"a": 2}],
        "index": pd.Index([1, 2], name="a"),
    }
    assert opened(values[name], "arrow").column("a").to_pylist() == [1, 2]


@pytest.mark.parametrize(
    "value", [5, "text", [1, 2], {"a": 5}, {"a": [1], "b": [1, 2]}, print], ids=repr
)
def test_the_mode_arrow_refuses_what_is_no_table(value: object) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    with pytest.raises(AmphisError) as caught:
        encode(value, "arrow")
    assert (caught.value.code, caught.value.path) == ("VALUE_UNSUPPORTED", "$")
    assert caught.value.expected == "a table"


@pytest.mark.parametrize(
    ("mode", "shape"),
    [
        ("RGB", (3, 2, 3)),
        ("RGBA", (3, 2, 4)),
        ("L", (3, 2, 1)),
        ("1", (3, 2, 1)),
        ("P", (3, 2, 3)),
        ("F", (3, 2, 1)),
    ],
)
def test_a_picture_is_an_array_where_values_are_forced(mode: str, shape: tuple[int, ...]) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    picture = image.new(mode, (2, 3))
    assert is_object(picture)
    assert opened(picture, "value").shape == shape


def test_a_tensor_of_torch_is_an_array_where_values_are_forced() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    tensor = torch.arange(6.0).reshape(2, 3).requires_grad_()
    assert is_object(tensor)
    assert opened(tensor, "value").tolist() == tensor.tolist()
