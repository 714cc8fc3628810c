"""Tensors of other libraries: shown without a copy, given back once."""

from __future__ import annotations

import gc
import sys
import weakref

import pytest
from tests.memory.host import Host

from amphis import AmphisError, AttachmentKind, memory
from amphis._internal.memory.ambient import clear_ambient, set_ambient
from amphis._internal.memory.arrays import Array, send_array, span_behind
from amphis._internal.memory.dlpack import borrow, from_dlpack
from amphis._internal.memory.dtype import ITEM_BYTES
from amphis._internal.memory.guest import GuestMemory

np = pytest.importorskip("numpy", reason="NumPy is not installed")


class OldProducer:
    """Exports as libraries did before DLPack had versions."""

    def __init__(self, array: Array) -> None:
        self._array = array

    def __dlpack__(self) -> object:
        return self._array.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


class OnDevice:
    """Says that it is on another device."""

    def __dlpack__(self) -> object:
        raise AssertionError("Cannot be asked")

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 3)


@pytest.mark.parametrize("name", [name for name in ITEM_BYTES if name != "bfloat16"])
def test_array_of_numpy_is_shown_in_place(name: str) -> None:
    source = np.arange(12).reshape(3, 4).astype(name)
    shown = from_dlpack(source)
    assert (shown.dtype, shown.shape, shown.strides) == (source.dtype, (3, 4), source.strides)
    source[1, 2] = 0
    assert shown.tobytes() == source.tobytes()


@pytest.mark.parametrize(
    "view",
    [
        lambda array: array[::-1],
        lambda array: array[::2, 1::2],
        lambda array: array.T,
        lambda array: array[1, 2, ...],
        lambda array: array[:0],
        lambda array: np.broadcast_to(array[0], (3, 6)),
    ],
)
def test_layout_is_kept(view: Array) -> None:
    source = view(np.arange(24.0).reshape(4, 6))
    source.flags.writeable = False
    shown = from_dlpack(source)
    assert (shown.shape, shown.tolist()) == (source.shape, source.tolist())
    if source.size:
        assert shown.strides == source.strides
        assert not shown.flags.writeable


def test_producer_is_let_go_exactly_once() -> None:
    source = np.arange(4)
    count = sys.getrefcount(source)
    shown = from_dlpack(source)
    part = shown[1:3]
    del shown
    gc.collect()
    assert sys.getrefcount(source) == count + 1
    assert part.tolist() == [1, 2]
    del part
    assert sys.getrefcount(source) == count


def test_tensor_that_is_refused_is_given_back() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    source = torch.zeros(3, dtype=torch.float8_e4m3fn)
    watched = weakref.ref(source)
    with pytest.raises(AmphisError) as raised:
        from_dlpack(source)
    assert raised.value.code == "DTYPE_UNSUPPORTED"
    del source, raised
    gc.collect()
    assert watched() is None


def test_old_producer_is_understood_and_not_written_to() -> None:
    source = np.arange(4)
    shown = from_dlpack(OldProducer(source))
    assert shown.tolist() == [0, 1, 2, 3]
    assert not shown.flags.writeable


def test_capsule_is_used_once() -> None:
    class Twice:
        def __init__(self) -> None:
            self.capsule = np.arange(3).__dlpack__()

        def __dlpack__(self) -> object:
            return self.capsule

    producer = Twice()
    assert borrow(producer).shape == (3,)
    with pytest.raises(BufferError, match="used before"):
        borrow(producer)


@pytest.mark.parametrize("value", [5, "text", [1, 2], b"bytes"])
def test_what_exports_nothing_is_a_wrong_argument(value: object) -> None:
    with pytest.raises(TypeError, match="does not export DLPack"):
        from_dlpack(value)


def test_memory_of_a_device_is_not_read_here() -> None:
    with pytest.raises(AmphisError) as raised:
        from_dlpack(OnDevice())
    assert raised.value.code == "DEVICE_MISMATCH"
    assert (raised.value.expected, raised.value.actual) == ("cpu", "cuda:3")


def test_span_and_its_arrays_are_exported_in_place(host: Host, guest: GuestMemory) -> None:
    span = guest.allocate(16)
    shown = np.from_dlpack(span)
    assert (shown.dtype, shown.shape) == (np.dtype("uint8"), (16,))
    shown[3] = 77
    assert span.memory[3] == 77
    assert from_dlpack(span)[3] == 77
    del span
    gc.collect()
    assert host.shares == {1: 1}
    del shown
    assert host.shares == {}


def test_asarray_takes_what_exports_dlpack_only(guest: GuestMemory) -> None:
    set_ambient(guest)
    try:
        array = memory.asarray(OldProducer(np.arange(5)))
        assert array.tolist() == [0, 1, 2, 3, 4]
        assert span_behind(array, guest) is not None
    finally:
        clear_ambient(guest)


def test_tensor_of_torch_over_shared_memory_travels_without_a_copy(
    host: Host, guest: GuestMemory
) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    set_ambient(guest)
    try:
        tensor = torch.from_dlpack(memory.zeros((3, 4), "float32"))
    finally:
        clear_ambient(guest)
    tensor += 2
    sent = send_array(tensor.T.numpy(), guest, shared_from=0)
    assert sent.kind is AttachmentKind.REFERENCE
    assert sent.meta["strides"] == [4, 16]
    assert guest.figures().allocated == 1
    del sent, tensor
    gc.collect()
    assert host.shares == {}


def test_bfloat16_of_torch_is_shown_in_place() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    tensor = torch.arange(6, dtype=torch.bfloat16).reshape(2, 3).T
    shown = from_dlpack(tensor)
    tensor[0, 0] = 9
    assert shown.dtype.name == "bfloat16"
    assert shown.astype("float32").tolist() == [[9, 3], [1, 4], [2, 5]]


def test_array_of_jax_is_shown_in_place() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    shown = from_dlpack(jax.numpy.arange(4.0))
    assert shown.tolist() == [0, 1, 2, 3]
    assert not shown.flags.writeable
