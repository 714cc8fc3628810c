"""How the elements of a tensor lie in bytes: what an attachment of format `tensor` says of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.errors import AmphisError
from amphis._internal.memory.dtype import ITEM_BYTES, parse_dtype

FORMAT = "tensor"
"""The format of attachments that hold one."""

# As NumPy.
_MAX_DIMENSIONS = 64


@dataclass(frozen=True, slots=True)
class TensorMeta:
    """Where elements are: index (i, j) begins at byte_offset + i · strides[0] + j · strides[1].

    Attributes:
        dtype: a name of `ITEM_BYTES`; little-endian
        shape: length of each dimension
        strides: bytes from one index to the next, by dimension; negative and 0 too
        byte_offset: where the element at index 0 begins
    """

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    byte_offset: int = 0

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
        place = Place(FORMAT, dict(meta))
        dtype = parse_dtype(place.key("dtype").text())
        shape = _integers(place.key("shape"), 0)
        strides = _integers(place.key("strides"), -MAX_SAFE)
        return cls(dtype, shape, strides, place.key("byteOffset").integer(0, MAX_SAFE))

    def encode(self) -> dict[str, object]:
        """The meta of an attachment."""
        return {
            "dtype": self.dtype,
            "shape": list(self.shape),
            "strides": list(self.strides),
            "byteOffset": self.byte_offset,
        }

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
        self.prove_shape()
        if self.byte_offset > byte_length:
            raise invalid(f"byteOffset {self.byte_offset} lies outside its {byte_length} bytes")
        low, high = self.extent()
        if self.size > 0 and (low < 0 or high > byte_length):
            raise invalid(f"its elements take bytes {low} to {high} of {byte_length}")

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


def _integers(place: Place, least: int) -> tuple[int, ...]:
    found: list[int] = []
    for at, item in enumerate(place.items()):
        if type(item) is int and least <= item <= MAX_SAFE:
            found.append(item)
        else:
            # A place is made only to say where it is wrong.
            found.append(place.array(0)[at].integer(least, MAX_SAFE))
    return tuple(found)


def invalid(reason: str) -> AmphisError:
    """The error for a tensor that contradicts itself."""
    return AmphisError(
        ErrorCode.TENSOR_INVALID, f"Cannot make tensor: {reason}", {"reason": reason}
    )
