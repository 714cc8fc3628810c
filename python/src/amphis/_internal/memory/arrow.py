"""Tables as an Arrow IPC stream in memory that both languages see.

pyarrow is loaded when a table is written or opened, and what is asked of pandas or polars when a
value of theirs is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from amphis._internal.memory.arrow_metadata import invalid, unsupported
from amphis._internal.memory.arrow_stream import (
    Collected,
    messages_in,
    stream_bytes,
    write_stream,
)
from amphis._internal.memory.libraries import library

_MAGIC = b"ARROW1"
_FILE_HEAD_BYTES = 8


def write_table(table: object, allocate: Callable[[int], memoryview]) -> memoryview:
    """Write a table into memory that is asked for once; its values are copied once.

    Args:
        table: of pyarrow (`Table`, `RecordBatch`, `RecordBatchReader`), pandas or polars, or
            anything else with `__arrow_c_stream__`
        allocate: gives writable memory of at least so many bytes

    Returns:
        what was allocated, as long as the stream

    Raises:
        AmphisError: ARROW_UNSUPPORTED, DATA_LIBRARY_MISSING
        TypeError: for what is no table
    """
    messages = _collect(as_arrow(table))
    length = stream_bytes(messages)
    target = memoryview(allocate(length)).cast("B")[:length]
    if len(target) < length:
        raise ValueError(f"Cannot write table: it needs {length} bytes, got {len(target)}")
    write_stream(messages, target)
    return target


def open_table(buffer: Any) -> Any:  # noqa: ANN401 - any buffer; a `Table` of pyarrow, which has no types
    """Show a table that is in memory as an IPC stream or file; its columns are views.

    The table keeps the buffer. Lengths and offsets are checked; whether values are valid too, ask
    `table.validate(full=True)`.

    Raises:
        AmphisError: ARROW_INVALID; ARROW_UNSUPPORTED for compression and big-endian data, which
            could not be shown in place; DATA_LIBRARY_MISSING
    """
    arrow = _pyarrow()
    view = memoryview(buffer).cast("B")
    is_file = bytes(view[: len(_MAGIC)]) == _MAGIC
    for metadata in messages_in(view, _FILE_HEAD_BYTES if is_file else 0):
        metadata.check()
    opened = arrow.ipc.open_file if is_file else arrow.ipc.open_stream
    try:
        # A reader that may swap bytes would copy them.
        options = arrow.ipc.IpcReadOptions(ensure_native_endian=False)
        table = opened(arrow.py_buffer(view), options=options).read_all()
        table.validate()
    except (arrow.ArrowException, OSError, ValueError, KeyError) as error:
        raise invalid(str(error)) from error
    return table


def as_arrow(table: object) -> Any:  # noqa: ANN401 - a `Table` of pyarrow, which has no types
    """The same table as pyarrow has it, without a copy where its owner can do that.

    Raises:
        AmphisError: DATA_LIBRARY_MISSING
        TypeError: for what is no table
    """
    arrow = _pyarrow()
    if isinstance(table, arrow.Table):
        return table
    if isinstance(table, arrow.RecordBatch):
        return arrow.Table.from_batches([table])
    if isinstance(table, arrow.RecordBatchReader):
        return table.read_all()
    if type(table).__module__.partition(".")[0] == "pandas":
        return _from_pandas(arrow, table)
    if hasattr(table, "__arrow_c_stream__"):
        return arrow.table(table)
    raise TypeError(f"Cannot write table: {type(table).__name__} is none")


def to_pandas(table: Any) -> Any:  # noqa: ANN401 - modules without types
    """A `DataFrame` of pandas; numbers without nulls are views.

    Where integers of one width have nulls, all of that width come as nullable integers (`Int64`):
    left to itself pandas makes them floats, which lose digits.

    Raises:
        AmphisError: ARROW_UNSUPPORTED for types that pandas lacks, DATA_LIBRARY_MISSING
    """
    pandas = library("pandas", wanted_for="data frames of pandas")
    arrow = _pyarrow()
    nullable = {
        column.type: getattr(pandas, f"{_pandas_name(column.type)}Dtype")()
        for column in table.columns
        if arrow.types.is_integer(column.type) and column.null_count > 0
    }
    try:
        return table.to_pandas(split_blocks=True, types_mapper=nullable.get)
    except arrow.ArrowException as error:
        raise unsupported(f"a column that pandas cannot hold ({error})") from error


def to_polars(table: Any) -> Any:  # noqa: ANN401 - modules without types
    """A `DataFrame` of polars; columns are views where its types are those of the table.

    Raises:
        AmphisError: ARROW_UNSUPPORTED for types that polars lacks, DATA_LIBRARY_MISSING
    """
    polars = library("polars", wanted_for="data frames of polars")
    arrow = _pyarrow()
    if any(arrow.types.is_decimal256(kind) for kind in _types_in(arrow, table)):
        # Polars panics at it.
        raise unsupported("a column that polars cannot hold (decimals of 256 bits)")
    try:
        return polars.from_arrow(table)
    except polars.exceptions.PolarsError as error:
        raise unsupported(f"a column that polars cannot hold ({error})") from error


def _pandas_name(kind: object) -> str:
    return str(kind).replace("uint", "UInt").replace("int", "Int")


def _from_pandas(arrow: Any, frame: object) -> Any:  # noqa: ANN401 - modules without types
    try:
        return arrow.Table.from_pandas(frame)
    except arrow.ArrowException as error:
        raise unsupported(f"a column that is of no one type ({error})") from error


def _collect(table: Any) -> Any:  # noqa: ANN401 - a `Table` of pyarrow, which has no types
    arrow = _pyarrow()
    _check_types(arrow, table)
    collected = Collected()
    options = arrow.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    sink = arrow.PythonFile(collected, mode="w")
    with arrow.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return collected.messages()


def _types_in(arrow: Any, table: Any) -> Iterator[Any]:  # noqa: ANN401 - modules without types
    """Each type of a table, and those within them."""
    waiting = [field.type for field in table.schema]
    while waiting:
        kind = waiting.pop()
        yield kind
        if isinstance(kind, arrow.BaseExtensionType):
            waiting.append(kind.storage_type)
        elif arrow.types.is_dictionary(kind):
            waiting.append(kind.value_type)
        else:
            waiting.extend(kind.field(at).type for at in range(kind.num_fields))


def _check_types(arrow: Any, table: Any) -> None:  # noqa: ANN401 - modules without types
    types = arrow.types
    for kind in _types_in(arrow, table):
        if types.is_run_end_encoded(kind):
            raise unsupported("run-end encoding")
        if types.is_list_view(kind) or types.is_large_list_view(kind):
            raise unsupported("the list view type")


def _pyarrow() -> Any:  # noqa: ANN401 - a module without types
    arrow = library("pyarrow", wanted_for="tables")
    library("pyarrow.ipc", wanted_for="tables")
    return arrow
