"""Arrays in the shared memory of this process's channel, or ordinary ones where there is none."""

from __future__ import annotations

import operator
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from amphis._internal.errors import AmphisError
from amphis._internal.memory.ambient import ambient
from amphis._internal.memory.arrays import Array, is_swapped, new_array, span_behind
from amphis._internal.memory.dlpack import from_dlpack
from amphis._internal.memory.dtype import dtype_name, numpy_dtype, unsupported
from amphis._internal.memory.libraries import numpy
from amphis._internal.memory.placement import PlacementFigures, PlacementOptions
from amphis._internal.memory.placement_settings import set_options
from amphis._internal.memory.tensor import TensorMeta

# A garbage collection inside may make arrays too.
_lock = threading.RLock()
_ordinary = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryStatus:
    """Shared memory of this process at one moment.

    Attributes:
        is_connected: whether there is a channel that lends memory
        spans: pieces of shared memory that something here still shows
        bytes: how many bytes these are
        allocated: pieces that this process asked for and got
        accepted: references of the host that were found good
        ordinary: arrays asked for here that lie in memory of this process alone, since it started
        refused: what was not lent and references that were not accepted, by code
        placement: which way values took that lie in ordinary memory, and why; None without channel
    """

    is_connected: bool
    spans: int = 0
    bytes: int = 0
    allocated: int = 0
    accepted: int = 0
    ordinary: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    placement: PlacementFigures | None = None


def empty(shape: int | Iterable[int], dtype: object = "float64") -> Array:
    """Array in shared memory, whose elements are whatever was there.

    It is handed to TypeScript without a copy, as are views of it. It is an ordinary array where no
    channel is open or memory is refused; `status` counts these.

    Args:
        shape: a length, or lengths
        dtype: of numbers or bools, as NumPy names it

    Raises:
        ValueError: when a length is negative
        AmphisError: DTYPE_UNSUPPORTED, DATA_LIBRARY_MISSING
    """
    return _empty(_lengths(shape), _own_name(dtype), "C")


def zeros(shape: int | Iterable[int], dtype: object = "float64") -> Array:
    """Array of zeros in shared memory; otherwise as `empty`."""
    array = empty(shape, dtype)
    array.fill(0)
    return array


def asarray(source: object, dtype: object = None) -> Array:
    """Array with these elements in shared memory; the same one when it lies there already.

    Args:
        source: an array, nested lists, or anything that exports DLPack from memory of the CPU
        dtype: converted to; that of the source when None

    Raises:
        AmphisError: DTYPE_UNSUPPORTED, DATA_LIBRARY_MISSING; DEVICE_MISMATCH for a tensor of
            another device
    """
    array = _array_of(source)
    wanted = dtype_name(array.dtype) if dtype is None else _own_name(dtype)
    is_wanted = dtype_name(array.dtype) == wanted and not is_swapped(array.dtype)
    guest = ambient()
    if is_wanted and guest is not None and span_behind(array, guest) is not None:
        return array
    is_columns = array.flags.f_contiguous and not array.flags.c_contiguous
    result = _empty(array.shape, wanted, "F" if is_columns else "C")
    numpy().copyto(result, array, casting="unsafe" if dtype is not None else "same_kind")
    return result


def status() -> MemoryStatus:
    """Figures of shared memory now."""
    guest = ambient()
    if guest is None:
        return MemoryStatus(is_connected=False, ordinary=_ordinary)
    figures = guest.figures()
    return MemoryStatus(
        is_connected=True,
        spans=figures.spans,
        bytes=figures.bytes,
        allocated=figures.allocated,
        accepted=figures.accepted,
        ordinary=_ordinary,
        refused=figures.refused,
        placement=guest.placement.figures(),
    )


def configure(options: PlacementOptions) -> None:
    """Say how this process decides which way its values take, from the next one on."""
    set_options(options)
    guest = ambient()
    if guest is not None:
        guest.placement.options = options


def _empty(shape: tuple[int, ...], dtype: str, order: str) -> Array:
    global _ordinary  # noqa: PLW0603 - a figure of this process
    meta = TensorMeta.in_one_piece(dtype, shape, order=order)
    guest = ambient()
    if guest is not None and meta.size > 0:
        try:
            return new_array(guest, meta)
        except AmphisError as error:
            # The guest counted what the host refused; without a library there is no array at all.
            if error.code == "DATA_LIBRARY_MISSING":
                raise
    with _lock:
        _ordinary += 1
    return numpy().empty(shape, dtype=numpy_dtype(dtype), order=order)


def _lengths(shape: int | Iterable[int]) -> tuple[int, ...]:
    if type(shape) is not int and isinstance(shape, Iterable):
        lengths = tuple(operator.index(length) for length in shape)
    else:
        lengths = (operator.index(shape),)
    if any(length < 0 for length in lengths):
        raise ValueError(f"Cannot make array: a length is negative in {lengths}")
    return lengths


def _own_name(dtype: object) -> str:
    return _name_of_text(dtype) if type(dtype) is str else _name_of(dtype)


@lru_cache(maxsize=64)
def _name_of_text(dtype: str) -> str:
    return _name_of(dtype)


def _name_of(dtype: object) -> str:
    if dtype == "bfloat16":
        # NumPy knows the name only once ml_dtypes is there, which is asked for later.
        return "bfloat16"
    found = numpy().dtype(dtype)
    if is_swapped(found):
        raise unsupported(str(found), "it is big-endian; ask for little-endian elements")
    return dtype_name(found)


def _array_of(source: object) -> Array:
    if not hasattr(source, "__array__") and hasattr(source, "__dlpack__"):
        return from_dlpack(source)
    return numpy().asarray(source)
