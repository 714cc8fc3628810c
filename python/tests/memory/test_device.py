"""Tensors of a real CUDA device: between processes, out of memory, on the wrong device.

Runs alone on a machine with a device and pytest, NumPy and torch:
`python -m pytest --noconftest python/tests/memory/test_device.py -rs`.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

# A module without types here.
Torch: TypeAlias = Any
Start: TypeAlias = "Callable[..., Other]"

_SOURCES = Path(__file__).parents[2] / "src"
sys.path.insert(0, str(_SOURCES))

from amphis._internal.errors import AmphisError  # noqa: E402
from amphis._internal.memory.cuda import cuda_driver  # noqa: E402
from amphis._internal.memory.device import DeviceRegistry, DeviceTensor, device_errors  # noqa: E402
from amphis._internal.memory.device_carrier import name_tensor, open_named  # noqa: E402
from amphis._internal.memory.device_ipc import export_tensor, open_tensor  # noqa: E402
from amphis._internal.memory.device_shares import DeviceShares  # noqa: E402
from amphis._internal.memory.dlpack import borrow, from_dlpack  # noqa: E402
from amphis._internal.memory.guest import GuestMemory  # noqa: E402
from amphis._internal.memory.lender import Lent  # noqa: E402


def _missing() -> str | None:
    try:
        import torch  # noqa: PLC0415
    except ModuleNotFoundError:
        return "torch is not installed"
    if not torch.cuda.is_available():
        return "torch sees no CUDA device (or is built without CUDA)"
    return None


_REASON = _missing()
pytestmark = pytest.mark.skipif(_REASON is not None, reason=str(_REASON))

# Opens a tensor, answers with its elements, and writes where the order says.
_OTHER = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import torch
from amphis._internal.errors import AmphisError
from amphis._internal.memory.cuda import cuda_driver
from amphis._internal.memory.device import DeviceRegistry
from amphis._internal.memory.device_carrier import open_named
from amphis._internal.memory.device_ipc import open_tensor
from amphis._internal.memory.device_shares import DeviceShares
from amphis._internal.memory.guest import GuestMemory

class Lender:
    key, holder = bytes(32), 1

let_go = []
guest = GuestMemory(Lender(), DeviceShares(DeviceRegistry(), let_go.append))

for line in sys.stdin:
    order = json.loads(line)
    answer = {}
    try:
        if "meta" in order:
            tensor = open_named(bytes.fromhex(order["handle"]), order["meta"], guest)
            answer = {
                "type": type(tensor).__module__,
                "device": str(tensor.device),
                "dtype": str(tensor.dtype),
                "strides": list(tensor.stride()),
                "values": tensor.double().cpu().flatten().tolist()[:100],
                "let_go": list(let_go),
            }
            tensor.fill_(1)
            torch.cuda.synchronize()
            del tensor
            answer["then"] = list(let_go)
            print(json.dumps(answer), flush=True)
            continue
        before = cuda_driver().free_bytes(0)[0] if order.get("count") else 0
        for _ in range(order.get("count", 1)):
            opened = open_tensor(bytes.fromhex(order["handle"]), device=order.get("device"))
            tensor = torch.as_tensor(opened, device=opened.device)
            if opened.dtype == "bfloat16":
                tensor = tensor.view(torch.bfloat16)
            answer = {
                "shape": list(tensor.shape),
                "strides": list(tensor.stride()),
                "values": tensor.double().cpu().flatten().tolist()[:100],
            }
            if "write" in order:
                tensor.fill_(order["write"])
            torch.cuda.synchronize()
            del tensor
            opened.close()
        if before:
            answer["lost"] = before - cuda_driver().free_bytes(0)[0]
    except AmphisError as error:
        answer = {"code": error.code.value, **({"let_go": let_go} if "meta" in order else {})}
    print(json.dumps(answer), flush=True)
"""


