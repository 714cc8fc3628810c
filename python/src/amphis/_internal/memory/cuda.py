"""The driver of NVIDIA devices, as far as memory between processes needs it.

`libcuda` comes with the driver, so nothing has to be installed, and whatever library made the
memory (torch, CuPy, JAX) is served alike: all of them use the primary context of a device.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError

HANDLE_BYTES: Final = 64
UUID_BYTES: Final = 16

_LIBRARY = "libcuda.so.1"
_OUT_OF_MEMORY = 2
_LAZY_PEER_ACCESS = 1

_Address = ctypes.c_uint64


class _Handle(ctypes.Structure):
    # Passed by value, so that its size matters.
    _fields_ = (("data", ctypes.c_ubyte * HANDLE_BYTES),)


class _Uuid(ctypes.Structure):
    _fields_ = (("data", ctypes.c_ubyte * UUID_BYTES),)


class CudaDriver:
    """Calls of the driver; each failure is a typed error."""

    def __init__(self, load: Callable[[str], Any]) -> None:
        try:
            self._library = load(_LIBRARY)
        except OSError as error:
            raise unavailable(f"the NVIDIA driver is not installed: {error}") from error
        status = self._library.cuInit(0)
        if status != 0:
            raise unavailable(f"the NVIDIA driver does not start (status {status})")

    def uuid(self, device_id: int) -> bytes:
        """Name of a device that is the same in every process, unlike its number."""
        found = _Uuid()
        self._call("cuDeviceGetUuid", ctypes.byref(found), self._device(device_id))
        return bytes(found.data)

    def find(self, uuid: bytes) -> int:
        """Number of a device in this process.

        Raises:
            AmphisError: DEVICE_MISMATCH when this process does not see it
        """
        count = ctypes.c_int()
        self._call("cuDeviceGetCount", ctypes.byref(count))
        for device_id in range(count.value):
            if self.uuid(device_id) == uuid:
                return device_id
        raise AmphisError(
            ErrorCode.DEVICE_MISMATCH,
            f"Cannot open device memory: this process does not see device {uuid.hex()}",
            {"expected": uuid.hex(), "actual": f"{count.value} other devices"},
        )

    def export(self, device_id: int, address: int) -> tuple[bytes, int]:
        """Name an allocation for other processes, once all work on it is done.

        Returns:
            the name, and where in the allocation the address is
        """
        with self._context(device_id):
            self._call("cuCtxSynchronize")
            base, size = _Address(), ctypes.c_size_t()
            self._call(
                "cuMemGetAddressRange_v2",
                ctypes.byref(base),
                ctypes.byref(size),
                _Address(address),
            )
            handle = _Handle()
            self._call("cuIpcGetMemHandle", ctypes.byref(handle), base)
            return bytes(handle.data), address - base.value

    def open(self, device_id: int, handle: bytes) -> tuple[int, int]:
        """Map an allocation of another process; where it begins here, and its size."""
        with self._context(device_id):
            base, size = _Address(), ctypes.c_size_t()
            named = _Handle.from_buffer_copy(handle)
            self._call(
                "cuIpcOpenMemHandle_v2", ctypes.byref(base), named, ctypes.c_uint(_LAZY_PEER_ACCESS)
            )
            try:
                self._call("cuMemGetAddressRange_v2", None, ctypes.byref(size), base)
            except AmphisError:
                self._call("cuIpcCloseMemHandle", base)
                raise
            return base.value, size.value

    def close(self, device_id: int, base: int) -> None:
        """Undo one `open`, once all work on it is done."""
        with self._context(device_id):
            self._call("cuCtxSynchronize")
            self._call("cuIpcCloseMemHandle", _Address(base))

    def free_bytes(self, device_id: int) -> tuple[int, int]:
        """Free and all memory of a device."""
        with self._context(device_id):
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            self._call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
            return free.value, total.value

    @contextmanager
    def _context(self, device_id: int) -> Iterator[None]:
        device = self._device(device_id)
        context = ctypes.c_void_p()
        self._call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        try:
            self._call("cuCtxPushCurrent_v2", context)
            try:
                yield
            finally:
                self._call("cuCtxPopCurrent_v2", ctypes.byref(ctypes.c_void_p()))
        finally:
            self._call("cuDevicePrimaryCtxRelease_v2", device)

    def _device(self, device_id: int) -> ctypes.c_int:
        device = ctypes.c_int()
        self._call("cuDeviceGet", ctypes.byref(device), ctypes.c_int(device_id))
        return device

    def _call(self, name: str, *arguments: object) -> None:
        status: int = getattr(self._library, name)(*arguments)
        if status == _OUT_OF_MEMORY:
            raise AmphisError(
                ErrorCode.DEVICE_OUT_OF_MEMORY,
                f"Cannot call {name}: the device has no room",
                {"device": "cuda"},
            )
        if status != 0:
            raise AmphisError(
                ErrorCode.DEVICE_CALL_FAILED,
                f"Cannot call {name}: the driver says {self._text(status)}",
                {"call": name, "status": status},
            )

    def _text(self, status: int) -> str:
        text = ctypes.c_char_p()
        known = self._library.cuGetErrorName(ctypes.c_int(status), ctypes.byref(text)) == 0
        return text.value.decode() if known and text.value else f"status {status}"


@cache
def cuda_driver() -> CudaDriver:
    """The driver of this machine.

    Raises:
        AmphisError: DEVICE_UNAVAILABLE
    """
    return CudaDriver(ctypes.CDLL)


def unavailable(reason: str) -> AmphisError:
    """The error for a device that cannot be used here."""
    return AmphisError(
        ErrorCode.DEVICE_UNAVAILABLE, f"Cannot use device: {reason}", {"reason": reason}
    )
