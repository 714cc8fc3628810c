"""What the host says when a channel opens (spec/channel.md)."""

from __future__ import annotations

import struct

from amphis._internal.bodies.place import MAX_SAFE
from amphis._internal.channel.failures import opening_invalid
from amphis._internal.light import dataclass, field

# Little-endian.
#    0  u32  magic     4  u8   version    5  u8   takes or mode    6  u16  zero
#    8  u32  capacity 12  u32  holder    16  u64  region bytes    24  32 bytes key
HEAD = struct.Struct("<IBBH")
_ANSWER = struct.Struct("<IBBHIIQ32s")
ANSWER_BYTES = 56
MAGIC = 0x48534D41
VERSION = 1
SOCKET, RINGS = 0, 1
# In an offer only.
_REFERENCES = 2
RING_HEADER_BYTES = 640

_NO_KEY = bytes(32)
# The second ring begins at a multiple of 128 only from here on.
_MIN_CAPACITY = 128
_MAX_CAPACITY = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class RingsAnswer:
    """Frames go through rings.

    Attributes:
        capacity: bytes of records in each of the two rings
        holder: names this side in references; 0: the host lends no memory
        key: signs references of this connection; zeros if there is no memory
    """

    capacity: int
    holder: int
    key: bytes = field(repr=False)

    @property
    def ring_bytes(self) -> int:
        """Bytes of one ring with its header."""
        return RING_HEADER_BYTES + self.capacity


def offer(*, takes_rings: bool) -> bytes:
    """What the guest says first: this one takes references where it takes rings."""
    return HEAD.pack(MAGIC, VERSION, _REFERENCES if takes_rings else SOCKET, 0)


def check_head(data: bytes, *, takes_rings: bool) -> None:
    """Refuse an answer that begins as none does.

    Raises:
        AmphisError: FRAME_INVALID
    """
    magic, version, mode, zero = HEAD.unpack_from(data)
    if magic != MAGIC:
        raise opening_invalid("magic", magic)
    if version != VERSION:
        raise opening_invalid("version", version)
    if mode not in ((SOCKET, RINGS) if takes_rings else (SOCKET,)):
        raise opening_invalid("mode", mode)
    if zero != 0:
        raise opening_invalid("reserved", zero)


def read_answer(data: bytes, *, takes_rings: bool) -> RingsAnswer | None:
    """Read a whole answer; None when frames stay on the socket.

    Raises:
        AmphisError: FRAME_INVALID
    """
    check_head(data, takes_rings=takes_rings)
    _, _, mode, _, capacity, holder, region_bytes, key = _ANSWER.unpack(data)
    if mode == SOCKET:
        if any(data[HEAD.size :]):
            raise opening_invalid("mode", mode)
        return None
    if not _MIN_CAPACITY <= capacity <= _MAX_CAPACITY or capacity & (capacity - 1):
        raise opening_invalid("capacity", capacity)
    if (holder == 0) != (key == _NO_KEY):
        raise opening_invalid("holder", holder)
    if not 2 * (RING_HEADER_BYTES + capacity) <= region_bytes <= MAX_SAFE:
        raise opening_invalid("regionBytes", region_bytes)
    return RingsAnswer(capacity=capacity, holder=holder, key=key)