class Other:
    """Another process that opens device memory."""

    def __init__(self, **environment: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the program above
            [sys.executable, "-c", _OTHER, str(_SOURCES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )

    def ask(self, handle: bytes, **order: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"handle": handle.hex(), **order}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> int:
        self._process.communicate(timeout=60)
        return self._process.returncode


class NoLender:
    """A connection that lends no memory: device tensors need none."""

    key = bytes(32)
    holder = 1

    def want(self, byte_length: int, timeout_s: float) -> Lent:
        raise NotImplementedError

    def release(self, generation: int, byte_length: int = 0) -> None:
        raise NotImplementedError

    def region(self, arena: int) -> memoryview:
        raise NotImplementedError


class Owner:
    """This process at the end of a connection; `let_go` is what the host hears."""

    def __init__(self) -> None:
        self.let_go: list[int] = []
        self.registry = DeviceRegistry()
        self.guest = GuestMemory(NoLender(), DeviceShares(self.registry, self.let_go.append))


@pytest.fixture
def torch() -> Torch:
    return pytest.importorskip("torch")


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts other processes, which end well with the test."""
    started: list[Other] = []

    def begin(**environment: str) -> Other:
        started.append(Other(**environment))
        return started[-1]

    yield begin
    assert [other.end() for other in started] == [0] * len(started)


@pytest.mark.parametrize(
    "dtype",
    ["float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int64", "bool"],
)
def test_tensor_is_seen_and_written_by_another_process(
    torch: Torch, start: Start, dtype: str
) -> None:
    tensor = torch.arange(12, device="cuda").reshape(3, 4).to(getattr(torch, dtype))
    other = start()
    answer = other.ask(export_tensor(tensor), write=1)
    assert answer["values"] == tensor.new_tensor(range(12)).double().flatten().tolist()
    assert (answer["shape"], answer["strides"]) == ([3, 4], [4, 1])
    assert tensor.double().sum().item() == 12


def test_views_and_neighbours_arrive_as_they_lie(torch: Torch, start: Start) -> None:
    other = start()
    # Several tensors lie in one block of the allocator of torch.
    neighbours = [torch.full((100,), float(at), device="cuda") for at in range(10)]
    for at, tensor in enumerate(neighbours):
        assert set(other.ask(export_tensor(tensor))["values"]) == {float(at)}
    whole = torch.arange(24.0, device="cuda").reshape(4, 6)
    for view in (whole[1:, 2:5], whole.T, whole[::2, ::3], whole[2, 3], whole[0].expand(3, 6)):
        answer = other.ask(export_tensor(view))
        assert answer["values"] == view.double().cpu().flatten().tolist()
        assert answer["strides"] == list(view.stride())


def test_opening_often_loses_no_memory(torch: Torch, start: Start) -> None:
    tensor = torch.zeros(1 << 20, device="cuda")
    other = start()
    handle = export_tensor(tensor)
    other.ask(handle, count=3)
    assert other.ask(handle, count=200)["lost"] == 0


def test_process_that_exported_a_tensor_cannot_open_it(torch: Torch) -> None:
    handle = export_tensor(torch.zeros(4, device="cuda"))
    with pytest.raises(AmphisError) as raised:
        open_tensor(handle)
    assert raised.value.code == "DEVICE_CALL_FAILED"


def test_wrong_device_is_named(torch: Torch, start: Start) -> None:
    tensor = torch.zeros(4, device="cuda")
    handle = export_tensor(tensor)
    assert start().ask(handle, device="cuda:9") == {"code": "DEVICE_MISMATCH"}
    unknown = bytearray(handle)
    at = handle.index(cuda_driver().uuid(tensor.device.index))
    unknown[at : at + 16] = bytes(16)
    assert start().ask(bytes(unknown)) == {"code": "DEVICE_MISMATCH"}
    assert start(CUDA_VISIBLE_DEVICES="").ask(handle) == {"code": "DEVICE_UNAVAILABLE"}
    with pytest.raises(AmphisError) as raised:
        from_dlpack(tensor)
    assert raised.value.code == "DEVICE_MISMATCH"
    with pytest.raises(AmphisError) as raised:
        export_tensor(tensor.cpu())
    assert raised.value.code == "DEVICE_MISMATCH"


def test_handle_that_nobody_exported_is_refused(torch: Torch, start: Start) -> None:
    tensor = torch.zeros(4, device="cuda")
    handle = bytearray(export_tensor(tensor))
    at = handle.index(cuda_driver().uuid(tensor.device.index)) + 18
    for byte in range(64):
        handle[at + byte] ^= 0xFF
    assert start().ask(bytes(handle))["code"] in ("DEVICE_CALL_FAILED", "DEVICE_OUT_OF_MEMORY")


def test_tensor_larger_than_its_allocation_is_refused(torch: Torch, start: Start) -> None:
    tensor = torch.zeros(4, dtype=torch.int8, device="cuda").expand(4)
    huge = tensor.as_strided((2, 4), (1, 1))
    handle = export_tensor(huge)
    # The length of the first dimension, which nothing signs here: 2 becomes 2^32 - 1 elements.
    claimed = handle.replace(b"\xa5shape\x92\x02\x04", b"\xa5shape\x92\xce\xff\xff\xff\xff\x04")
    assert claimed != handle
    assert start().ask(claimed) == {"code": "TENSOR_INVALID"}


def test_full_device_is_a_typed_error(torch: Torch) -> None:
    with pytest.raises(AmphisError) as raised, device_errors("cuda:0"):
        torch.empty(1 << 50, dtype=torch.uint8, device="cuda:0")
    assert raised.value.code == "DEVICE_OUT_OF_MEMORY"
    assert isinstance(raised.value.__cause__, torch.OutOfMemoryError)
    # The device is usable afterwards.
    assert torch.ones(3, device="cuda:0").sum().item() == 3


def test_registry_keeps_a_tensor_until_it_is_released(torch: Torch) -> None:
    registry = DeviceRegistry()
    tensor = torch.arange(6.0, device="cuda").reshape(2, 3).T
    watched = weakref.ref(tensor)
    named = registry.put(tensor)
    assert named.device == f"cuda:{tensor.device.index}"
    assert (named.dtype, named.shape, named.strides) == ("float32", (3, 2), (4, 12))
    assert named.byte_length == 24
    assert DeviceTensor.decode(named.encode()) == named
    del tensor
    gc.collect()
    assert registry.get(named.id, device=named.device) is watched()
    with pytest.raises(AmphisError, match="it is on cuda:0"):
        registry.get(named.id, device="cuda:7")
    assert registry.release(named.id)
    gc.collect()
    assert watched() is None


def test_borrowed_tensor_is_given_back(torch: Torch) -> None:
    tensor = torch.zeros(4, device="cuda")
    watched = weakref.ref(tensor)
    shown = borrow(tensor)
    assert shown.address == tensor.data_ptr()
    del tensor, shown
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64", "bool"])
def test_tensor_travels_as_a_handle(torch: Torch, start: Start, dtype: str) -> None:
    owner = Owner()
    tensor = torch.arange(12, device="cuda").reshape(3, 4).to(getattr(torch, dtype)).T
    attachment, meta = name_tensor(tensor, owner.guest)
    assert (meta["device"], meta["dtype"]) == (f"cuda:{tensor.device.index}", dtype)
    assert "unshared" not in meta
    before = tensor.double().cpu().flatten().tolist()
    other = start()
    answer = other.ask(bytes(attachment.data), meta={**meta, "id": 5})
    assert answer == {
        "type": "torch",
        "device": meta["device"],
        "dtype": f"torch.{dtype}",
        "strides": [1, 4],
        "values": before,
        "let_go": [],
        "then": [5],
    }
    assert tensor.double().sum().item() == 12
    mine = {**meta, "own": meta["id"], "id": 6}
    assert open_named(attachment.data, mine, owner.guest) is tensor
    assert owner.let_go == [6]


def test_tensor_with_a_history_is_seen_by_another_process(torch: Torch, start: Start) -> None:
    owner = Owner()
    tensor = torch.ones(3, device="cuda", requires_grad=True) * 2
    attachment, meta = name_tensor(tensor, owner.guest)
    answer = start().ask(bytes(attachment.data), meta={**meta, "id": 5})
    assert answer["values"] == [2, 2, 2]
    mine = {**meta, "own": meta["id"], "id": 6}
    assert open_named(attachment.data, mine, owner.guest).requires_grad


def test_process_that_does_not_see_the_device_says_so_and_lets_go(
    torch: Torch, start: Start
) -> None:
    owner = Owner()
    attachment, meta = name_tensor(torch.zeros(4, device="cuda"), owner.guest)
    blind = start(CUDA_VISIBLE_DEVICES="").ask(bytes(attachment.data), meta={**meta, "id": 5})
    assert blind == {"code": "DEVICE_UNAVAILABLE", "let_go": [5]}


def test_empty_tensor_serves_its_own_process(torch: Torch, start: Start) -> None:
    owner = Owner()
    tensor = torch.zeros((0, 4), device="cuda")
    attachment, meta = name_tensor(tensor, owner.guest)
    assert attachment.data == b""
    answer = start().ask(b"", meta={**meta, "id": 5})
    assert answer == {"code": "DEVICE_UNAVAILABLE", "let_go": [5]}
    mine = {**meta, "own": meta["id"], "id": 6}
    assert open_named(b"", mine, owner.guest) is tensor


def test_memory_comes_back_when_the_host_lets_go(torch: Torch) -> None:
    owner = Owner()
    before = torch.cuda.memory_allocated()
    _, meta = name_tensor(torch.zeros(1 << 20, device="cuda"), owner.guest)
    gc.collect()
    assert torch.cuda.memory_allocated() - before >= 4 << 20
    assert owner.registry.release(int(str(meta["id"])))
    gc.collect()
    assert torch.cuda.memory_allocated() == before
