"""Handles of device tensors, and calls of the driver, where there is no device."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.memory.driver import OUT_OF_MEMORY, PlayedDriver, PlayedTensor

from amphis import AmphisError, ErrorCode
from amphis._internal.memory import device_ipc
from amphis._internal.memory.cuda import CudaDriver
from amphis._internal.memory.device import DeviceRegistry, DeviceTensor, device_errors
from amphis._internal.memory.device_ipc import export_tensor, open_tensor

UUIDS = [bytes([7] * 16), bytes([8] * 16)]
BASE = 0x7F00_0000_0000


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> PlayedDriver:
    driver = PlayedDriver(UUIDS)
    driver.allocations[BASE] = 4_096
    made = CudaDriver(driver.load)
    monkeypatch.setattr(device_ipc, "cuda_driver", lambda: made)
    return driver


def _code(action: Callable[[], object]) -> str:
    with pytest.raises(AmphisError) as raised:
        action()
    return ErrorCode(raised.value.code).value


def test_exported_tensor_opens_where_it_lies(played: PlayedDriver) -> None:
    tensor = PlayedTensor(BASE + 256, (3, 4), (1, 3))
    opened = open_tensor(export_tensor(tensor))
    assert tensor.given_back == 1
    shown = opened.__cuda_array_interface__
    assert shown["data"] == (BASE + 256, False)
    assert (shown["shape"], shown["strides"], shown["typestr"]) == ((3, 4), (4, 12), "<f4")
    assert opened.device == "cuda:0"
    opened.close()
    opened.close()
    assert (played.opened, played.retained, played.pushed) == ([], 0, 0)
    assert _code(lambda: opened.__cuda_array_interface__) == "DEVICE_UNAVAILABLE"


def test_tensor_that_runs_backwards_opens_where_it_lies(played: PlayedDriver) -> None:
    opened = open_tensor(export_tensor(PlayedTensor(BASE + 36, (10,), (-1,))))
    assert opened.__cuda_array_interface__["data"] == (BASE + 36, False)
    del opened
    gc.collect()
    assert played.opened == []


def test_opened_tensor_is_closed_when_it_is_forgotten(played: PlayedDriver) -> None:
    opened = open_tensor(export_tensor(PlayedTensor(BASE, (4,))))
    assert played.opened == [BASE]
    del opened
    gc.collect()
    assert played.opened == []


def test_device_has_another_number_in_another_process(played: PlayedDriver) -> None:
    handle = export_tensor(PlayedTensor(BASE, (4,)))
    played.uuids.reverse()
    assert open_tensor(handle).device == "cuda:1"
    assert _code(lambda: open_tensor(handle, device="cuda:0")) == "DEVICE_MISMATCH"
    played.uuids[:] = [bytes(16)]
    assert _code(lambda: open_tensor(handle)) == "DEVICE_MISMATCH"


@pytest.mark.parametrize(
    "call",
    [
        "cuDeviceGetUuid",
        "cuDevicePrimaryCtxRetain",
        "cuCtxPushCurrent_v2",
        "cuCtxSynchronize",
        "cuMemGetAddressRange_v2",
        "cuIpcGetMemHandle",
    ],
)
@pytest.mark.parametrize(
    ("status", "code"), [(OUT_OF_MEMORY, "DEVICE_OUT_OF_MEMORY"), (201, "DEVICE_CALL_FAILED")]
)
def test_call_that_fails_is_a_typed_error_and_leaves_nothing(
    played: PlayedDriver, call: str, status: int, code: str
) -> None:
    tensor = PlayedTensor(BASE, (4,))
    played.fails[call] = status
    assert _code(lambda: export_tensor(tensor)) == code
    gc.collect()
    assert (tensor.given_back, played.retained, played.pushed) == (1, 0, 0)


@pytest.mark.parametrize("call", ["cuIpcOpenMemHandle_v2", "cuMemGetAddressRange_v2"])
def test_opening_that_fails_leaves_nothing_open(played: PlayedDriver, call: str) -> None:
    handle = export_tensor(PlayedTensor(BASE, (4,)))
    played.fails[call] = 1
    assert _code(lambda: open_tensor(handle)) == "DEVICE_CALL_FAILED"
    assert (played.opened, played.retained, played.pushed) == ([], 0, 0)


def test_tensor_outside_its_allocation_is_refused_and_closed(played: PlayedDriver) -> None:
    handle = export_tensor(PlayedTensor(BASE, (1_000,)))
    played.allocations[BASE] = 3_999
    assert _code(lambda: open_tensor(handle)) == "TENSOR_INVALID"
    gc.collect()
    assert played.opened == []


def test_empty_tensor_has_no_memory_to_share(played: PlayedDriver) -> None:
    assert _code(lambda: export_tensor(PlayedTensor(0, (0, 4)))) == "TENSOR_INVALID"
    assert played.retained == 0


def test_machine_without_the_driver_says_so() -> None:
    def load(name: str) -> object:
        raise OSError(f"{name}: cannot open shared object file")

    assert _code(lambda: CudaDriver(load)) == "DEVICE_UNAVAILABLE"
    played = PlayedDriver([])
    played.fails["cuInit"] = 100
    assert _code(lambda: CudaDriver(played.load)) == "DEVICE_UNAVAILABLE"


@given(st.binary(max_size=300))
def test_random_bytes_open_nothing(data: bytes) -> None:
    with pytest.raises(AmphisError):
        open_tensor(data)


def _fields(**change: object) -> dict[str, object]:
    return {
        "device": "cuda:0",
        "dtype": "float32",
        "shape": [2, 3],
        "strides": [12, 4],
        "byteLength": 24,
        "id": 1,
        **change,
    }


def test_handle_comes_back_as_it_was() -> None:
    assert DeviceTensor.decode(_fields()).encode() == _fields()
    whole = _fields(own=7, unshared="it is empty")
    assert DeviceTensor.decode(whole).encode() == whole
    assert DeviceTensor.decode(_fields(later=1)).encode() == _fields()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": 0}, "BODY_INVALID"),
        ({"id": "1"}, "BODY_INVALID"),
        ({"device": None}, "BODY_INVALID"),
        ({"own": 0}, "BODY_INVALID"),
        ({"unshared": 1}, "BODY_INVALID"),
        ({"byteLength": -1}, "BODY_INVALID"),
        ({"shape": [2]}, "TENSOR_INVALID"),
        ({"shape": [2**40, 2**40]}, "TENSOR_INVALID"),
        ({"dtype": "object"}, "DTYPE_UNSUPPORTED"),
    ],
)
def test_handle_that_is_none_is_refused(change: dict[str, object], code: str) -> None:
    assert _code(lambda: DeviceTensor.decode(_fields(**change))) == code


def test_registry_gives_what_it_has_until_that_is_released() -> None:
    registry = DeviceRegistry()
    tensor = PlayedTensor(BASE, (4,))
    named = registry.put(tensor)
    assert tensor.given_back == 1
    assert registry.get(named.id) is tensor
    assert registry.put(tensor).id != named.id
    assert _code(lambda: registry.get(named.id, device="cuda:1")) == "DEVICE_MISMATCH"
    assert registry.release(named.id)
    assert not registry.release(named.id)
    assert _code(lambda: registry.get(named.id)) == "DEVICE_TENSOR_GONE"
    assert len(registry) == 1
    registry.close()
    assert len(registry) == 0


def test_what_is_no_tensor_is_a_wrong_argument() -> None:
    registry = DeviceRegistry()
    with pytest.raises(TypeError, match="does not export DLPack"):
        registry.put([1, 2])
    assert len(registry) == 0


def test_full_device_is_told_by_the_class_of_the_error() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(AmphisError) as raised, device_errors("cuda:1"):
        raise torch.OutOfMemoryError("CUDA out of memory")
    assert (raised.value.code, raised.value.device) == ("DEVICE_OUT_OF_MEMORY", "cuda:1")


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="CUDA out of memory"), device_errors("cuda:0"):
        raise RuntimeError("CUDA out of memory")
