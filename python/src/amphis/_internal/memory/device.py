"""Tensors in the memory of a device: they stay there, and what travels is a handle."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.errors import AmphisError
from amphis._internal.light import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Classes of the errors by which libraries say that a device is full; looked up, never imported.
_FULL = (("torch", "OutOfMemoryError"), ("cupy.cuda.memory", "OutOfMemoryError"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTensor:
    """Names a tensor on a device; its elements are read by Python processes only.

    Attributes:
        id: the number of whoever sends it: of the tensor here, and of a share in it by the host
        device: where it is, as the process that has it says: `cuda:0`
        dtype: a name of element types
        shape: length of each dimension
        strides: in bytes
        byte_length: bytes of its elements
        own: the id by which the process that gets it named it itself
        unshared: why no other process can open it
    """

    id: int
    device: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    byte_length: int
    own: int | None = None
    unshared: str | None = None

    def encode(self) -> dict[str, object]:
        """The meta of an attachment."""
        meta: dict[str, object] = {
            "device": self.device,
            "dtype": self.dtype,
            "shape": list(self.shape),
            "strides": list(self.strides),
            "byteLength": self.byte_length,
            "id": self.id,
        }
        if self.own is not None:
            meta["own"] = self.own
        if self.unshared is not None:
            meta["unshared"] = self.unshared
        return meta

    @classmethod
    def decode(cls, fields: Mapping[str, object]) -> DeviceTensor:
        """Read what a peer says.

        Raises:
            AmphisError: BODY_INVALID, DTYPE_UNSUPPORTED, TENSOR_INVALID
        """
        from amphis._internal.memory.tensor import TensorMeta  # noqa: PLC0415 - as in `put`

        place = Place("device tensor", dict(fields))
        layout = {key: fields.get(key) for key in ("dtype", "shape", "strides")}
        meta = TensorMeta.decode({**layout, "byteOffset": 0})
        # Its owner alone knows where it lies in an allocation.
        meta.prove_shape()
        own, unshared = place.key("own"), place.key("unshared")
        return cls(
            id=place.key("id").integer(1, MAX_SAFE),
            device=place.key("device").text(),
            dtype=meta.dtype,
            shape=meta.shape,
            strides=meta.strides,
            byte_length=place.key("byteLength").integer(0, MAX_SAFE),
            own=None if own.is_absent else own.integer(1, MAX_SAFE),
            unshared=None if unshared.is_absent else unshared.text(),
        )


@dataclass(frozen=True, slots=True)
class InPlace:
    """A tensor that stays where it is: what travels is a handle, whatever memory it is in.

    Tensors of torch and CuPy on a device need no such word. Others do, JAX's for example, and so
    does what should come back to this process as the very same object.

    Attributes:
        tensor: exports DLPack
    """

    tensor: Any


class DeviceRegistry:
    """Tensors on devices that others hold handles of. For all threads.

    A tensor is kept from `put` until its handle is released, whoever else forgets it.
    """

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        # Each change is one step for other threads, so that no lock is needed, which a fork might
        # leave held in the child.
        self._held: dict[int, tuple[DeviceTensor, object]] = {}

    def put(self, tensor: object) -> DeviceTensor:
        """Keep a tensor that exports DLPack, and name it.

        Raises:
            TypeError: when it exports nothing
            AmphisError: DTYPE_UNSUPPORTED
        """
        if not hasattr(tensor, "__dlpack_device__"):
            raise TypeError(f"Cannot keep {type(tensor).__name__}: it does not export DLPack")
        # Each connection has a registry, and few have a device.
        from amphis._internal.memory.dlpack import borrow  # noqa: PLC0415
        from amphis._internal.memory.tensor import TensorMeta  # noqa: PLC0415

        shown = borrow(detached(tensor))
        meta = TensorMeta(shown.dtype, shown.shape, shown.strides)
        named = DeviceTensor(
            id=next(self._ids),
            device=shown.device,
            dtype=shown.dtype,
            shape=shown.shape,
            strides=shown.strides,
            byte_length=meta.byte_length,
        )
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
        return self._held.pop(tensor_id, None) is not None

    def close(self) -> None:
        """Forget all."""
        self._held.clear()

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


def detached(tensor: Any) -> Any:  # noqa: ANN401 - a class of any library
    """The same elements without their history: torch exports no tensor that has one."""
    torch = sys.modules.get("torch")
    kind = getattr(torch, "Tensor", None)
    return tensor.detach() if kind is not None and isinstance(tensor, kind) else tensor


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
