"""What `libcuda` does with memory between processes, played in Python, to count and to fail."""

from __future__ import annotations

import ctypes
from typing import Any, TypeAlias

INVALID_VALUE, OUT_OF_MEMORY = 1, 2
# What ctypes hands to a function of a library.
Ctypes: TypeAlias = Any


def _out(argument: Ctypes) -> Ctypes:
    return argument._obj  # noqa: SLF001 - what byref points to


class PlayedDriver:
    """Devices with uuids and allocations. `fails` says which call gives which status."""

    def __init__(self, uuids: list[bytes]) -> None:
        self.uuids = uuids
        self.allocations: dict[int, int] = {}
        self.fails: dict[str, int] = {}
        self.retained = 0
        self.pushed = 0
        self.opened: list[int] = []

    def __getattr__(self, name: str) -> Ctypes:
        if name in self.fails:
            return lambda *_: self.fails[name]
        return getattr(self, f"_{name}")

    def _cuInit(self, flags: int) -> int:  # noqa: N802 - names of the driver, here and below
        return flags

    def _cuDeviceGetCount(self, count: Ctypes) -> int:  # noqa: N802
        _out(count).value = len(self.uuids)
        return 0

    def _cuDeviceGet(self, device: Ctypes, number: Ctypes) -> int:  # noqa: N802
        _out(device).value = number.value
        return 0 if number.value < len(self.uuids) else INVALID_VALUE

    def _cuDeviceGetUuid(self, uuid: Ctypes, device: Ctypes) -> int:  # noqa: N802
        _out(uuid).data[:] = list(self.uuids[device.value])
        return 0

    def _cuDevicePrimaryCtxRetain(self, context: Ctypes, _device: Ctypes) -> int:  # noqa: N802
        _out(context).value = 4711
        self.retained += 1
        return 0

    def _cuDevicePrimaryCtxRelease_v2(self, _device: Ctypes) -> int:  # noqa: N802
        self.retained -= 1
        return 0

    def _cuCtxPushCurrent_v2(self, _context: Ctypes) -> int:  # noqa: N802
        self.pushed += 1
        return 0

    def _cuCtxPopCurrent_v2(self, _context: Ctypes) -> int:  # noqa: N802
        self.pushed -= 1
        return 0

    def _cuCtxSynchronize(self) -> int:  # noqa: N802
        return 0

    def _cuMemGetAddressRange_v2(self, base: Ctypes, size: Ctypes, address: Ctypes) -> int:  # noqa: N802
        for start, length in self.allocations.items():
            if start <= address.value < start + length:
                if base is not None:
                    _out(base).value = start
                _out(size).value = length
                return 0
        return INVALID_VALUE

    def _cuIpcGetMemHandle(self, handle: Ctypes, base: Ctypes) -> int:  # noqa: N802
        _out(handle).data[:8] = list(base.value.to_bytes(8, "little"))
        return 0

    def _cuIpcOpenMemHandle_v2(self, base: Ctypes, handle: Ctypes, _flags: Ctypes) -> int:  # noqa: N802
        _out(base).value = int.from_bytes(bytes(handle.data[:8]), "little")
        self.opened.append(_out(base).value)
        return 0

    def _cuIpcCloseMemHandle(self, base: Ctypes) -> int:  # noqa: N802
        self.opened.remove(base.value)
        return 0

    def _cuGetErrorName(self, status: Ctypes, text: Ctypes) -> int:  # noqa: N802
        _out(text).value = f"CUDA_ERROR_{status.value}".encode()
        return 0

    def load(self, name: str) -> PlayedDriver:
        """In place of `ctypes.CDLL`."""
        assert name == "libcuda.so.1"
        return self


class PlayedTensor:
    """Exports a tensor of a device by real structures of DLPack; nobody reads its address."""

    def __init__(
        self, address: int, shape: tuple[int, ...], strides: tuple[int, ...] | None = None
    ) -> None:
        from amphis._internal.memory import dlpack  # noqa: PLC0415 - its structures

        self.given_back = 0
        self._shape = (ctypes.c_int64 * len(shape))(*shape)
        self._strides = None if strides is None else (ctypes.c_int64 * len(shape))(*strides)
        self._deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._give_back)
        made: Ctypes = dlpack._DLManagedTensorVersioned()  # noqa: SLF001
        made.major, made.minor = 1, 0
        made.deleter = ctypes.cast(self._deleter, ctypes.c_void_p).value
        made.tensor.data = address
        made.tensor.device_type, made.tensor.device_id = 2, 0
        made.tensor.ndim = len(shape)
        made.tensor.code, made.tensor.bits, made.tensor.lanes = 2, 32, 1
        made.tensor.shape = ctypes.cast(self._shape, ctypes.POINTER(ctypes.c_int64))
        if self._strides is not None:
            made.tensor.strides = ctypes.cast(self._strides, ctypes.POINTER(ctypes.c_int64))
        self._made = made

    def _give_back(self, _address: int) -> None:
        self.given_back += 1

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)

    def __dlpack__(self, *, max_version: tuple[int, int] | None = None) -> object:
        assert max_version == (1, 0)
        make = ctypes.PYFUNCTYPE(
            ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p
        )(("PyCapsule_New", ctypes.pythonapi))
        return make(ctypes.addressof(self._made), b"dltensor_versioned", None)
