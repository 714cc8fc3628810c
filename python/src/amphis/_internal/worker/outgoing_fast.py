"""Plain values to MessagePack by the C extension, which leaves all others to a closer look."""

from __future__ import annotations

import sys
from functools import cache

from amphis._internal.channel.plain import BULK_BYTES
from amphis._internal.values import Attachment, Ext, Timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

# The head of bytes whose length needs 32 bits; it stands behind, and begins so below 16 MiB.
_LONG, _SHORTER = b"\xc6", b"\xc6\x00"
_SHORTER_BYTES = 1 << 24


class _NotPlain(Exception):  # noqa: N818 - it says so to the extension, which catches it
    """The value holds something that must be looked at."""


def open_pack(levels: int) -> Callable[[object], bytes] | None:
    """A function that packs a plain value; NotImplemented for any other. None without extension.

    Args:
        levels: how many containers may nest
    """
    if sys.platform != "linux":
        return None
    from amphis._internal.native.load import Core, load_core  # noqa: PLC0415 - it is for Linux only

    core = load_core()
    if not isinstance(core, Core):
        return None
    codec = core.msgpack(
        levels,
        pack_other=_pack_scalar,
        unpack_extension=_never,
        attachment=Attachment,
        is_key=_never,
        collide=_never,
        nan=float("nan"),
    )
    return codec.pack


def holds_long_bytes(packed: bytes) -> bool:
    """Whether some of a packed value may belong beside the body; rarely so when it does not."""
    size = len(packed)
    if size < BULK_BYTES:
        return False
    head = _SHORTER if size < _SHORTER_BYTES else _LONG
    at = packed.find(head)
    while at >= 0:
        # Numbers and texts hold the same byte, but what follows is hardly ever such a length.
        if BULK_BYTES <= int.from_bytes(packed[at + 1 : at + 5], "big") <= size - at - 5:
            return True
        at = packed.find(head, at + 1)
    return False


def _pack_scalar(value: object, room: int) -> bytearray:
    if type(value) not in _scalars():
        raise _NotPlain
    from amphis._internal.codec.msgpack.encode import encode_value  # noqa: PLC0415 - as below

    out = bytearray()
    encode_value(out, value, room)
    return out


def _never(*_: object) -> NoReturn:
    raise AssertionError("this codec packs only")


@cache
def _scalars() -> frozenset[type]:
    """Of these, and of what the extension knows itself, nothing needs to be replaced."""
    # All of it together is slow to load, and most workers send nothing of that kind.
    from datetime import date, datetime, time, timedelta  # noqa: PLC0415
    from decimal import Decimal  # noqa: PLC0415
    from pathlib import PurePosixPath, PureWindowsPath  # noqa: PLC0415
    from uuid import UUID  # noqa: PLC0415

    moments = (datetime, date, time, timedelta)
    others = (int, complex, Decimal, UUID, PurePosixPath, PureWindowsPath, Timestamp, Ext)
    return frozenset((*moments, *others))
