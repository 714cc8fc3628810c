"""Large values beside a body: arrays, tables and bytes, in shared memory wherever possible."""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import AttachmentKind, FrameAttachment
from amphis._internal.memory.arrays import array_over, send_array
from amphis._internal.memory.arrow import open_table, write_table
from amphis._internal.memory.device_carrier import FORMAT as DEVICE
from amphis._internal.memory.device_carrier import is_on_device, name_tensor, open_named
from amphis._internal.memory.placement import Journey
from amphis._internal.memory.share import Share
from amphis._internal.memory.span import Span
from amphis._internal.memory.tensor import FORMAT as TENSOR
from amphis._internal.memory.tensor import TensorMeta

if TYPE_CHECKING:
    from amphis._internal.memory.guest import GuestMemory
    from amphis._internal.values import Attachment

ARROW = "arrow"
BYTES = "bytes"


class Carried(NamedTuple):
    """A value on its way out.

    Attributes:
        attachment: for the frame
        format: of the attachment value in the body
        meta: of the attachment value
        keep: must live until the frame is on its way: it holds what a reference names
        journey: to be told when the frame is on its way, if anything is learned from that
    """

    attachment: FrameAttachment
    format: str
    meta: dict[str, object]
    keep: object = None
    journey: Journey | None = None


def carry(value: object, guest: GuestMemory | None) -> Carried:
    """Make an attachment of an array, a table, bytes, or a tensor that stays on its device.

    What lies in shared memory of the connection is named where it is. All else is copied once: to
    shared memory or into the frame, whichever is expected to be faster, and into the frame when
    memory is refused.

    Args:
        value: an array of NumPy; a table of pyarrow, pandas or polars, or anything else that
            exports an Arrow stream; bytes, bytearray or memoryview; a tensor of torch or CuPy on a
            device, or `InPlace`: what travels of it is a handle
        guest: shared memory of the connection

    Raises:
        TypeError: for anything else
        AmphisError: DTYPE_UNSUPPORTED, ARROW_UNSUPPORTED, DATA_LIBRARY_MISSING; as `name_tensor`
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _carry_bytes(value, guest)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        journey = _journey(guest, TENSOR)
        sent = send_array(value, guest, journey=journey)
        attachment = FrameAttachment(sent.kind, sent.data)
        return Carried(attachment, TENSOR, sent.meta, sent.keep, journey)
    if is_on_device(value):
        attachment, meta = name_tensor(value, guest)
        return Carried(attachment=attachment, format=DEVICE, meta=meta)
    memory = _Memory(guest, ARROW)
    table = write_table(value, memory.allocate)
    return Carried(memory.attachment(table), ARROW, {}, memory, memory.journey)


def open_attachment(
    attachment: FrameAttachment, value: Attachment, guest: GuestMemory | None
) -> Any:  # noqa: ANN401 - an array, a table, or bytes
    """Show what an attachment holds. What lies in shared memory is not copied.

    Args:
        attachment: of the frame
        value: what the body says of it
        guest: shared memory of the connection

    Returns:
        an array of NumPy, a `Table` of pyarrow, a memoryview, or a tensor on a device; it keeps
        the memory

    Raises:
        AmphisError: as `GuestMemory.accept`; MEMORY_REFUSED where no memory is shared;
            TENSOR_INVALID, ARROW_INVALID, ARROW_UNSUPPORTED, DTYPE_UNSUPPORTED, BODY_INVALID,
            DATA_LIBRARY_MISSING; as `open_named`
    """
    if value.format == DEVICE and attachment.kind == AttachmentKind.INLINE:
        return open_named(attachment.data, value.meta, guest)
    memory = _memory_of(attachment, guest)
    if value.format == TENSOR:
        meta = TensorMeta.decode(value.meta)
        if memory.readonly and not meta.is_read_only:
            # What a frame holds stays as it is; an array to be written to is one of its own.
            memory = memoryview(bytearray(memory))
        return array_over(memory, meta)
    if value.format == ARROW:
        return open_table(memory)
    if value.format == BYTES:
        return memory
    expected = "tensor, arrow, bytes, or device inline"
    raise AmphisError(
        ErrorCode.BODY_INVALID,
        f"Cannot read attachment: there is no format {value.format!r}",
        {"body": "attachment", "path": "$.format", "expected": expected},
    )


class _Memory:
    """Memory for one value: a span, or ordinary bytes where that is better or memory is refused."""

    def __init__(self, guest: GuestMemory | None, kind: str) -> None:
        self._guest = guest
        self.journey = _journey(guest, kind)
        self._span: Span | None = None

    def allocate(self, byte_length: int) -> memoryview:
        guest, journey = self._guest, self.journey
        if guest is not None and journey is not None and journey.goes_shared(byte_length):
            try:
                self._span = guest.allocate(byte_length)
            except AmphisError as error:
                # The value matters more than the way it takes.
                journey.failed(error)
            else:
                return self._span.memory
        return memoryview(bytearray(byte_length))

    def attachment(self, written: memoryview) -> FrameAttachment:
        if self._span is None or self._guest is None:
            return FrameAttachment(AttachmentKind.INLINE, written)
        data = self._guest.refer(self._span, byte_length=len(written))
        return FrameAttachment(AttachmentKind.REFERENCE, data)


def _carry_bytes(value: bytes | bytearray | memoryview, guest: GuestMemory | None) -> Carried:
    view = memoryview(value).cast("B")
    share = view.obj
    # Nothing would tell the other side not to write to bytes, so those to be read only are copied.
    is_named = view.nbytes > 0 and not view.readonly
    if is_named and guest is not None and isinstance(share, Share) and guest.has(share):
        offset = ctypes.addressof(ctypes.c_ubyte.from_buffer(view)) - share.address
        span = Span(share)
        data = guest.refer(span, byte_offset=offset, byte_length=len(view))
        attachment = FrameAttachment(AttachmentKind.REFERENCE, data)
        return Carried(attachment=attachment, format=BYTES, meta={}, keep=span)
    memory = _Memory(guest, BYTES)
    target = memory.allocate(len(view))
    target[: len(view)] = view
    return Carried(memory.attachment(target), BYTES, {}, memory, memory.journey)


def _journey(guest: GuestMemory | None, kind: str) -> Journey | None:
    if guest is None or not guest.is_usable:
        return None
    return Journey(guest.placement, kind, guest.max_inline_bytes)


def _memory_of(attachment: FrameAttachment, guest: GuestMemory | None) -> memoryview:
    if attachment.kind == AttachmentKind.INLINE:
        return memoryview(attachment.data).cast("B")
    if guest is None:
        reason = "no memory is shared with the peer"
        raise AmphisError(
            ErrorCode.MEMORY_REFUSED, f"Cannot take reference: {reason}", {"reason": reason}
        )
    return guest.accept(attachment.data).memory
