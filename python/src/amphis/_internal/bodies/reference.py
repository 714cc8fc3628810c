"""A reference to shared memory: where the data of an attachment is, signed."""

from __future__ import annotations

from amphis._internal.bodies.place import MAX_SAFE, Place
from amphis._internal.codec.msgpack.codec import msgpack
from amphis._internal.light import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from amphis._internal.codec.codec import Bytes, Codec

_MSGPACK = msgpack()
_MAX_GENERATION = 2**32 - 1
_TOKEN_BYTES = 32
_FIELD_COUNT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where in shared memory some bytes are. Whoever reads it checks the token first.

    Attributes:
        generation: which use of the span this is, 0 to 2^32-1; a stale one is refused
        expires_at: milliseconds since 1970, 0 for never
        descriptor: how to read the bytes (`dtype`, `shape`, `strides`, `format`); keys that this
            version does not know are kept, for the token covers them
        token: HMAC-SHA-256 with the key of the connection, 32 bytes
    """

    arena: int
    generation: int
    offset: int
    byte_length: int
    holder: int
    expires_at: int = 0
    descriptor: Mapping[str, object] = field(default_factory=dict)
    token: bytes = bytes(_TOKEN_BYTES)

    def signed(self, key: bytes) -> Reference:
        """Copy with the token that the key of the connection gives."""
        from dataclasses import replace  # noqa: PLC0415 - slow to load, and rarely signed here

        return replace(self, token=self._token(key))

    def is_signed_with(self, key: bytes) -> bool:
        """Tell whether the token is that of this key, in constant time."""
        from hmac import compare_digest  # noqa: PLC0415 - as above

        return compare_digest(self.token, self._token(key))

    def to_sign(self) -> bytes:
        """The bytes that the token covers."""
        return _MSGPACK.encode(self._unsigned())

    def encode(self, codec: Codec = _MSGPACK) -> bytes:
        """Encode it as the data of an attachment."""
        return codec.encode([*self._unsigned(), self.token])

    @classmethod
    def decode(cls, data: Bytes, codec: Codec = _MSGPACK) -> Reference:
        """Read it; whether its token is good is asked with `is_signed_with`.

        Raises:
            AmphisError: BODY_INVALID, and what the codec raises for bytes that are no value
        """
        places = Place("reference", codec.decode(data)).array(_FIELD_COUNT)
        arena, generation, offset, byte_length, holder, expires_at, descriptor, token, *_ = places
        return cls(
            arena=arena.integer(0, MAX_SAFE),
            generation=generation.integer(0, _MAX_GENERATION),
            offset=offset.integer(0, MAX_SAFE),
            byte_length=byte_length.integer(0, MAX_SAFE),
            holder=holder.integer(0, MAX_SAFE),
            expires_at=expires_at.integer(0, MAX_SAFE),
            descriptor=read_descriptor(descriptor),
            token=token.octets(_TOKEN_BYTES),
        )

    def _token(self, key: bytes) -> bytes:
        import hmac  # noqa: PLC0415 - as above

        return hmac.digest(key, self.to_sign(), "sha256")

    def _unsigned(self) -> list[object]:
        return [
            self.arena,
            self.generation,
            self.offset,
            self.byte_length,
            self.holder,
            self.expires_at,
            dict(self.descriptor),
        ]


def read_descriptor(place: Place) -> dict[str, object]:
    """Judge what a reference says of the bytes that it names.

    Raises:
        AmphisError: BODY_INVALID
    """
    for name in ("dtype", "format"):
        text = place.key(name)
        if not text.is_absent:
            text.text()
    for name, least in (("shape", 0), ("strides", -MAX_SAFE)):
        numbers = place.key(name)
        if not numbers.is_absent:
            for number in numbers.array(0):
                number.integer(least, MAX_SAFE)
    return place.map()
