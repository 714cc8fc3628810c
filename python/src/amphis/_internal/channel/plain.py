"""Frames that go between a channel and values without a step in between, as most do."""

from __future__ import annotations

from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import (
    HEADER_BYTES,
    MAX_CALL_ID,
    PLAIN_WORDS,
    WORDS,
    FrameKind,
)
from amphis._internal.priority import Priority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from amphis._internal.frame.frame import Frame
    from amphis._internal.native import PlainCall

CODEC: Final = msgpack()
"""As the bodies of all calls are encoded."""
# By kind: how a frame without attachments begins.
PLAIN_HEADS: Final = {
    kind: PLAIN_WORDS[int(kind), int(Priority.NORMAL), "msgpack"]
    for kind in FrameKind
    if (int(kind), int(Priority.NORMAL), "msgpack") in PLAIN_WORDS
}
BULK_BYTES: Final = 65_536
"""Strings of bytes from here on travel beside the body (spec/worker.md)."""

_MOST_LEVELS = 128
_LEAST_INT, _MOST_INT = -(2**63), 2**64 - 1
_SCALARS = frozenset((type(None), bool, float, str))
_KEYS = _SCALARS | {int, bytes}


def read_call(frame: Frame) -> PlainCall | None:
    """Read a plain call: in msgpack, without attachments, and as spec/worker.md has it.

    None for every other frame; whoever reads that with care says what is wrong with it.
    """
    if frame.kind is not FrameKind.CALL or frame.attachments or frame.codec != "msgpack":
        return None
    try:
        body, far = CODEC.decode_counted(frame.body)
    except AmphisError:
        return None
    if type(body) is not list or len(body) < 4:
        return None
    function, args, kwargs, options = body[:4]
    if type(function) is not str or type(args) is not list:
        return None
    if not _is_named(kwargs) or not _is_named(options):
        return None
    return frame.call_id, function, args, kwargs, options, far


def write_plain(word: int, call_id: int, body: list[object], most_bytes: int) -> bytes | None:
    """The frame, if its body is plain and it is no longer than this; else None."""
    if not 0 <= call_id <= MAX_CALL_ID or not _is_plain(body, _MOST_LEVELS):
        return None
    try:
        data = CODEC.encode(body)
    except AmphisError:
        return None
    if HEADER_BYTES + len(data) > most_bytes:
        return None
    return WORDS.pack(word, call_id, len(data), 0) + data


def _is_named(value: object) -> bool:
    return type(value) is dict and all(type(key) is str for key in value)


def _is_plain(value: object, room: int) -> bool:
    kind = type(value)
    if kind in _SCALARS:
        return True
    if isinstance(value, int):
        return kind is int and _LEAST_INT <= value <= _MOST_INT
    if isinstance(value, bytes):
        return kind is bytes and len(value) < BULK_BYTES
    if room <= 0:
        return False
    if isinstance(value, dict):
        return kind is dict and all(
            type(key) in _KEYS and _is_plain(key, 0) and _is_plain(item, room - 1)
            for key, item in value.items()
        )
    return (kind is list or kind is tuple) and all(
        _is_plain(item, room - 1)
        for item in value  # type: ignore[attr-defined]
    )
