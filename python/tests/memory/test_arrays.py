"""NumPy arrays travel without a copy where they lie in shared memory, and arrive as they were."""

from __future__ import annotations

import gc
from contextlib import closing
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.memory.host import Host

from amphis import AmphisError, AttachmentKind
from amphis._internal.memory.arrays import (
    SentArray,
    array_over,
    new_array,
    send_array,
    span_behind,
)
from amphis._internal.memory.dtype import ITEM_BYTES, numpy_dtype
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.tensor import TensorMeta

np = pytest.importorskip("numpy", reason="NumPy is not installed")
Array: TypeAlias = Any
View: TypeAlias = Any


def shared(guest: GuestMemory, values: Array) -> Array:
    """A copy in shared memory."""
    order = "F" if values.flags.f_contiguous and not values.flags.c_contiguous else "C"
    array = new_array(guest, TensorMeta.in_one_piece(values.dtype.name, values.shape, order=order))
    array[...] = values
    return array


def received(host: Host, sent: SentArray) -> Array:
    """What the host sees of it."""
    is_reference = sent.kind is AttachmentKind.REFERENCE
    memory = host.accept(sent.data) if is_reference else memoryview(sent.data)
    return array_over(memory, TensorMeta.decode(sent.meta))


def names_of_dtypes() -> list[Any]:
    return [pytest.param(name, id=name) for name in ITEM_BYTES]


def values_of(name: str, count: int = 12) -> Array:
    if name == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    raw = np.arange(-3, count - 3)
    if name.startswith("complex"):
        return (raw + 1j * raw[::-1]).astype(numpy_dtype(name))
    return raw.astype(numpy_dtype(name))


@pytest.mark.parametrize("name", names_of_dtypes())
@pytest.mark.parametrize("shared_from", [0, 1 << 30], ids=["shared", "inline"])
def test_ordinary_array_arrives_equal(
    host: Host, guest: GuestMemory, name: str, shared_from: int
) -> None:
    values = values_of(name).reshape(3, 4)
    sent = send_array(values, guest, shared_from=shared_from)
    assert sent.kind is (AttachmentKind.INLINE if shared_from else AttachmentKind.REFERENCE)
    found = received(host, sent)
    assert found.dtype == values.dtype
    assert found.tobytes() == values.tobytes()


@pytest.mark.parametrize("name", names_of_dtypes())
def test_shared_array_travels_without_a_copy(host: Host, guest: GuestMemory, name: str) -> None:
    array = shared(guest, values_of(name))
    sent = send_array(array, guest)
    found = received(host, sent)
    assert found.tobytes() == array.tobytes()
    found[0] = found[5]
    assert array[0].tobytes() == found[5].tobytes()
    assert guest.figures().allocated == 1


VIEWS = {
    "itself": lambda array: array,
    "a slice": lambda array: array[1:, 2:5],
    "every second": lambda array: array[::2, ::3],
    "reversed": lambda array: array[::-1],
    "reversed twice over": lambda array: array[::-2, ::-1],
    "transposed": lambda array: array.T,
    "one row": lambda array: array[2],
    "one element": lambda array: array[2, 3, ...],
    "flat": lambda array: array.reshape(-1),
    "more dimensions": lambda array: array[:, None, :, None],
    "other axes": lambda array: np.swapaxes(array.reshape(2, 2, 6), 0, 2),
    "repeated": lambda array: np.broadcast_to(array[0], (5, 6)),
    "the real part": lambda array: array.view("complex64").real,
    "other elements": lambda array: array.view("uint8"),
    "a window": lambda array: np.lib.stride_tricks.sliding_window_view(array, (2, 3)),
    "of a memoryview": lambda array: np.asarray(memoryview(array)),
    "from a buffer": lambda array: np.frombuffer(array, "int32", 5, 8),
    "by DLPack": np.from_dlpack,
    "a subclass": lambda array: array.view(np.recarray),
}


@pytest.mark.parametrize("view", [pytest.param(VIEWS[name], id=name) for name in VIEWS])
def test_view_travels_without_a_copy_as_it_lies(host: Host, guest: GuestMemory, view: View) -> None:
    array = shared(guest, np.arange(24, dtype="float64").reshape(4, 6))
    shown = view(array)
    del array
    gc.collect()
    sent = send_array(shown, guest)
    assert sent.kind is AttachmentKind.REFERENCE
    found = received(host, sent)
    assert (found.shape, found.strides, found.dtype) == (shown.shape, shown.strides, shown.dtype)
    assert found.tobytes() == shown.tobytes()
    assert guest.figures().allocated == 1


def test_columns_stay_together_when_an_array_is_copied(host: Host, guest: GuestMemory) -> None:
    columns = np.asfortranarray(np.arange(600.0).reshape(20, 30))
    for sent in (send_array(columns, guest), send_array(columns, None)):
        found = received(host, sent)
        assert found.flags.f_contiguous
        assert (found == columns).all()


