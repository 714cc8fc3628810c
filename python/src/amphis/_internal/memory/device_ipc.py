"""Device tensors between processes of one machine, without a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.bodies.place import Place
from amphis._internal.codec.codec import Bytes
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.memory.cuda import HANDLE_BYTES, UUID_BYTES, cuda_driver, unavailable
from amphis._internal.memory.dlpack import borrow, device_name
from amphis._internal.memory.tensor import TensorMeta, invalid

_MSGPACK = msgpack()
_CUDA: Final = 2
# NumPy's codes, which the interface below is written in; bits where it has none.
_CODES = {"bool": "|b1", "bfloat16": "<u2"}
_LETTERS = {"int": "i", "uint": "u", "float": "f", "complex": "c"}


def export_tensor(tensor: object) -> bytes:
    """Name a tensor on a CUDA device for other processes of this machine.

    Waits for the work on the device. Keep the tensor until everybody who opened it has closed it.
    Memory of a growing or asynchronous pool cannot cross (torch: `expandable_segments`).

    Raises:
        AmphisError: DEVICE_MISMATCH for another kind of device, DEVICE_UNAVAILABLE,
            DEVICE_CALL_FAILED, DTYPE_UNSUPPORTED
    """
    shown = borrow(tensor)
    if shown.device_type != _CUDA:
        raise AmphisError(
            ErrorCode.DEVICE_MISMATCH,
            f"Cannot export tensor: it is on {shown.device}, and only CUDA devices share memory",
            {"expected": "cuda", "actual": shown.device},
        )
    if 0 in shown.shape:
        raise invalid("it is empty, so there is no memory to share")
    driver = cuda_driver()
    # The lowest byte, as strides may lead down from the element at index 0.
    low, _ = TensorMeta(shown.dtype, shown.shape, shown.strides).extent()
    handle, offset = driver.export(shown.device_id, shown.address + low)
    meta = TensorMeta(shown.dtype, shown.shape, shown.strides, offset - low)
    return _MSGPACK.encode([driver.uuid(shown.device_id), handle, meta.encode()])


def open_tensor(data: Bytes, *, device: str | None = None) -> OpenedTensor:
    """Show a tensor of another process; hand it to `torch.as_tensor` or `cupy.asarray`.

    Args:
        data: what `export_tensor` gave there
        device: where it must be here, `cuda:0`

    Raises:
        AmphisError: BODY_INVALID, DECODE_FAILED, DTYPE_UNSUPPORTED, TENSOR_INVALID when the words
            are wrong; DEVICE_MISMATCH, DEVICE_UNAVAILABLE, DEVICE_OUT_OF_MEMORY,
            DEVICE_CALL_FAILED (in the process that exported it, too)
    """
    uuid, handle, meta = _read(data)
    driver = cuda_driver()
    device_id = driver.find(uuid)
    here = device_name(_CUDA, device_id)
    if device is not None and device != here:
        raise AmphisError(
            ErrorCode.DEVICE_MISMATCH,
            f"Cannot open tensor on {device}: it is on {here}",
            {"expected": device, "actual": here},
        )
    base, size = driver.open(device_id, handle)
    opened = OpenedTensor(device_id=device_id, meta=meta, base=base)
    # Whoever fails from here on leaves the closing to `opened`.
    meta.prove(size)
    return opened


class OpenedTensor:
    """A tensor of another process on a device, until it is closed or nobody shows it any more."""

    def __init__(self, *, device_id: int, meta: TensorMeta, base: int) -> None:
        self._driver = cuda_driver()
        self._base: int | None = base
        self._device_id = device_id
        self._meta = meta
        self._let_go: Callable[[], None] | None = None

    def when_closed(self, let_go: Callable[[], None]) -> None:
        """Have this called once when it is closed; it never raises."""
        self._let_go = let_go

    @property
    def device(self) -> str:
        """Name of the device, `cuda:0`."""
        return device_name(_CUDA, self._device_id)

    @property
    def device_id(self) -> int:
        """Which of the CUDA devices that this process sees."""
        return self._device_id

    @property
    def dtype(self) -> str:
        """A name of element types."""
        return self._meta.dtype

    @property
    def shape(self) -> Sequence[int]:
        """Length of each dimension."""
        return self._meta.shape

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """For torch, CuPy and others; bfloat16 appears as uint16, to be viewed as what it is.

        They keep this object for as long as they use the memory.
        """
        if self._base is None:
            raise unavailable("the tensor was closed")
        return {
            "version": 3,
            "shape": self._meta.shape,
            "typestr": _type_code(self._meta.dtype),
            "data": (self._base + self._meta.byte_offset, False),
            "strides": self._meta.strides,
            "stream": None,
        }

    def close(self) -> None:
        """Let go; what was made of it must not be used any more. Twice is as good as once."""
        base, self._base = self._base, None
        let_go, self._let_go = self._let_go, None
        try:
            if base is not None:
                self._driver.close(self._device_id, base)
        finally:
            if let_go is not None:
                let_go()

    def __del__(self) -> None:
        # Where the driver has ended already, so has the mapping.
        with suppress(AmphisError):
            self.close()


def _read(data: Bytes) -> tuple[bytes, bytes, TensorMeta]:
    uuid, handle, meta, *_ = Place("device handle", _MSGPACK.decode(data)).array(3)
    return (
        uuid.octets(UUID_BYTES),
        handle.octets(HANDLE_BYTES),
        TensorMeta.decode(meta.map()),
    )


def _type_code(dtype: str) -> str:
    code = _CODES.get(dtype)
    if code is not None:
        return code
    kind = dtype.rstrip("0123456789")
    return f"<{_LETTERS[kind]}{int(dtype.removeprefix(kind)) // 8}"
