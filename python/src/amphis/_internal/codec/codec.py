"""What every codec does, whatever its bytes look like."""

from __future__ import annotations

from amphis._internal.light import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias


DEFAULT_MAX_DEPTH = 128

Bytes: TypeAlias = "bytes | bytearray | memoryview"


class Codec(Protocol):
    """Turns values into bytes and back. It holds no state, so threads may share it."""

    @property
    def name(self) -> str:
        """`msgpack`, `compact` or `json`, as peers name it in the hello."""

    def encode(self, value: object) -> bytes:
        """Encode one value.

        Raises:
            AmphisError: VALUE_UNSUPPORTED or VALUE_OUT_OF_RANGE with the path of the part that has
                no form, DEPTH_EXCEEDED for one nested too deep or containing itself
        """

    def decode(self, data: Bytes) -> object:
        """Decode the one value that the bytes are.

        Raises:
            AmphisError: DECODE_FAILED, DEPTH_EXCEEDED, EXTENSION_UNKNOWN; VALUE_OUT_OF_RANGE for a
                legal value that Python has no object for
        """


def check_max_depth(max_depth: int) -> int:
    """Refuse a limit that no value could meet."""
    if max_depth < 1:
        raise ValueError(f"Cannot make codec: max_depth must be >= 1, got {max_depth}")
    return max_depth


def as_bytes(data: Bytes) -> bytes:
    """Return the input as `bytes`; a text or a number would become some by accident."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise TypeError(f"Cannot decode: expected bytes, got {type(data).__name__}")
