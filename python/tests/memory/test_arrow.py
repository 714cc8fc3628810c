from __future__ import annotations

import datetime as dt
import decimal
import importlib
import io
from typing import Any

import pytest

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.memory.arrow import (
    as_arrow,
    open_table,
    to_pandas,
    to_polars,
    write_table,
)

pa = pytest.importorskip("pyarrow")
importlib.import_module("pyarrow.ipc")

DAY = dt.date(2026, 2, 28)
MOMENT = dt.datetime(2026, 2, 28, 12, 30, 15, 123456, tzinfo=dt.timezone.utc)
FEW = {
    "ints": pa.array([1, None, -(2**63)], pa.int64()),
    "small": pa.array([1, 2, 255], pa.uint8()),
    "floats": pa.array([1.5, None, float("inf")], pa.float64()),
    "halves": pa.array([1.5, None, -2.0], pa.float16()),
    "flags": pa.array([True, None, False]),
    "words": pa.array(["a", None, "\ufeffé𝄞"]),
    "long words": pa.array(["a", None, "b" * 100], pa.large_string()),
    "views": pa.array(["a", None, "b" * 100], pa.string_view()),
    "bytes": pa.array([b"", None, b"\x00\xff"]),
    "fixed": pa.array([b"abc", None, b"def"], pa.binary(3)),
    "lists": pa.array([[1, None], None, []], pa.list_(pa.int16())),
    "large lists": pa.array([[1], None, [2, 3]], pa.large_list(pa.int8())),
    "pairs": pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float32(), 2)),
    "structs": pa.array([{"x": 1, "y": ["p"]}, None, {"x": None, "y": None}]),
    "maps": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    "keys": pa.array(["p", None, "p"]).dictionary_encode(),
    "nulls": pa.nulls(3),
    "days": pa.array([DAY, None, DAY]),
    "moments": pa.array([MOMENT, None, MOMENT], pa.timestamp("ns", "Europe/Vienna")),
    "times": pa.array([MOMENT.time(), None, MOMENT.time()], pa.time64("us")),
    "spans": pa.array([1, None, 2], pa.duration("ms")),
    "sums": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal(-3)], pa.decimal128(38, 2)),
    "large sums": pa.array([decimal.Decimal(2) ** 200, None, None], pa.decimal256(70, 0)),
}


