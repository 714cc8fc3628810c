"""How the elements of a tensor lie in bytes: what an attachment of format `tensor` says of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.errors import AmphisError
from amphis._internal.memory.dtype import ITEM_BYTES, parse_dtype

FORMAT = "tensor"
"""The format of attachments that hold one."""

# As NumPy.
_MAX_DIMENSIONS = 64


class TensorMeta(NamedTuple):
    """Where elements are: index (i, j) begins at byte_offset + i · strides[0] + j · strides[1].

    Attributes:
        dtype: a name of `ITEM_BYTES`; little-endian
        shape: length of each dimension
        strides: bytes from one index to the next, by dimension; negative and 0 too
        byte_offset: where the element at index 0 begins
        is_read_only: whether whoever shows the elements must not write to them
    """

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    byte_offset: int = 0
    is_read_only: bool = False

    @classmethod
    def in_one_piece(cls, dtype: str, shape: Sequence[int], *, order: str = "C") -> TensorMeta:
        """Elements without gaps: rows (`C`) or columns (`F`) together."""
        strides = []
        stride = ITEM_BYTES[dtype]
        for length in shape if order == "F" else reversed(shape):
            strides.append(stride)
            stride *= max(1, length)
        return cls(dtype, tuple(shape), tuple(strides if order == "F" else reversed(strides)))

    @classmethod
    def decode(cls, meta: Mapping[str, object]) -> TensorMeta:
        """Read what a peer says; `prove` comes before any use.

        Raises:
            AmphisError: BODY_INVALID, DTYPE_UNSUPPORTED
        """
        find = meta.get
        dtype, offset, read_only = find("dtype"), find("byteOffset"), find("readOnly")
        shape, strides = _integers(find("shape"), 0), _integers(find("strides"), -MAX_SAFE)
        if (
            shape is None
            or strides is None
            or type(dtype) is not str
            or type(offset) is not int
            or not 0 <= offset <= MAX_SAFE
            or not (read_only is None or type(read_only) is bool)
            or len(meta) != 4 + (read_only is not None)
        ):
            return _judged(meta)
        return cls(parse_dtype(dtype), shape, strides, offset, read_only is True)

    def encode(self) -> dict[str, object]:
        """The meta of an attachment."""
        meta = {
            "dtype": self.dtype,
            "shape": list(self.shape),
            "strides": list(self.strides),
            "byteOffset": self.byte_offset,
        }
        return {**meta, "readOnly": True} if self.is_read_only else meta

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def byte_length(self) -> int:
        """Bytes of all elements when nothing lies between them."""
        return self.size * ITEM_BYTES[self.dtype]

    def extent(self) -> tuple[int, int]:
        """Where the lowest byte of an element is, and the end of the highest; none need exist."""
        low, high = self.byte_offset, self.byte_offset + ITEM_BYTES[self.dtype]
        for length, stride in zip(self.shape, self.strides, strict=True):
            reach = stride * max(0, length - 1)
            low, high = (low + reach, high) if reach < 0 else (low, high + reach)
        return low, high

    def prove(self, byte_length: int) -> None:
        """Prove that every element lies inside so many bytes.

        Raises:
            AmphisError: TENSOR_INVALID
        """
        _prove(self, byte_length)

    def prove_shape(self) -> None:
        """Prove what holds wherever the elements are.

        Raises:
            AmphisError: TENSOR_INVALID
        """
        if len(self.shape) > _MAX_DIMENSIONS:
            raise invalid(f"it has {len(self.shape)} dimensions")
        if len(self.strides) != len(self.shape):
            raise invalid(f"it has {len(self.shape)} dimensions and {len(self.strides)} strides")
        # An empty dimension must not hide an overflow of the others.
        if math.prod(max(1, length) for length in self.shape) > MAX_SAFE:
            raise invalid("its shape has more elements than 2^53")
        low, high = self.extent()
        if max(-low, high) > MAX_SAFE:
            raise invalid("its strides reach beyond what can be counted")


# What a program hands over has few types, shapes and sizes, so most proofs were made before.
@lru_cache(maxsize=256)
def _prove(meta: TensorMeta, byte_length: int) -> None:
    meta.prove_shape()
    if meta.byte_offset > byte_length:
        raise invalid(f"byteOffset {meta.byte_offset} lies outside its {byte_length} bytes")
    low, high = meta.extent()
    if meta.size > 0 and (low < 0 or high > byte_length):
        raise invalid(f"its elements take bytes {low} to {high} of {byte_length}")


def _integers(items: object, least: int) -> tuple[int, ...] | None:
    """The ints of a list; None for anything else."""
    if type(items) is not list:
        return None
    for item in items:
        if type(item) is not int or not least <= item <= MAX_SAFE:
            return None
    return tuple(items)


def _judged(meta: Mapping[str, object]) -> TensorMeta:
    """Read what is new or wrong, place by place, to say where it is wrong."""
    place = Place(FORMAT, dict(meta))
    dtype = parse_dtype(place.key("dtype").text())
    shape = tuple(length.integer(0, MAX_SAFE) for length in place.key("shape").array(0))
    strides = tuple(stride.integer(-MAX_SAFE, MAX_SAFE) for stride in place.key("strides").array(0))
    offset = place.key("byteOffset").integer(0, MAX_SAFE)
    read_only = place.key("readOnly")
    is_read_only = False if read_only.is_absent else read_only.boolean()
    return TensorMeta(dtype, shape, strides, offset, is_read_only)


def invalid(reason: str) -> AmphisError:
    """The error for a tensor that contradicts itself."""
    return AmphisError(
        ErrorCode.TENSOR_INVALID, f"Cannot make tensor: {reason}", {"reason": reason}
    )