@pytest.mark.parametrize("code", [">i2", ">u4", ">f4", ">f8", ">c8", ">c16", ">f2"])
@pytest.mark.parametrize("shared_from", [0, 1 << 30], ids=["shared", "inline"])
def test_big_endian_array_is_swapped_on_its_way(
    host: Host, guest: GuestMemory, code: str, shared_from: int
) -> None:
    values = np.arange(12).reshape(3, 4).astype(code)
    found = received(host, send_array(values, guest, shared_from=shared_from))
    assert found.dtype == values.dtype.newbyteorder("<")
    assert (found == values).all()


def test_big_endian_view_of_shared_memory_is_copied(host: Host, guest: GuestMemory) -> None:
    array = shared(guest, np.arange(400, dtype="int32"))
    found = received(host, send_array(array.view(">i4"), guest))
    assert found.tolist() == array.view(">i4").tolist()
    assert guest.figures().allocated == 2


@pytest.mark.parametrize(
    "shape", [(), (0,), (3, 0), (0, 5, 2), (1,), (1, 1, 1)], ids=lambda shape: f"shape {shape}"
)
def test_arrays_of_one_or_no_element_arrive(
    host: Host, guest: GuestMemory, shape: tuple[int, ...]
) -> None:
    values = np.full(shape, 7, "int64")
    for sent in (send_array(values, guest, shared_from=0), send_array(values, None)):
        found = received(host, sent)
        assert (found.shape, found.tolist()) == (shape, values.tolist())


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        (lambda: np.array([1, "a", None], object), "convert it to a numeric type, or send a list"),
        (lambda: np.array(["a", "bc"]), "tolist"),
        (lambda: np.array([b"a", b"bc"]), "view('uint8')"),
        (lambda: np.zeros(2, [("x", "i4"), ("y", "f8")]), "send them one by one"),
        (lambda: np.zeros(2, "V3"), "view('uint8')"),
        (lambda: np.zeros(2, "M8[ns]"), "view('int64')"),
        (lambda: np.zeros(2, "m8[s]"), "view('int64')"),
        (lambda: np.zeros(2, "longdouble"), "astype('float64')"),
        (lambda: np.zeros(2, "clongdouble"), "astype('complex128')"),
    ],
)
def test_array_that_cannot_travel_says_what_to_do(
    guest: GuestMemory, values: Array, advice: str
) -> None:
    with pytest.raises(AmphisError) as raised:
        send_array(values(), guest)
    assert raised.value.code == "DTYPE_UNSUPPORTED"
    assert advice in raised.value.message


def test_types_of_ml_dtypes_that_typescript_lacks_say_what_to_do(guest: GuestMemory) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    with pytest.raises(AmphisError, match="astype") as raised:
        send_array(np.zeros(2, ml_dtypes.float8_e4m3fn), guest)
    assert raised.value.code == "DTYPE_UNSUPPORTED"


def test_masked_array_is_not_sent_without_its_mask(guest: GuestMemory) -> None:
    with pytest.raises(AmphisError, match="masked") as raised:
        send_array(np.ma.masked_array([1, 2], [True, False]), guest)
    assert raised.value.code == "TENSOR_INVALID"


@pytest.mark.parametrize("value", [[1, 2], 5, "text", None, memoryview(b"abc")])
def test_what_is_no_array_is_a_wrong_argument(guest: GuestMemory, value: object) -> None:
    with pytest.raises(TypeError, match="expected a NumPy array"):
        send_array(value, guest)


def test_array_goes_into_the_frame_when_memory_is_refused(host: Host, guest: GuestMemory) -> None:
    filler = guest.allocate(len(host.memory))
    values = np.arange(1_000.0)
    sent = send_array(values, guest)
    assert sent.kind is AttachmentKind.INLINE
    assert (received(host, sent) == values).all()
    assert guest.figures().refused == {"MEMORY_EXHAUSTED": 1}
    del filler


def test_array_of_another_connection_is_copied(host: Host, guest: GuestMemory) -> None:
    with closing(Host()) as other:
        elsewhere = shared(GuestMemory(other.lender()), np.arange(500.0))
        assert span_behind(elsewhere, guest) is None
        sent = send_array(elsewhere, guest)
        assert (received(host, sent) == elsewhere).all()
        assert guest.figures().allocated == 1


def test_what_was_sent_inline_does_not_change_with_the_array(host: Host) -> None:
    values = np.arange(10)
    sent = send_array(values, None)
    values[:] = 0
    assert received(host, sent).tolist() == list(range(10))


def test_sent_array_keeps_its_memory_until_it_is_dropped(host: Host, guest: GuestMemory) -> None:
    sent = send_array(shared(guest, np.arange(9.0)), guest)
    gc.collect()
    assert received(host, sent).tolist() == list(range(9))
    del sent
    assert host.shares == {}


def test_array_keeps_the_memory_that_it_shows(host: Host, guest: GuestMemory) -> None:
    lent = host.place(np.arange(8.0).tobytes())
    meta = TensorMeta.in_one_piece("float64", (8,))
    part = array_over(guest.accept(host.send(lent)).memory, meta)[2:4]
    gc.collect()
    assert host.shares == {lent.generation: 1}
    assert part.tolist() == [2, 3]
    del part
    assert host.shares == {}


