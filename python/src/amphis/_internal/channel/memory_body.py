"""The bodies of frames of kind memory (spec/channel.md)."""

from __future__ import annotations

from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.error_wire import decode_error
from amphis._internal.errors import AmphisError
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.light import dataclass
from amphis._internal.memory.lender import Lent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from amphis._internal.codec.codec import Bytes

_MSGPACK = msgpack()
_MAX_GENERATION = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Granted:
    """The host lent what was asked for."""

    number: int
    lent: Lent


@dataclass(frozen=True, slots=True)
class Refused:
    """The host did not lend what was asked for."""

    number: int
    error: AmphisError


@dataclass(frozen=True, slots=True)
class DevicesLetGo:
    """Nobody has these device tensors of this side any more."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FrameInMemory:
    """A whole frame lies in the memory that the reference names."""

    reference: bytes


HostSays: TypeAlias = "Granted | Refused | DevicesLetGo | FrameInMemory"


def want_frame(number: int, byte_length: int) -> bytes:
    """Ask for memory."""
    return _frame(["want", number, byte_length])


def release_frame(generations: list[int]) -> bytes:
    """Let go of one share of each."""
    return _frame(["release", generations])


def device_release_frame(shares: list[int]) -> bytes:
    """Let go of device tensors that the host sent, by its numbers."""
    return _frame(["device-release", shares])


def frame_in_memory(reference: bytes) -> bytes:
    """Name a frame that lies in memory, in its place; the share in the memory goes with it."""
    return _frame(["frame", reference])


def read_memory(body: Bytes) -> HostSays:
    """Read what the host says of memory.

    Raises:
        AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
    """
    place = Place("memory", _MSGPACK.decode(body))
    what, first, *_ = place.array(2)
    if what.value == "device-release":
        return DevicesLetGo(tuple(each.integer(1, MAX_SAFE) for each in first.array(0)))
    if what.value == "frame":
        if not isinstance(first.value, bytes):
            raise first.invalid("bytes")
        return FrameInMemory(first.value)
    places, number = place.array(3), first.integer(1, MAX_SAFE)
    if what.value == "refused":
        return Refused(number, decode_error(places[2].map()))
    if what.value != "lent":
        raise what.invalid("'lent', 'refused', 'device-release' or 'frame'")
    if len(places) < 6:
        raise places[0].invalid("followed by five numbers")
    return Granted(
        number,
        Lent(
            arena=places[2].integer(0, MAX_SAFE),
            generation=places[3].integer(0, _MAX_GENERATION),
            offset=places[4].integer(0, MAX_SAFE),
            byte_length=places[5].integer(0, MAX_SAFE),
        ),
    )


def memory_invalid(path: str, expected: str) -> AmphisError:
    """The error of a body that contradicts what was said before."""
    return Place("memory", None, path).invalid(expected)


def _frame(body: list[object]) -> bytes:
    return encode_frame(Frame(FrameKind.MEMORY, _MSGPACK.encode(body)))
