"""Values arrive as they were sent, in place or as a copy, and no side writes where it may not."""

from __future__ import annotations

import gc

import pytest
from tests.memory.host import Host

from amphis import AttachmentKind, FrameAttachment
from amphis._internal.memory.carrier import BYTES, carry, open_attachment
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.tensor import FORMAT as TENSOR
from amphis._internal.memory.tensor import TensorMeta
from amphis._internal.values import Attachment


def _filled(guest: GuestMemory, length: int) -> memoryview:
    view = guest.allocate(length).memory
    view[:] = bytes(at % 251 for at in range(length))
    return view


def test_bytes_of_a_span_travel_where_they_are(host: Host, guest: GuestMemory) -> None:
    view = _filled(guest, 5_000)[100:4_000]
    carried = carry(view, guest)
    assert carried.attachment.kind is AttachmentKind.REFERENCE
    assert guest.figures().allocated == 1
    host.accept(bytes(carried.attachment.data))[0] = 99
    assert view[0] == 99


@pytest.mark.parametrize("length", [10, 5_000], ids=["small", "large"])
def test_read_only_bytes_of_a_span_travel_as_a_copy(
    host: Host, guest: GuestMemory, length: int
) -> None:
    view = _filled(guest, length)
    carried = carry(view[1:].toreadonly(), guest)
    is_shared = carried.attachment.kind is AttachmentKind.REFERENCE
    data = bytes(carried.attachment.data)
    sent = host.accept(data) if is_shared else memoryview(bytearray(data))
    assert bytes(sent) == bytes(view[1:])
    sent[0] = 0xFF
    assert view[1] == 1


@pytest.mark.parametrize("is_read_only", [True, False])
@pytest.mark.parametrize("way", ["inline", "shared"])
def test_array_may_be_written_to_as_its_sender_says_whichever_way_it_came(
    host: Host, guest: GuestMemory, way: str, *, is_read_only: bool
) -> None:
    pytest.importorskip("numpy", reason="NumPy is not installed")
    meta = TensorMeta("int8", (4,), (1,), is_read_only=is_read_only).encode()
    attachment = FrameAttachment(AttachmentKind.INLINE, memoryview(b"abcd"))
    if way == "shared":
        attachment = FrameAttachment(AttachmentKind.REFERENCE, host.send(host.place(b"abcd")))
    array = open_attachment(attachment, Attachment(0, TENSOR, meta), guest)
    assert array.tobytes() == b"abcd"
    assert array.flags.writeable is not is_read_only


def test_bytes_that_were_received_are_shown_where_they_are(host: Host, guest: GuestMemory) -> None:
    lent = host.place(b"written by the host")
    attachment = FrameAttachment(AttachmentKind.REFERENCE, host.send(lent))
    shown = open_attachment(attachment, Attachment(0, BYTES), guest)
    assert bytes(shown) == b"written by the host"
    del shown
    gc.collect()
    assert host.shares == {}
