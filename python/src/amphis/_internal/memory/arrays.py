"""NumPy arrays and tensors of the wire: in place wherever they lie in shared memory already."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import AttachmentKind
from amphis._internal.memory.dtype import dtype_name, numpy_dtype
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.libraries import numpy
from amphis._internal.memory.placement import Journey
from amphis._internal.memory.share import Share
from amphis._internal.memory.span import Span
from amphis._internal.memory.tensor import TensorMeta, invalid

# NumPy is optional, and its types with it.
Array: TypeAlias = Any


class SentArray(NamedTuple):
    """An array on its way out.

    Attributes:
        kind: of the attachment
        data: a reference, or the elements themselves
        meta: of the attachment value, whose format is `tensor`
        keep: must live until the frame is on its way: it holds what the reference names
    """

    kind: AttachmentKind
    data: bytes
    meta: dict[str, object]
    keep: object = None


def array_over(memory: memoryview, meta: TensorMeta) -> Array:
    """Show elements where they are. The array keeps the memory.

    Bytes that were received inline are the decoder's: give a copy where the array outlives them.

    Raises:
        AmphisError: TENSOR_INVALID when an element lies outside, DATA_LIBRARY_MISSING
    """
    meta.prove(memory.nbytes)
    dtype = numpy_dtype(meta.dtype)
    try:
        if 0 in meta.shape:
            # Where nothing is, NumPy still checks that the place exists.
            array = numpy().empty(meta.shape, dtype)
            array.flags.writeable = not meta.is_read_only
            return array
        shown = _read_only(memory) if meta.is_read_only else memory
        return numpy().ndarray(meta.shape, dtype, shown, meta.byte_offset, meta.strides)
    except (ValueError, OverflowError) as error:
        # More dimensions or bytes than this NumPy counts.
        raise invalid(str(error)) from error


def send_array(
    array: Array,
    guest: GuestMemory | None,
    *,
    shared_from: int = 1_024,
    journey: Journey | None = None,
) -> SentArray:
    """Make an attachment of an array.

    One that shows shared memory of this connection is named where it is, with any strides. Any
    other is copied once: to shared memory, or into the frame when it is small, when there is no
    shared memory or when none is given. Big-endian elements are swapped by that copy; columns stay
    together where they are.

    Args:
        array: of numbers or bools
        guest: shared memory of the connection
        shared_from: fewer bytes go into the frame, where nothing else decides
        journey: decides whether they do, and hears why memory was refused

    Raises:
        TypeError: when it is no array
        AmphisError: DTYPE_UNSUPPORTED, which says what to send instead; TENSOR_INVALID for a
            masked array
    """
    _check_sendable(array)
    elements = array.dtype
    dtype = dtype_name(elements)
    if guest is not None and guest.is_usable and array.size > 0:
        span = None if is_swapped(elements) else span_behind(array, guest)
        if span is not None:
            return _named(guest, span, _meta_in(span, array, dtype))
        size = array.nbytes
        if size >= shared_from if journey is None else journey.goes_shared(size):
            try:
                return _copied(array, dtype, guest)
            except AmphisError as error:
                # Refused, which the guest counted: the value matters more than the way it takes.
                if journey is not None:
                    journey.failed(error)
    return _inline(array, dtype)


def span_behind(array: Array, guest: GuestMemory) -> Span | None:
    """Find the span of this guest that an array shows, through any chain of views."""
    ndarray = numpy().ndarray
    base = array
    while isinstance(base, ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if base is None:
        return None
    if isinstance(base, Share):
        return Span(base) if guest.has(base) else None
    # Another library stands between them (a tensor, a buffer of Arrow): only the place can tell.
    meta = _meta_at(array, dtype_name(array.dtype), 0)
    low, high = meta.extent()
    return guest.span_at(_address(array) + low, high - low)


def is_swapped(dtype: Any) -> bool:  # noqa: ANN401 - a dtype of NumPy
    """Whether elements are big-endian."""
    swapped: bool = dtype.byteorder == ">"
    return swapped


def new_array(guest: GuestMemory, meta: TensorMeta) -> Array:
    """Borrow memory for an array in one piece.

    Raises:
        AmphisError: as `GuestMemory.allocate`, DATA_LIBRARY_MISSING
    """
    # Looked up first: what cannot be shown is not worth asking for.
    numpy_dtype(meta.dtype)
    return array_over(guest.allocate(meta.byte_length).memory, meta)


def _read_only(memory: memoryview) -> Array:
    # An array over it cannot be made writable; over a memoryview it could, for NumPy looks behind.
    return numpy().frombuffer(memory.toreadonly(), "uint8")


def _check_sendable(array: Array) -> None:
    library = numpy()
    if type(array) is library.ndarray:
        return
    if not isinstance(array, library.ndarray):
        raise TypeError(f"Cannot send {type(array).__name__}: expected a NumPy array")
    if isinstance(array, library.ma.MaskedArray):
        raise invalid("it is masked; send array.data and array.mask, or array.filled(value)")


def _named(guest: GuestMemory, span: Span, meta: TensorMeta) -> SentArray:
    return SentArray(AttachmentKind.REFERENCE, guest.refer(span), meta.encode(), span)


def _copied(array: Array, dtype: str, guest: GuestMemory) -> SentArray:
    meta = TensorMeta.in_one_piece(dtype, array.shape, order=_order_of(array))
    span = guest.allocate(meta.byte_length)
    numpy().copyto(array_over(span.memory, meta), array)
    return _named(guest, span, _as_writable_as(array, meta))


def _inline(array: Array, dtype: str) -> SentArray:
    order = _order_of(array)
    little = array.astype(numpy_dtype(dtype)) if is_swapped(array.dtype) else array
    meta = TensorMeta.in_one_piece(dtype, array.shape, order=order)
    data = little.tobytes(order=order)
    return SentArray(AttachmentKind.INLINE, data, _as_writable_as(array, meta).encode())


def _order_of(array: Array) -> str:
    return "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"


def _meta_in(span: Span, array: Array, dtype: str) -> TensorMeta:
    meta = _meta_at(array, dtype, _address(array) - span.share.address)
    meta.prove(span.byte_length)
    return meta


def _meta_at(array: Array, dtype: str, byte_offset: int) -> TensorMeta:
    is_read_only = not array.flags.writeable
    return TensorMeta(dtype, array.shape, array.strides, byte_offset, is_read_only)


def _as_writable_as(array: Array, meta: TensorMeta) -> TensorMeta:
    return meta if array.flags.writeable else meta._replace(is_read_only=True)


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address