class Memory:
    """Memory that was used before, asked for once."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.data = bytearray()

    def allocate(self, byte_length: int) -> memoryview:
        self.asked.append(byte_length)
        self.data = bytearray(b"\xee" * (byte_length + 100))
        return memoryview(self.data)


def round_trip(table: object) -> Any:  # noqa: ANN401 - a table of pyarrow
    return open_table(write_table(table, Memory().allocate))


@pytest.mark.parametrize("name", FEW)
def test_a_column_comes_back_as_it_was(name: str) -> None:
    table = pa.table({name: FEW[name]})
    back = round_trip(table)
    back.validate(full=True)
    assert back.equals(table, check_metadata=True)


def test_a_slice_comes_back_without_what_was_cut_off() -> None:
    table = pa.table(FEW).slice(1, 2)
    assert round_trip(table).equals(table)


def test_many_batches_and_none_come_back() -> None:
    table = pa.concat_tables([pa.table(FEW)] * 5)
    back = round_trip(table)
    assert back.equals(table)
    assert back.column("ints").num_chunks == 5
    assert round_trip(table.schema.empty_table()).equals(table.schema.empty_table())
    assert round_trip(pa.table({})).num_columns == 0


def test_metadata_of_schema_and_fields_comes_back() -> None:
    field = pa.field("a", pa.int8(), nullable=False, metadata={"unit": "m"})
    schema = pa.schema([field], metadata={"origin": "test"})
    table = pa.table({"a": [1]}, schema=schema)
    assert round_trip(table).schema.equals(schema, check_metadata=True)


def test_dictionaries_of_batches_may_differ() -> None:
    chunks = [pa.array(words).dictionary_encode() for words in (["a", "b"], ["a", "b", "c"], ["x"])]
    table = pa.table({"keys": pa.chunked_array(chunks)})
    back = round_trip(table)
    assert back.column("keys").to_pylist() == ["a", "b", "a", "b", "c", "x"]


def test_memory_is_asked_for_once_and_every_byte_of_it_is_written() -> None:
    memory = Memory()
    table = pa.table(FEW)
    written = write_table(table, memory.allocate)
    assert memory.asked == [len(written)]
    clean = write_table(table, lambda count: memoryview(bytearray(count)))
    assert bytes(written) == bytes(clean)
    assert bytes(memory.data[len(written) :]) == b"\xee" * 100


def test_buffers_begin_at_multiples_of_64_and_are_views() -> None:
    memory = Memory()
    table = open_table(write_table(pa.table(FEW), memory.allocate))
    start = pa.py_buffer(memory.data).address
    found = [
        buffer.address - start
        for column in table.columns
        for chunk in column.chunks
        for buffer in chunk.buffers()
        if buffer is not None and buffer.size > 0
    ]
    assert found
    assert [at for at in found if at % 64 or not 0 <= at < len(memory.data)] == []


def test_a_table_keeps_its_memory() -> None:
    memory = bytearray(write_table(pa.table({"a": [1, 2]}), Memory().allocate))
    table = open_table(memory)
    with pytest.raises(BufferError):
        memory.clear()
    assert table.column("a").to_pylist() == [1, 2]


def test_a_file_is_opened_too() -> None:
    table = pa.table(FEW)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    assert open_table(sink.getvalue()).equals(table)


def test_batches_and_readers_are_tables() -> None:
    table = pa.table(FEW)
    assert round_trip(table.to_batches()[0]).equals(table)
    assert round_trip(table.to_reader()).equals(table)


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_compression_is_refused_by_name(codec: str) -> None:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=codec)
    table = pa.table({"a": list(range(1000))})
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    with pytest.raises(AmphisError, match=f"{codec.upper()} compression") as caught:
        open_table(sink.getvalue())
    assert caught.value.code is ErrorCode.ARROW_UNSUPPORTED


@pytest.mark.parametrize(
    ("kind", "feature"),
    [
        (pa.run_end_encoded(pa.int32(), pa.int8()), "run-end encoding"),
        (pa.list_view(pa.int8()), "the list view type"),
        (pa.struct([pa.field("x", pa.large_list_view(pa.int8()))]), "the list view type"),
        (pa.dictionary(pa.int8(), pa.list_view(pa.int8())), "the list view type"),
    ],
)
def test_a_type_that_typescript_does_not_read_is_refused_before_memory_is_asked_for(
    kind: Any,  # noqa: ANN401 - a type of pyarrow
    feature: str,
) -> None:
    memory = Memory()
    table = pa.schema([pa.field("a", kind)]).empty_table()
    with pytest.raises(AmphisError, match=feature):
        write_table(table, memory.allocate)
    assert memory.asked == []


def test_bytes_that_are_no_table_are_refused() -> None:
    good = bytes(write_table(pa.table(FEW), Memory().allocate))
    for data in (b"", b"ARROW1", b"\xff" * 64, bytes(64), good[:100], good[: len(good) // 2]):
        with pytest.raises(AmphisError) as caught:
            open_table(data)
        assert caught.value.code is ErrorCode.ARROW_INVALID


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(TypeError, match="list is none"):
        write_table([1, 2], Memory().allocate)


def test_memory_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="it needs"):
        write_table(pa.table({"a": [1]}), lambda _: memoryview(bytearray(8)))


def test_a_data_frame_of_pandas_comes_back_with_its_index() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "n": [1, 2, 3],
            "x": [0.5, None, 1.5],
            "s": ["a", None, "c"],
            "c": pandas.Categorical(["p", "q", "p"]),
            "t": pandas.to_datetime(["2026-01-01", None, "2026-01-03"]).tz_localize("UTC"),
            "d": pandas.to_timedelta([1, 2, 3], unit="s"),
        },
        index=pandas.Index(["i", "j", "k"], name="key"),
    )
    pandas.testing.assert_frame_equal(to_pandas(round_trip(frame)), frame)


def test_numbers_of_pandas_are_views_of_the_memory() -> None:
    pandas = pytest.importorskip("pandas")
    memory = Memory()
    written = write_table(pandas.DataFrame({"x": [1.0, 2.0]}), memory.allocate)
    column = to_pandas(open_table(written))["x"].to_numpy()
    start = pa.py_buffer(memory.data).address
    assert 0 <= column.__array_interface__["data"][0] - start < len(memory.data)


def test_a_data_frame_of_polars_comes_back() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(
        {
            "n": [1, None, 3],
            "s": ["a", None, "c" * 50],
            "l": [[1, 2], [], None],
            "t": [{"x": 1}, {"x": None}, None],
            "e": polars.Series(["p", "q", "p"], dtype=polars.Enum(["p", "q"])),
            "c": polars.Series(["p", "q", None], dtype=polars.Categorical),
            "m": [MOMENT, None, MOMENT],
            "d": [DAY, None, DAY],
            "z": [decimal.Decimal("1.25"), None, decimal.Decimal(-3)],
            "a": polars.Series([[1, 2], [3, 4], None], dtype=polars.Array(polars.Int8, 2)),
            "b": [b"x", None, b"y"],
            "q": [dt.timedelta(seconds=1), None, dt.timedelta(1)],
            "h": [dt.time(1, 2, 3), None, dt.time(0)],
            "0": [None, None, None],
        }
    )
    back = to_polars(round_trip(frame))
    assert back.schema == frame.schema
    assert back.equals(frame)


def test_an_owner_that_speaks_the_c_interface_is_a_table() -> None:
    class Owner:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            stream: object = pa.table({"a": [1]}).__arrow_c_stream__(requested_schema)
            return stream

    assert as_arrow(Owner()).column("a").to_pylist() == [1]


def test_bytes_of_a_stream_in_pieces_are_the_same_table() -> None:
    table = pa.table(FEW)
    stream = io.BytesIO(bytes(write_table(table, Memory().allocate)))
    assert pa.ipc.open_stream(stream).read_all().equals(table)
