"""The codec of the C extension, and what it asks of Python: all that is not plain."""

from __future__ import annotations

import sys

from amphis._internal.codec.collisions import why_too_slow
from amphis._internal.values import Attachment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.native.load import Core, FastMsgpack, Missing


def open_fast(max_depth: int, core: Core | Missing | None = None) -> FastMsgpack | None:
    """The extension's codec; None where there is no extension.

    Whatever goes wrong in here, it leaves the whole value to the codec in Python, which says what
    is wrong with it.

    Args:
        max_depth: of the codec
        core: the extension, when the caller has chosen already
    """
    if sys.platform != "linux":
        return None
    # Later, as it is for Linux only.
    from amphis._internal.native.load import Core, load_core  # noqa: PLC0415

    chosen = load_core() if core is None else core
    if not isinstance(chosen, Core):
        return None
    return chosen.msgpack(
        max_depth,
        pack_other=_pack_other,
        unpack_extension=_unpack_extension,
        attachment=Attachment,
        is_key=_is_key,
        collide=_collide,
        nan=float("nan"),
    )


# What these need is slow to load: decimals, UUIDs, paths. Most programs need none of it.


def _pack_other(value: object, room: int) -> bytearray:
    from amphis._internal.codec.msgpack.encode import encode_value  # noqa: PLC0415

    out = bytearray()
    encode_value(out, value, room)
    return out


def _unpack_extension(code: int, body: bytes) -> object:
    from amphis._internal.codec.msgpack.decode_extension import decode_body  # noqa: PLC0415

    return decode_body(code, body)


def _is_key(value: object) -> bool:
    from amphis._internal.codec.kinds import why_no_key  # noqa: PLC0415

    return why_no_key(value) is None


def _collide(keys: list[object]) -> bool:
    return why_too_slow(keys) is not None
