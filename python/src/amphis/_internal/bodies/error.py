"""The body of an error frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amphis._internal.bodies.place import Place
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.error_wire import decode_error, encode_error

if TYPE_CHECKING:
    from amphis._internal.codec.codec import Bytes, Codec
    from amphis._internal.errors import AmphisError

_MSGPACK = msgpack()


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """Why a call or a connection failed; other exceptions become REMOTE_FAILURE."""

    error: BaseException

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it for a frame of kind error."""
        return codec.encode(encode_error(self.error))

    @staticmethod
    def decode(data: Bytes, codec: Codec = _MSGPACK) -> AmphisError:
        """Read the error that a peer sent.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        return decode_error(Place("error", codec.decode(data)).map())
