"""Every array of the published NumPy suite: file, NumPy, shared memory, another process, and back.

Its hostile files are for readers of .npy, of which Amphis has none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.memory.guest_process import GuestProcess
from tests.memory.host import Host

from amphis import AmphisError, AttachmentKind
from amphis._internal.memory.arrays import Array, array_over, send_array
from amphis._internal.memory.dtype import ITEM_BYTES
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.tensor import TensorMeta

np = pytest.importorskip("numpy", reason="NumPy is not installed")

_DEFAULT = Path(__file__).parents[4] / "shared" / "suites"


@pytest.fixture(scope="module")
def suite() -> Path:
    folder = Path(os.environ.get("AMPHIS_SUITES", _DEFAULT)) / "numpy"
    if not folder.is_dir():
        pytest.skip("the suites are absent; set AMPHIS_SUITES to where they are")
    return folder


@pytest.fixture
def other(host: Host) -> Iterator[GuestProcess]:
    process = GuestProcess(host)
    yield process
    assert process.end() == (0, "")


def _sha256(array: Array) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def _through(host: Host, guest: GuestMemory, other: GuestProcess, array: Array) -> Array:
    """From this guest to the host, on to the other process, and back to the host."""
    sent = send_array(array, guest, shared_from=0)
    if sent.kind is AttachmentKind.INLINE:
        assert array.size == 0
        return array_over(memoryview(sent.data), TensorMeta.decode(sent.meta))
    lent = host.place(bytes(host.accept(sent.data)))
    answer = other.ask(act="echo", reference=host.send(lent).hex(), meta=sent.meta)
    little: Array = array.astype(array.dtype.newbyteorder("<"))
    assert answer["dtype"] == little.dtype.str
    assert answer["shape"] == list(array.shape)
    assert answer["sha256"] == _sha256(little)
    # It came back as the same memory: nothing was copied over there.
    back = host.accept(bytes.fromhex(answer["reference"]))
    assert answer["meta"] == sent.meta
    return array_over(memoryview(bytes(back)), TensorMeta.decode(answer["meta"]))


def test_every_array_arrives_or_says_what_to_do(
    suite: Path, host: Host, guest: GuestMemory, other: GuestProcess
) -> None:
    rows = json.loads((suite / "manifest.json").read_text("utf-8"))["arrays"]
    arrived, refused = 0, 0
    for row in rows:
        array = np.load(suite / row["file"], allow_pickle=False)
        if array.dtype.name not in ITEM_BYTES:
            with pytest.raises(AmphisError) as raised:
                send_array(array, guest)
            assert raised.value.code == "DTYPE_UNSUPPORTED", row["file"]
            refused += 1
            continue
        back = _through(host, guest, other, array)
        assert back.dtype == array.dtype.newbyteorder("<"), row["file"]
        assert back.shape == tuple(row["shape"])
        assert back.flags.f_contiguous == array.flags.f_contiguous
        assert back.tobytes() == array.astype(back.dtype).tobytes()
        if array.dtype.byteorder != ">":
            assert back.tobytes("A") == array.tobytes("A"), row["file"]
        arrived += 1
    assert arrived + refused == len(rows)
    assert arrived > 100