def test_array_that_was_received_goes_back_where_it_is(host: Host, guest: GuestMemory) -> None:
    lent = host.place(np.arange(100.0).tobytes())
    array = array_over(
        guest.accept(host.send(lent, offset=lent.offset + 80, byte_length=80)).memory,
        TensorMeta.in_one_piece("float64", (10,)),
    )
    array *= 2
    sent = send_array(array[::-1], guest)
    assert received(host, sent).tolist() == [2 * value for value in range(19, 9, -1)]
    assert guest.figures().allocated == 0


def test_read_only_tensor_cannot_be_written(guest: GuestMemory) -> None:
    memory = guest.allocate(8).memory
    array = array_over(memory, TensorMeta("int8", (8,), (1,), is_read_only=True))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    received_inline = array_over(memoryview(bytes(8)), TensorMeta("int8", (8,), (1,)))
    assert not received_inline.flags.writeable


def test_tensor_outside_its_memory_is_refused_and_lets_go(host: Host, guest: GuestMemory) -> None:
    lent = host.place(bytes(64))
    with pytest.raises(AmphisError) as raised:
        array_over(guest.accept(host.send(lent)).memory, TensorMeta("int8", (65,), (1,)))
    assert raised.value.code == "TENSOR_INVALID"
    del raised
    gc.collect()
    assert host.shares == {}


def test_empty_tensor_outside_its_memory_is_refused(guest: GuestMemory) -> None:
    with pytest.raises(AmphisError) as raised:
        array_over(guest.allocate(64).memory, TensorMeta("int8", (0,), (1,), 65))
    assert raised.value.code == "TENSOR_INVALID"


@pytest.mark.parametrize("is_writable", [True, False], ids=["writable", "read-only"])
@pytest.mark.parametrize("way", ["named", "copied", "inline"])
def test_array_arrives_as_writable_as_it_was_sent(
    host: Host, guest: GuestMemory, way: str, *, is_writable: bool
) -> None:
    values = np.arange(1_000.0)
    array = shared(guest, values) if way == "named" else values
    array.flags.writeable = is_writable
    sent = send_array(array, None if way == "inline" else guest)
    assert sent.meta.get("readOnly") is (None if is_writable else True)
    memory = bytearray(sent.data) if way == "inline" else host.accept(sent.data)
    found = array_over(memoryview(memory), TensorMeta.decode(sent.meta))
    assert found.flags.writeable is is_writable
    assert (found == values).all()
    if not is_writable:
        with pytest.raises(ValueError, match="WRITEABLE"):
            found.flags.writeable = True


def test_read_only_array_that_was_received_goes_back_where_it_is(
    host: Host, guest: GuestMemory
) -> None:
    meta = TensorMeta.in_one_piece("float64", (8,))._replace(is_read_only=True)
    lent = host.place(np.arange(8.0).tobytes())
    array = array_over(guest.accept(host.send(lent)).memory, meta)
    sent = send_array(array[2:], guest)
    assert (sent.kind, sent.meta["readOnly"]) == (AttachmentKind.REFERENCE, True)
    assert received(host, sent).tolist() == [2, 3, 4, 5, 6, 7]
    assert guest.figures().allocated == 0


def test_empty_array_is_read_only_too_when_its_sender_says_so(guest: GuestMemory) -> None:
    meta = TensorMeta("int8", (0,), (1,), is_read_only=True)
    assert not array_over(guest.allocate(64).memory, meta).flags.writeable


def test_view_that_is_read_only_leaves_the_array_writable(host: Host, guest: GuestMemory) -> None:
    array = shared(guest, np.arange(9.0))
    repeated = np.broadcast_to(array, (2, 9))
    assert not received(host, send_array(repeated, guest)).flags.writeable
    assert received(host, send_array(array, guest)).flags.writeable


@given(
    shape=st.lists(st.integers(0, 2**53 - 1) | st.integers(0, 9), max_size=5),
    strides=st.lists(st.integers(-(2**53) + 1, 2**53 - 1) | st.integers(-40, 40), max_size=5),
    offset=st.integers(0, 80),
    dtype=st.sampled_from(list(ITEM_BYTES)),
)
def test_any_description_shows_what_is_inside_or_is_refused(
    shape: list[int], strides: list[int], offset: int, dtype: str
) -> None:
    memory = memoryview(bytearray(range(64)))
    meta = {"dtype": dtype, "shape": shape, "strides": strides, "byteOffset": offset}
    try:
        array = array_over(memory, TensorMeta.decode(meta))
    except AmphisError as error:
        if error.code not in ("TENSOR_INVALID", "BODY_INVALID", "DATA_LIBRARY_MISSING"):
            raise
        return
    assert array.shape == tuple(shape)
    if array.size:
        # The first and the last element can be read.
        assert array[(0,) * array.ndim] is not None
        assert array[(-1,) * array.ndim] is not None
