"""Device tensors as attachments: named, opened by their own process and by others, let go once.

The driver is played, and so are tensors on devices: `test_device.py` has real ones.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from tests.memory.driver import INVALID_VALUE, OUT_OF_MEMORY, PlayedDriver, PlayedTensor
from tests.memory.host import Host

from amphis import AmphisError, ErrorCode
from amphis._internal.bodies.stream import ItemBody
from amphis._internal.frame.frame import AttachmentKind, Frame, FrameAttachment
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory import device_ipc
from amphis._internal.memory.carrier import Carried, carry, open_attachment
from amphis._internal.memory.cuda import CudaDriver
from amphis._internal.memory.device import DeviceRegistry
from amphis._internal.memory.device_ipc import OpenedTensor
from amphis._internal.memory.device_shares import DeviceShares
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.stream_frames import let_go
from amphis._internal.values import Attachment, Handle
from amphis._internal.worker.objects import Objects
from amphis._internal.worker.outgoing import Outgoing
from amphis.memory import InPlace

BASE = 0x7F00_0000_0000


class Sides:
    """A process that has a tensor, and another one; `let_go` is what the host hears of each."""

    def __init__(self, host: Host) -> None:
        self.registry = DeviceRegistry()
        self.owner_let_go: list[int] = []
        self.other_let_go: list[int] = []
        owner_shares = DeviceShares(self.registry, self.owner_let_go.append)
        other_shares = DeviceShares(DeviceRegistry(), self.other_let_go.append)
        self.owner = GuestMemory(host.lender(), owner_shares)
        self.other = GuestMemory(host.lender(), other_shares)

    def send(self, value: object) -> Carried:
        return carry(value, self.owner)

    def open_at_owner(self, sent: Carried, share: int) -> object:
        return _open(self.owner, sent, share, own=sent.meta["id"])

    def open_at_other(self, sent: Carried, share: int) -> object:
        return _open(self.other, sent, share)


def _open(guest: GuestMemory, sent: Carried, share: int, **own: object) -> object:
    """As the host hands it on: with the number of a share."""
    meta = {**sent.meta, "id": share, **own}
    opened: object = open_attachment(sent.attachment, Attachment(0, sent.format, meta), guest)
    return opened


def _code(action: Callable[[], object]) -> str:
    with pytest.raises(AmphisError) as raised:
        action()
    return ErrorCode(raised.value.code).value


@pytest.fixture
def sides(host: Host) -> Sides:
    return Sides(host)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> PlayedDriver:
    driver = PlayedDriver([bytes([7] * 16)])
    driver.allocations[BASE] = 4_096
    made = CudaDriver(driver.load)
    monkeypatch.setattr(device_ipc, "cuda_driver", lambda: made)
    return driver


def test_tensor_is_named_with_what_opens_it(sides: Sides, played: PlayedDriver) -> None:
    sent = sides.send(InPlace(PlayedTensor(BASE + 256, (3, 4), (1, 3))))
    assert (sent.format, sent.attachment.kind) == ("device", AttachmentKind.INLINE)
    assert sent.meta == {
        "device": "cuda:0",
        "dtype": "float32",
        "shape": [3, 4],
        "strides": [4, 12],
        "byteLength": 48,
        "id": 1,
    }
    opened = sides.open_at_other(sent, 9)
    assert isinstance(opened, OpenedTensor)
    assert opened.__cuda_array_interface__["data"] == (BASE + 256, False)
    assert (played.opened, sides.other_let_go) == ([BASE], [])
    opened.close()
    opened.close()
    del opened
    gc.collect()
    assert (played.opened, sides.other_let_go) == ([], [9])


def test_tensor_comes_back_as_the_same_object(sides: Sides, played: PlayedDriver) -> None:
    tensor = PlayedTensor(BASE, (4,))
    sent = sides.send(InPlace(tensor))
    assert sides.open_at_owner(sent, 5) is tensor
    assert sides.owner_let_go == [5]
    assert played.opened == []


def test_plain_tensor_on_a_device_stays_there_when_a_call_returns_it(
    sides: Sides, played: PlayedDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(ndarray=PlayedTensor))
    tensor = PlayedTensor(BASE, (4,))
    objects = Objects()
    for mode in ("auto", "value"):
        value, carried = Outgoing(objects, sides.owner).encode([tensor], mode)
        assert value == [Attachment(0, "device", carried[0].meta)]
        assert sides.open_at_owner(carried[0], 5) is tensor
    assert (len(objects), played.opened) == (0, [])
    # Where nothing could let go of it, it is an object like any other.
    value, carried = Outgoing(objects, None).encode([tensor])
    assert isinstance(value, list)
    assert (type(value[0]), carried) == (Handle, [])
    value, carried = Outgoing(objects, sides.owner).encode(tensor, "handle")
    assert (type(value), carried) == (Handle, [])


def test_tensor_lives_until_the_host_lets_it_go(sides: Sides, played: PlayedDriver) -> None:
    tensor = PlayedTensor(BASE, (4,))
    watched = weakref.ref(tensor)
    sent = sides.send(InPlace(tensor))
    del tensor
    gc.collect()
    assert watched() is not None
    assert played.opened == []
    assert sides.registry.release(1)
    gc.collect()
    assert watched() is None
    assert _code(lambda: sides.open_at_owner(sent, 2)) == "DEVICE_TENSOR_GONE"
    assert sides.owner_let_go == [2]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda played: played.uuids.clear(), "DEVICE_MISMATCH"),
        (
            lambda played: played.fails.update(cuIpcOpenMemHandle_v2=OUT_OF_MEMORY),
            "DEVICE_OUT_OF_MEMORY",
        ),
        (
            lambda played: played.fails.update(cuIpcOpenMemHandle_v2=INVALID_VALUE),
            "DEVICE_CALL_FAILED",
        ),
        (lambda played: played.allocations.update({BASE: 15}), "TENSOR_INVALID"),
    ],
)
def test_opening_that_fails_lets_go_once(
    sides: Sides, played: PlayedDriver, change: Callable[[PlayedDriver], None], code: str
) -> None:
    sent = sides.send(InPlace(PlayedTensor(BASE, (4,))))
    change(played)
    assert _code(lambda: sides.open_at_other(sent, 3)) == code
    gc.collect()
    assert (sides.other_let_go, played.opened) == ([3], [])


@pytest.mark.parametrize("data", [b"", b"\x93\x01\x02\x03"])
def test_words_that_open_nothing_are_refused_and_let_go_of(sides: Sides, data: bytes) -> None:
    meta = {
        "device": "cuda:0",
        "dtype": "float32",
        "shape": [4],
        "strides": [4],
        "byteLength": 16,
        "id": 8,
    }
    attachment = FrameAttachment(AttachmentKind.INLINE, data)
    value = Attachment(0, "device", meta)
    assert _code(lambda: open_attachment(attachment, value, sides.other)) in (
        "BODY_INVALID",
        "DECODE_FAILED",
    )
    assert sides.other_let_go == [8]


def test_full_device_stops_the_sending_and_keeps_nothing(
    sides: Sides, played: PlayedDriver
) -> None:
    played.fails["cuIpcGetMemHandle"] = OUT_OF_MEMORY
    assert _code(lambda: sides.send(InPlace(PlayedTensor(BASE, (4,))))) == "DEVICE_OUT_OF_MEMORY"
    assert len(sides.registry) == 0


def test_memory_that_cannot_cross_serves_its_own_process(
    sides: Sides, played: PlayedDriver
) -> None:
    # What the driver says of memory of a growing pool.
    played.fails["cuIpcGetMemHandle"] = INVALID_VALUE
    tensor = PlayedTensor(BASE, (4,))
    sent = sides.send(InPlace(tensor))
    assert sent.attachment.data == b""
    assert sides.open_at_owner(sent, 1) is tensor
    with pytest.raises(AmphisError, match=r"cannot share it: .* CUDA_ERROR_1") as raised:
        sides.open_at_other(sent, 2)
    assert raised.value.code == "DEVICE_UNAVAILABLE"
    assert (sides.owner_let_go, sides.other_let_go) == ([1], [2])


def test_nothing_is_named_where_nothing_could_be_let_go(host: Host) -> None:
    tensor = InPlace(PlayedTensor(BASE, (4,)))
    assert _code(lambda: carry(tensor, None)) == "DEVICE_UNAVAILABLE"
    assert _code(lambda: carry(tensor, GuestMemory(host.lender()))) == "DEVICE_UNAVAILABLE"


def test_device_attachment_in_shared_memory_is_none(sides: Sides, host: Host) -> None:
    attachment = FrameAttachment(AttachmentKind.REFERENCE, host.send(host.place(bytes(64))))
    value = Attachment(0, "device", {})
    assert _code(lambda: open_attachment(attachment, value, sides.other)) == "BODY_INVALID"


def test_tensor_that_nobody_opens_is_let_go(sides: Sides, played: PlayedDriver) -> None:
    sent = sides.send(InPlace(PlayedTensor(BASE, (4,))))
    meta = {**sent.meta, "id": 6}
    item = ItemBody(3, Attachment(0, sent.format, meta)).encode()
    let_go(Frame(FrameKind.ITEM, item, 1, attachments=(sent.attachment,)), sides.other)
    assert (sides.other_let_go, played.opened) == ([6], [])


def test_torch_says_by_itself_what_is_on_a_device(sides: Sides) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(BufferError, match="meta"):
        sides.send(torch.empty(3, device="meta"))
    assert len(sides.registry) == 0
    history = torch.arange(6.0, requires_grad=True).reshape(2, 3).T * 2
    sent = sides.send(InPlace(history))
    assert (sent.meta["shape"], sent.meta["strides"]) == ([3, 2], [4, 12])
    assert sides.open_at_owner(sent, 1) is history
