"""Tensors in the memory of a device: they stay there, and what travels is a handle."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.errors import AmphisError
from amphis._internal.memory.dlpack import CPU, borrow, device_name
from amphis._internal.memory.tensor import TensorMeta

# Classes of the errors by which libraries say that a device is full; looked up, never imported.
_FULL = (("torch", "OutOfMemoryError"), ("cupy.cuda.memory", "OutOfMemoryError"))
_MAX_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTensor:
    """Names a tensor on a device; its elements are read by other Python processes only.

    Attributes:
        id: of the registry that has it
        device_type: its number in DLPack
        device_id: which of these devices, in the process that has it
        dtype: a name of element types
        shape: length of each dimension
        strides: in bytes
        byte_length: bytes of its elements
    """

    id: int
    device_type: int
    device_id: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    byte_length: int

    @property
    def device(self) -> str:
        """Name of the device, `cuda:0`."""
        return device_name(self.device_type, self.device_id)

    @property
    def meta(self) -> TensorMeta:
        """How its elements lie."""
        return TensorMeta(self.dtype, self.shape, self.strides)

    def encode(self) -> dict[str, object]:
        """For the wire, a map."""
        return {
            "id": self.id,
            "deviceType": self.device_type,
            "deviceId": self.device_id,
            "dtype": self.dtype,
            "shape": list(self.shape),
            "strides": list(self.strides),
            "bytes": self.byte_length,
        }

    @classmethod
    def decode(cls, fields: Mapping[str, object]) -> DeviceTensor:
        """Read what a peer says.

        Raises:
            AmphisError: BODY_INVALID, DTYPE_UNSUPPORTED, TENSOR_INVALID
        """
        place = Place("device tensor", dict(fields))
        meta = TensorMeta.decode({**fields, "byteOffset": 0})
        # Its owner alone knows where it lies in an allocation.
        meta.prove_shape()
        return cls(
            id=place.key("id").integer(0, MAX_SAFE),
            device_type=place.key("deviceType").integer(0, _MAX_NUMBER),
            device_id=place.key("deviceId").integer(0, _MAX_NUMBER),
            dtype=meta.dtype,
            shape=meta.shape,
            strides=meta.strides,
            byte_length=place.key("bytes").integer(0, MAX_SAFE),
        )


class DeviceRegistry:
    """Tensors on devices that others hold handles of. For all threads.

    A tensor is kept from `put` until its handle is released, whoever else forgets it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._held: dict[int, tuple[DeviceTensor, object]] = {}

    def put(self, tensor: object) -> DeviceTensor:
        """Keep a tensor that exports DLPack, and name it.

        Raises:
            TypeError: when it exports nothing
            ValueError: when it is on the CPU, where tensors travel as they are
            AmphisError: DTYPE_UNSUPPORTED
        """
        if not hasattr(tensor, "__dlpack_device__"):
            raise TypeError(f"Cannot keep {type(tensor).__name__}: it does not export DLPack")
        if tensor.__dlpack_device__()[0] == CPU:
            raise ValueError("Cannot keep tensor: it is on the CPU; send it as an array")
        shown = borrow(tensor)
        meta = TensorMeta(shown.dtype, shown.shape, shown.strides)
        named = DeviceTensor(
            id=next(self._ids),
            device_type=int(shown.device_type),
            device_id=shown.device_id,
            dtype=shown.dtype,
            shape=shown.shape,
            strides=shown.strides,
            byte_length=meta.byte_length,
        )
        with self._lock:
            self._held[named.id] = (named, tensor)
        return named

    def get(self, tensor_id: int, *, device: str | None = None) -> Any:  # noqa: ANN401
        """The tensor itself, in the process that has it.

        Args:
            tensor_id: of a handle
            device: where it must be

        Raises:
            AmphisError: DEVICE_TENSOR_GONE, DEVICE_MISMATCH
        """
        with self._lock:
            found = self._held.get(tensor_id)
        if found is None:
            raise AmphisError(
                ErrorCode.DEVICE_TENSOR_GONE,
                f"Cannot use device tensor {tensor_id}: it was released, or never was here",
                {"id": tensor_id},
            )
        named, tensor = found
        if device is not None and device != named.device:
            raise mismatch(expected=device, actual=named.device)
        return tensor

    def release(self, tensor_id: int) -> bool:
        """Forget a tensor; whether it was here. Twice is as good as once."""
        with self._lock:
            found = self._held.pop(tensor_id, None)
        return found is not None

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            held, self._held = self._held, {}
        held.clear()

    def __len__(self) -> int:
        return len(self._held)


@contextmanager
def device_errors(device: str) -> Iterator[None]:
    """Turn what torch and CuPy raise when a device is full into DEVICE_OUT_OF_MEMORY."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, _full_errors()):
            raise
        raise AmphisError(
            ErrorCode.DEVICE_OUT_OF_MEMORY,
            f"Cannot use {device}: it has no room",
            {"device": device},
            cause=error,
        ) from error


def mismatch(*, expected: str, actual: str) -> AmphisError:
    """The error for memory that is on another device."""
    return AmphisError(
        ErrorCode.DEVICE_MISMATCH,
        f"Cannot use device tensor on {expected}: it is on {actual}",
        {"expected": expected, "actual": actual},
    )


def _full_errors() -> tuple[type[BaseException], ...]:
    found = (getattr(sys.modules.get(module), name, None) for module, name in _FULL)
    return tuple(kind for kind in found if isinstance(kind, type))
