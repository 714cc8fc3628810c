"""Tensors that stay on their device: named when they are sent, found again when they come back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import AttachmentKind, FrameAttachment
from amphis._internal.memory.cuda import unavailable
from amphis._internal.memory.device import DeviceTensor, InPlace, detached, device_errors
from amphis._internal.memory.device_ipc import OpenedTensor, export_tensor, open_tensor

if TYPE_CHECKING:
    from amphis._internal.codec.codec import Bytes
    from amphis._internal.memory.device_shares import DeviceShares
    from amphis._internal.memory.guest import GuestMemory

FORMAT = "device"
"""The format of attachments that name one."""


def is_on_device(value: object) -> bool:
    """Whether a value travels as a handle.

    Tensors of torch that are not on the CPU, arrays of CuPy, and what is to stay in place. Neither
    library is imported for it: who has one of its tensors has imported it.
    """
    if isinstance(value, InPlace):
        return True
    tensor = getattr(sys.modules.get("torch"), "Tensor", None)
    if tensor is not None and isinstance(value, tensor):
        return str(value.device.type) != "cpu"
    array = getattr(sys.modules.get("cupy"), "ndarray", None)
    return array is not None and isinstance(value, array)


def name_tensor(
    value: object, guest: GuestMemory | None
) -> tuple[FrameAttachment, dict[str, object]]:
    """Keep a tensor until the host lets it go, and name it; waits for the work on its device.

    Raises:
        TypeError: when it exports no DLPack
        BufferError: what libraries raise for tensors that they cannot export
        AmphisError: DEVICE_UNAVAILABLE where no memory is shared, DEVICE_OUT_OF_MEMORY,
            DTYPE_UNSUPPORTED, ARENA_CLOSED
    """
    shares = _shares_of(guest)
    tensor = value.tensor if isinstance(value, InPlace) else value
    named = shares.registry.put(tensor)
    try:
        data, unshared = _exported(tensor)
    except BaseException:
        shares.registry.release(named.id)
        raise
    meta = named.encode()
    if unshared is not None:
        meta["unshared"] = unshared
    return FrameAttachment(AttachmentKind.INLINE, data), meta


def open_named(data: Bytes, meta: Mapping[str, object], guest: GuestMemory | None) -> Any:  # noqa: ANN401 - a class of any library
    """Find the tensor that the host names.

    Returns:
        the very tensor in the process that sent it. In another: a tensor of torch where that is
        imported, else an array of CuPy where that is, else an `OpenedTensor`; all of them show the
        same memory, and its process keeps it until they are gone

    Raises:
        AmphisError: DEVICE_TENSOR_GONE, DEVICE_MISMATCH, DEVICE_UNAVAILABLE, DEVICE_OUT_OF_MEMORY,
            DEVICE_CALL_FAILED; BODY_INVALID, DECODE_FAILED, DTYPE_UNSUPPORTED, TENSOR_INVALID
    """
    shares = _shares_of(guest)
    named = DeviceTensor.decode(meta)
    if named.own is not None:
        try:
            return shares.registry.get(named.own)
        finally:
            shares.let_go(named.id)
    try:
        opened = _opened(named, data)
    except BaseException:
        shares.let_go(named.id)
        raise
    opened.when_closed(lambda: shares.let_go(named.id))
    try:
        return _shown(opened)
    except BaseException:
        opened.close()
        raise


def let_go_of_named(meta: Mapping[str, object], guest: GuestMemory) -> None:
    """Let go of a tensor that the host names and nobody here opens.

    Raises:
        AmphisError: as `DeviceTensor.decode`; DEVICE_UNAVAILABLE, ARENA_CLOSED
    """
    _shares_of(guest).let_go(DeviceTensor.decode(meta).id)


def _shares_of(guest: GuestMemory | None) -> DeviceShares:
    shares = None if guest is None else guest.devices
    if shares is None:
        raise unavailable(
            "no memory is shared with the peer, which device tensors are let go by; "
            "copy it to the host and send that"
        )
    return shares


def _exported(tensor: object) -> tuple[bytes, str | None]:
    """What opens it in another process, or why nothing does: its own can use it all the same."""
    try:
        return export_tensor(detached(tensor)), None
    except AmphisError as error:
        if error.code == ErrorCode.DEVICE_OUT_OF_MEMORY:
            raise
        return b"", error.message


def _opened(named: DeviceTensor, data: Bytes) -> OpenedTensor:
    if named.unshared is not None:
        raise unavailable(f"the process that has the tensor cannot share it: {named.unshared}")
    return open_tensor(data)


def _shown(opened: OpenedTensor) -> Any:  # noqa: ANN401 - a class of any library
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        with device_errors(opened.device):
            tensor = torch.as_tensor(opened, device=opened.device)
        return tensor.view(torch.bfloat16) if opened.dtype == "bfloat16" else tensor
    cupy = sys.modules.get("cupy")
    if cupy is None:
        return opened
    with device_errors(opened.device), cupy.cuda.Device(opened.device_id):
        return cupy.asarray(opened)
