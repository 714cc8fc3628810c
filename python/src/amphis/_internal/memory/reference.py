"""Checks references to shared memory before anything of them is used.

The order of the checks is that of `reference.ts`: the token first, so that all refusals look the
same to a sender without the key.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from amphis._internal.errors import AmphisError
from amphis._internal.light import NamedTuple
from amphis._internal.memory.token_key import TokenKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.memory.claim import Claim

_KEY_BYTES = 32
_FIRST_SWEEP = 1_024


class PublishedSpan(NamedTuple):
    """Where the memory of a generation is."""

    arena: int
    offset: int
    byte_length: int


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class ReferenceVerifier:
    """Checks the references of one connection, for any thread.

    Args:
        key: of this connection alone, at least 32 bytes
        published: says where the memory that a reference names is while it is lent, else `None`;
            asked after the token was found good
        now_ms: milliseconds since 1970
    """

    def __init__(
        self,
        key: bytes,
        published: Callable[[Claim], PublishedSpan | None],
        *,
        now_ms: Callable[[], int] = _wall_clock_ms,
    ) -> None:
        if len(key) < _KEY_BYTES:
            raise ValueError(f"Cannot verify: key must have {_KEY_BYTES} bytes, got {len(key)}")
        self._key = TokenKey(key)
        self._published = published
        self._now_ms = now_ms
        self._used: dict[bytes, tuple[Claim]] = {}
        self._sweep_at = _FIRST_SWEEP

    def verify(self, reference: Claim, holder: int) -> None:
        """Check that this holder may use it now.

        Raises:
            AmphisError: REFERENCE_FORGED, REFERENCE_EXPIRED, REFERENCE_HOLDER, REFERENCE_STALE,
                REFERENCE_OUT_OF_BOUNDS or REFERENCE_REPLAYED
        """
        if not self._key.is_token(reference.token, reference.covered):
            raise AmphisError(
                "REFERENCE_FORGED",
                "Cannot use reference: its token is not of this connection",
                {"arena": reference.arena, "holder": reference.holder},
            )
        if reference.expires_at != 0 and (now := self._now_ms()) >= reference.expires_at:
            raise AmphisError(
                "REFERENCE_EXPIRED",
                f"Cannot use reference: it expired {now - reference.expires_at} ms ago",
                {"expiresAt": reference.expires_at, "now": now},
            )
        if reference.holder != holder:
            raise AmphisError(
                "REFERENCE_HOLDER",
                f"Cannot use reference as holder {holder}: it is for {reference.holder}",
                {"holder": holder},
            )
        self._check_place(reference)
        if reference.is_for_one_use and not self._use(reference):
            raise AmphisError(
                "REFERENCE_REPLAYED",
                "Cannot use reference: it was used before",
                {"arena": reference.arena, "generation": reference.generation},
            )

    def _check_place(self, reference: Claim) -> None:
        span = self._published(reference)
        if span is None:
            raise AmphisError(
                "REFERENCE_STALE",
                "Cannot use reference: its memory was given back",
                {"arena": reference.arena, "generation": reference.generation},
            )
        end = reference.offset + reference.byte_length
        is_inside = span.offset <= reference.offset and end <= span.offset + span.byte_length
        if span.arena != reference.arena or not is_inside:
            raise AmphisError(
                "REFERENCE_OUT_OF_BOUNDS",
                f"Cannot use {reference.byte_length} bytes from {reference.offset} "
                f"of arena {reference.arena}: it lies outside the lease",
                {
                    "arena": reference.arena,
                    "offset": reference.offset,
                    "byteLength": reference.byte_length,
                },
            )

    def _use(self, reference: Claim) -> bool:
        # One step for other threads, so that no lock is needed: of all uses one finds its own.
        use = (reference,)
        if self._used.setdefault(reference.token, use) is not use:
            return False
        if len(self._used) >= self._sweep_at:
            self._sweep()
        return True

    def _sweep(self) -> None:
        """Forget those that would be refused anyway."""
        now = self._now_ms()
        # One by one: what a garbage collection runs meanwhile may use this verifier too.
        for token, (used,) in list(self._used.items()):
            is_expired = used.expires_at != 0 and now >= used.expires_at
            if is_expired or self._published(used) is None:
                self._used.pop(token, None)
        self._sweep_at = max(_FIRST_SWEEP, 2 * len(self._used))
