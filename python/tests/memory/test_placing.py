"""New arrays lie in shared memory while there is a channel, and are ordinary ones otherwise."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any, TypeAlias

import pytest
from tests.memory.host import Host

from amphis import AmphisError, memory
from amphis._internal.memory.ambient import ambient, clear_ambient, set_ambient
from amphis._internal.memory.arrays import span_behind
from amphis._internal.memory.dtype import ITEM_BYTES
from amphis._internal.memory.guest import GuestMemory

np = pytest.importorskip("numpy", reason="NumPy is not installed")
# What users hand over, of any type.
Given: TypeAlias = Any


@pytest.fixture
def connected(guest: GuestMemory) -> Iterator[GuestMemory]:
    set_ambient(guest)
    yield guest
    clear_ambient(guest)


def test_empty_lies_in_shared_memory(connected: GuestMemory) -> None:
    array = memory.empty((2, 3), "int16")
    assert (array.shape, array.dtype) == ((2, 3), np.dtype("int16"))
    assert span_behind(array, connected) is not None
    assert array.flags.c_contiguous
    assert array.flags.writeable


@pytest.mark.parametrize("shape", [4, (4,), [4], np.int64(4), (2, 2), ()])
def test_shape_is_what_numpy_takes(connected: GuestMemory, shape: Given) -> None:
    array = memory.zeros(shape)
    assert array.shape == np.zeros(shape).shape
    assert span_behind(array, connected) is not None


def test_zeros_are_zero_in_memory_that_was_used(host: Host, connected: GuestMemory) -> None:
    memory.empty(100, "uint8")[:] = 255
    gc.collect()
    assert host.shares == {}
    array = memory.zeros(100, "uint8")
    assert span_behind(array, connected) is not None
    assert not array.any()


@pytest.mark.parametrize(
    "source",
    [
        [[1, 2], [3, 4]],
        5.0,
        (True, False),
        range(4),
        np.arange(6).reshape(2, 3).T,
        np.arange(6)[::-2],
        np.arange(6).astype(">i8"),
    ],
    ids=repr,
)
def test_asarray_copies_into_shared_memory(connected: GuestMemory, source: Given) -> None:
    array = memory.asarray(source)
    assert span_behind(array, connected) is not None
    assert array.tolist() == np.asarray(source).tolist()
    assert array.dtype.byteorder != ">"


def test_asarray_keeps_columns_together(connected: GuestMemory) -> None:
    array = memory.asarray(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert array.flags.f_contiguous
    assert span_behind(array, connected) is not None


def test_asarray_gives_back_what_lies_there_already(connected: GuestMemory) -> None:
    array = memory.zeros((4, 4))
    assert memory.asarray(array) is array
    view = array[::2].T
    assert memory.asarray(view) is view
    assert memory.asarray(array, "float32").dtype == np.dtype("float32")
    assert memory.asarray(array, "float64") is array
    assert connected.figures().allocated == 2


@pytest.mark.parametrize("name", ITEM_BYTES)
def test_every_type_is_made(connected: GuestMemory, name: str) -> None:
    if name == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    array = memory.zeros(3, name)
    assert array.dtype.name == name
    assert span_behind(array, connected) is not None


@pytest.mark.parametrize("dtype", ["O", "U3", "M8[s]", ">f4", [("x", "i4")], "longdouble"])
def test_type_that_cannot_travel_is_refused_with_and_without_a_channel(
    guest: GuestMemory, dtype: Given
) -> None:
    for connect in (False, True):
        if connect:
            set_ambient(guest)
        try:
            with pytest.raises(AmphisError) as raised:
                memory.empty(3, dtype)
        finally:
            clear_ambient(guest)
        assert raised.value.code == "DTYPE_UNSUPPORTED"


@pytest.mark.parametrize("shape", [-1, (2, -3)])
def test_negative_length_is_a_wrong_argument(shape: Given) -> None:
    with pytest.raises(ValueError, match="negative"):
        memory.empty(shape)


@pytest.mark.parametrize("shape", [2.5, "3", (1, None)])
def test_length_that_is_none_is_a_wrong_argument(shape: Given) -> None:
    with pytest.raises(TypeError):
        memory.empty(shape)


def test_arrays_are_ordinary_without_a_channel() -> None:
    before = memory.status()
    array = memory.zeros((2, 2))
    assert array.flags.owndata
    assert array.tolist() == [[0, 0], [0, 0]]
    after = memory.status()
    assert after.is_connected is False
    assert after.ordinary == before.ordinary + 1


def test_arrays_are_ordinary_when_memory_is_refused(host: Host, connected: GuestMemory) -> None:
    before = memory.status().ordinary
    array = memory.empty(2 * len(host.memory), "uint8")
    assert array.flags.owndata
    status = memory.status()
    assert status.refused == {"MEMORY_EXHAUSTED": 1}
    assert status.ordinary == before + 1
    assert (status.is_connected, status.spans) == (True, 0)
    assert connected.figures().allocated == 0


def test_empty_arrays_need_no_memory(connected: GuestMemory) -> None:
    assert memory.zeros((0, 3)).shape == (0, 3)
    assert connected.figures().allocated == 0


def test_status_follows_what_is_alive(connected: GuestMemory) -> None:
    del connected
    arrays = [memory.empty(100, "uint8") for _ in range(3)]
    assert (memory.status().spans, memory.status().bytes) == (3, 300)
    del arrays[0]
    assert (memory.status().spans, memory.status().bytes) == (2, 200)


def test_last_channel_counts_until_it_is_cleared(guest: GuestMemory) -> None:
    with closing(Host()) as other:
        second = GuestMemory(other.lender())
        set_ambient(guest)
        set_ambient(second)
        assert ambient() is second
        clear_ambient(second)
        clear_ambient(second)
        assert ambient() is guest
        clear_ambient(guest)
        assert ambient() is None


def test_package_starts_without_numpy_and_ctypes() -> None:
    program = "import amphis, sys; sys.exit(bool({'numpy', 'ctypes'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603


def test_missing_numpy_is_named() -> None:
    program = (
        "import sys; sys.modules['numpy'] = None\n"
        "from amphis import AmphisError, memory\n"
        "try: memory.empty(3)\n"
        "except AmphisError as error: print(error.code.value, error.library)"
    )
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.stdout.split() == ["DATA_LIBRARY_MISSING", "numpy"]


def test_missing_ml_dtypes_is_named(connected: GuestMemory) -> None:
    program = (
        "import sys; sys.modules['ml_dtypes'] = None\n"
        "from amphis import AmphisError, memory\n"
        "try: memory.empty(3, 'bfloat16')\n"
        "except AmphisError as error: print(error.code.value, error.library)"
    )
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.stdout.split() == ["DATA_LIBRARY_MISSING", "ml_dtypes"]
    assert connected.figures().allocated == 0
