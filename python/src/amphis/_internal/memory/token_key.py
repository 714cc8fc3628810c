"""The key of a connection, ready to make the tokens of references."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import _Hash

_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class TokenKey:
    """Makes what `hmac.digest(key, covered, "sha256")` makes, in half the time.

    HMAC hashes two blocks that depend on the key alone (RFC 2104); they are hashed here once. Any
    thread may use it.
    """

    __slots__ = ("_begun", "_key")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._begun: tuple[_Hash, _Hash] | None = None

    def token(self, covered: bytes) -> bytes:
        """The token of these bytes."""
        begun_inner, begun_outer = self._begun or self._begin()
        inner = begun_inner.copy()
        inner.update(covered)
        outer = begun_outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def is_token(self, token: bytes, covered: bytes) -> bool:
        """Whether it is the token of these bytes, in constant time."""
        from hmac import compare_digest  # noqa: PLC0415 - as below

        return compare_digest(token, self.token(covered))

    def _begin(self) -> tuple[_Hash, _Hash]:
        # Slow to load, and not every connection with memory uses it.
        from hashlib import sha256  # noqa: PLC0415

        block = self._key if len(self._key) <= _BLOCK_BYTES else sha256(self._key).digest()
        block = block.ljust(_BLOCK_BYTES, b"\0")
        self._begun = sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))
        return self._begun
