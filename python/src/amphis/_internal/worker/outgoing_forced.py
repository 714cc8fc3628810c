"""Objects of libraries as arrays and tables, for whoever asks for values instead of objects."""

from __future__ import annotations

import sys
from typing import Any

from amphis._internal.codec.kinds import describe_kind
from amphis._internal.codec.refusal import unsupported
from amphis._internal.memory.arrow import as_arrow
from amphis._internal.memory.dtype import ITEM_BYTES

# Libraries have no types here.
Foreign = Any

_COLUMN = "values"
# Pictures whose channels are bytes, by how many there are; others become one of these.
_BYTE_MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4, "YCbCr": 3, "HSV": 3, "LAB": 3}
_WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


def plainer(value: Foreign) -> object:
    """What an object of a library holds, in a form that travels; None when it has none.

    Frames are tables of pyarrow; series are arrays when they are numbers without gaps, else tables
    of one column; pictures are arrays of height, width and channels; tensors in main memory are
    arrays. Nested lists take the place of arrays whose elements are no numbers.

    Raises:
        AmphisError: ARROW_UNSUPPORTED, DATA_LIBRARY_MISSING
    """
    for name, find in _LIBRARIES.items():
        library = sys.modules.get(name)
        if library is not None:
            found = find(library, value)
            if found is not None:
                return found
    return None


def table_of(value: Foreign) -> object:
    """A table of pyarrow with the columns of anything that is like one.

    Args:
        value: a table, frame, series or array of a library; a map of columns; a list of rows that
            are maps

    Raises:
        Refusal: for anything else
        AmphisError: ARROW_UNSUPPORTED, DATA_LIBRARY_MISSING
    """
    if isinstance(value, (dict, list)):
        return _table_of_plain(value)
    frame = _frame(value)
    try:
        return as_arrow(value if frame is None else frame)
    except TypeError:
        raise unsupported("a table", describe_kind(value)) from None


def _table_of_plain(value: dict[Any, object] | list[Any]) -> object:
    from amphis._internal.memory.libraries import library  # noqa: PLC0415 - rarely needed

    arrow = library("pyarrow", wanted_for="tables")
    make = arrow.table if isinstance(value, dict) else arrow.Table.from_pylist
    try:
        return make(value)
    except (arrow.ArrowException, TypeError, ValueError, AttributeError) as error:
        raise unsupported("a table", f"{describe_kind(value)} ({error})") from error


def _frame(value: Foreign) -> object:
    """A frame for a series, an index, a frame that is computed when asked for, or a column."""
    pandas, polars, arrow = map(sys.modules.get, ("pandas", "polars", "pyarrow"))
    if pandas is not None and isinstance(value, (pandas.Series, pandas.Index)):
        name = _COLUMN if value.name is None else value.name
        return value.to_frame(name=name).reset_index(drop=True)
    if polars is not None and isinstance(value, polars.Series):
        return value.to_frame(value.name or _COLUMN)
    if polars is not None and isinstance(value, polars.LazyFrame):
        return value.collect()
    if arrow is not None and isinstance(value, (arrow.Array, arrow.ChunkedArray)):
        return arrow.table({_COLUMN: value})
    return None


def _numpy(numpy: Foreign, value: Foreign) -> object:
    if not isinstance(value, numpy.ndarray) or value.dtype.fields is not None:
        return None
    # Scalars of dates and long floats keep their unit and digits, unlike those of `tolist`.
    return [value.item()] if value.ndim == 0 and value.dtype.kind == "O" else list(value)


def _pandas(pandas: Foreign, value: Foreign) -> object:
    if isinstance(value, pandas.DataFrame):
        return as_arrow(value)
    if not isinstance(value, (pandas.Series, pandas.Index)):
        return None
    return _column(value, str(value.dtype))


def _polars(polars: Foreign, value: Foreign) -> object:
    if isinstance(value, polars.DataFrame):
        return as_arrow(value)
    if isinstance(value, polars.LazyFrame):
        return as_arrow(value.collect())
    if not isinstance(value, polars.Series):
        return None
    is_whole = value.null_count() == 0
    return _column(value, str(value.dtype).lower()) if is_whole else as_arrow(_frame(value))


def _arrow(arrow: Foreign, value: Foreign) -> object:
    if isinstance(value, arrow.RecordBatchReader):
        return value.read_all()
    if isinstance(value, arrow.Scalar):
        return value.as_py()
    if not isinstance(value, (arrow.Array, arrow.ChunkedArray)):
        return None
    if value.null_count == 0 and arrow.types.is_primitive(value.type):
        array = value.to_numpy(zero_copy_only=False)
        return array if array.dtype.name in ITEM_BYTES else as_arrow(_frame(value))
    return as_arrow(_frame(value))


def _column(series: Foreign, dtype: str) -> object:
    """An array where that says all that a series of numbers does, which none with gaps does."""
    if dtype in ITEM_BYTES:
        array = series.to_numpy()
        if array.dtype.name in ITEM_BYTES:
            return array
    return as_arrow(_frame(series))


def _picture(image: Foreign, value: Foreign) -> object:
    if not isinstance(value, image.Image):
        return None
    import numpy as np  # noqa: PLC0415 - needed for pictures alone

    if value.mode in _WIDE_MODES:
        wide = np.asarray(value)
        return wide.reshape(*wide.shape[:2], 1)
    if value.mode not in _BYTE_MODES:
        value = value.convert(
            "RGBA" if value.has_transparency_data else "RGB" if value.mode != "1" else "L"
        )
    return np.array(value).reshape(value.height, value.width, _BYTE_MODES[value.mode])


def _torch(torch: Foreign, value: Foreign) -> object:
    if not isinstance(value, torch.Tensor) or value.device.type != "cpu":
        return None
    return value.detach().resolve_conj().resolve_neg().numpy()


_LIBRARIES = {
    "numpy": _numpy,
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _arrow,
    "PIL.Image": _picture,
    "torch": _torch,
}
