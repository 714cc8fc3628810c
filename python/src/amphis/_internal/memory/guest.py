"""Shared memory of a peer, used from here: taking it, naming it, and finding what is named."""

from __future__ import annotations

import itertools
import os
import threading
import time
import weakref
from collections.abc import Mapping

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.codec import Bytes
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import MAX_FRAME_BYTES
from amphis._internal.light import dataclass
from amphis._internal.memory.claim import Claim, encode_signed, read_claim
from amphis._internal.memory.device_shares import DeviceShares
from amphis._internal.memory.lender import Lender, Lent
from amphis._internal.memory.reference import PublishedSpan, ReferenceVerifier
from amphis._internal.memory.share import Share, export
from amphis._internal.memory.span import Span
from amphis._internal.memory.token_key import TokenKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.memory.placement import Placement

# The side that owns all memory.
_HOST = 0


@dataclass(frozen=True, slots=True)
class GuestFigures:
    """What a guest has and had.

    Attributes:
        spans: shares that are not let go
        bytes: bytes that these show
        allocated: spans that were asked for and given
        accepted: references that were found good
        refused: how often by code, of what was asked for and of references
    """

    spans: int
    bytes: int
    allocated: int
    accepted: int
    refused: Mapping[str, int]


class GuestMemory:
    """Memory that the peer owns, for all threads of this process.

    Every share is let go exactly once: when the last object that shows its bytes is gone. A child
    that was forked off has none: there everything is refused with ARENA_CLOSED, and what it
    inherited is not kept lent for it.

    Args:
        lender: of the connection
        devices: tensors that stay on devices; None where they cannot be let go of
        max_inline_bytes: larger values go into frames only where shared memory fails

    Attributes:
        max_inline_bytes: as given
    """

    def __init__(
        self,
        lender: Lender,
        devices: DeviceShares | None = None,
        *,
        max_inline_bytes: int = MAX_FRAME_BYTES // 8,
    ) -> None:
        self._placement: Placement | None = None
        self.max_inline_bytes = max_inline_bytes
        self._lender = lender
        self._devices = devices
        self._verifier = ReferenceVerifier(lender.key, self._published)
        self._key = TokenKey(lender.key)
        self._owner = os.getpid()
        self._serials = itertools.count()
        # Shares by number. Kept without the lock, as a share may end inside of any statement:
        # adding and removing one key is a single step for other threads.
        self._open: dict[int, weakref.ref[Share]] = {}
        # Where regions begin and end here, so that most places need no search among the shares.
        self._mapped: dict[int, tuple[int, int]] = {}
        # A garbage collection may run finalizers that come back here, in the same thread.
        self._lock = threading.RLock()
        self._allocated = 0
        self._accepted = 0
        self._refused: dict[str, int] = {}

    @property
    def placement(self) -> Placement:
        """Decides which values go through this memory."""
        if self._placement is None:
            # Most workers send nothing that is large, and it takes a while to load.
            from amphis._internal.memory.placement_settings import new_placement  # noqa: PLC0415

            # Of two threads that do so at once, one learns for nothing.
            self._placement = new_placement()
        return self._placement

    @property
    def is_usable(self) -> bool:
        """Whether this is the process that the memory was lent to."""
        return os.getpid() == self._owner

    @property
    def devices(self) -> DeviceShares | None:
        """Tensors that stay on devices.

        Raises:
            AmphisError: ARENA_CLOSED
        """
        self._check_process()
        return self._devices

    def allocate(self, byte_length: int, *, timeout_s: float = 5.0) -> Span:
        """Borrow memory; it is not zeroed.

        Raises:
            ValueError: for less than a byte
            AmphisError: MEMORY_EXHAUSTED, MEMORY_QUOTA_EXCEEDED or what else the peer says,
                REQUEST_TIMEOUT, PEER_LOST, ARENA_CLOSED
        """
        if byte_length < 1:
            raise ValueError(f"Cannot allocate {byte_length} bytes: expected 1 or more")
        self._check_process()
        try:
            lent = self._lender.want(byte_length, timeout_s)
            span = self._span(lent, byte_length)
        except AmphisError as error:
            self._count_refusal(error)
            raise
        with self._lock:
            self._allocated += 1
        return span

    def refer(
        self,
        span: Span,
        *,
        byte_offset: int = 0,
        byte_length: int | None = None,
        descriptor: Mapping[str, object] | None = None,
        max_age_ms: int = 60_000,
    ) -> bytes:
        """Name bytes of a span for the host, signed and encoded.

        Keep the span until the frame with it is on its way: memory that was let go has no name.

        Args:
            span: of this guest
            byte_offset: where in the span it begins
            byte_length: up to the end of the span when not given
            descriptor: how to read the bytes
            max_age_ms: how long the host may accept it; 0 for as long as the memory is lent

        Raises:
            ValueError: when the bytes are not in the span, or the span is of another guest
            AmphisError: ARENA_CLOSED
        """
        self._check_process()
        share = span.share
        length = share.byte_length - byte_offset if byte_length is None else byte_length
        if not self.has(share):
            raise ValueError("Cannot refer to span: another connection lends it")
        if not 0 <= byte_offset <= byte_offset + length <= share.byte_length:
            raise ValueError(f"Cannot refer to {length} bytes from {byte_offset} of {span!r}")
        offset = share.offset + byte_offset
        expires_at = 0 if max_age_ms == 0 else time.time_ns() // 1_000_000 + max_age_ms
        numbers = (share.arena, share.generation, offset, length, _HOST, expires_at)
        return encode_signed(self._key, numbers, descriptor)

    def accept(self, data: Bytes) -> Span:
        """Find the memory that the host names. Takes over the share that came with the reference.

        Raises:
            AmphisError: REFERENCE_FORGED, REFERENCE_EXPIRED, REFERENCE_HOLDER, REFERENCE_STALE,
                REFERENCE_OUT_OF_BOUNDS, REFERENCE_REPLAYED, ARENA_CLOSED; BODY_INVALID or
                DECODE_FAILED for bytes that are no reference
        """
        self._check_process()
        try:
            claim = read_claim(data)
            self._verify(claim)
            span = self._span(claim, claim.byte_length)
        except AmphisError as error:
            self._count_refusal(error)
            raise
        with self._lock:
            self._accepted += 1
        return span

    def span_at(self, address: int, byte_length: int) -> Span | None:
        """Find the span in which so many bytes of this process lie."""
        end = address + byte_length
        if not any(low <= address and end <= high for low, high in list(self._mapped.values())):
            return None
        for reference in list(self._open.values()):
            share = reference()
            if share is not None:
                start = share.address
                if start <= address and end <= start + share.byte_length:
                    return Span(share)
        return None

    def has(self, share: Share) -> bool:
        """Whether it is a share of this guest."""
        reference = self._open.get(share.serial)
        return reference is not None and reference() is share

    def figures(self) -> GuestFigures:
        """What there is now."""
        found = (reference() for reference in list(self._open.values()))
        shares = [share for share in found if share is not None]
        with self._lock:
            return GuestFigures(
                spans=len(shares),
                bytes=sum(share.byte_length for share in shares),
                allocated=self._allocated,
                accepted=self._accepted,
                refused=dict(self._refused),
            )

    def _verify(self, claim: Claim) -> None:
        try:
            self._verifier.verify(claim, self._lender.holder)
        except AmphisError as error:
            # What the host signed for this guest came with a share, whatever is wrong with it.
            is_authentic = error.code != ErrorCode.REFERENCE_FORGED
            if is_authentic and claim.holder == self._lender.holder:
                self._lender.release(claim.generation)
            raise

    def _published(self, claim: Claim) -> PublishedSpan | None:
        # The host alone knows what is lent, and signed this; what matters here is the mapping.
        try:
            region = self._lender.region(claim.arena)
        except AmphisError as error:
            if error.code != ErrorCode.REFERENCE_STALE:
                raise
            return None
        return PublishedSpan(claim.arena, 0, region.nbytes)

    def _span(self, lent: Lent | Claim, byte_length: int) -> Span:
        """Tie the share that this process has now to an object; let it go when that fails."""
        try:
            region = self._lender.region(lent.arena)
            _check_inside(lent, region.nbytes, byte_length)
            share = export(
                region,
                arena=lent.arena,
                generation=lent.generation,
                offset=lent.offset,
                byte_length=byte_length,
            )
        except BaseException:
            self._lender.release(lent.generation)
            raise
        serial = next(self._serials)
        self._open[serial] = weakref.ref(share)
        if lent.arena not in self._mapped:
            start = share.address - share.offset
            self._mapped[lent.arena] = (start, start + region.nbytes)
        share.own(serial, self._end)
        return Span(share)

    def _end(self, share: Share) -> None:
        # In any thread, at any moment, even while the interpreter ends: nothing here may wait.
        self._open.pop(share.serial, None)
        if os.getpid() == self._owner:
            self._lender.release(share.generation, share.byte_length)

    def _check_process(self) -> None:
        if os.getpid() == self._owner:
            return
        raise AmphisError(
            ErrorCode.ARENA_CLOSED,
            "Cannot use shared memory: this process was forked off the one that has it",
        )

    def _count_refusal(self, error: AmphisError) -> None:
        with self._lock:
            code = error.code.value if isinstance(error.code, ErrorCode) else error.code
            self._refused[code] = self._refused.get(code, 0) + 1


def _check_inside(lent: Lent | Claim, region_bytes: int, wanted_bytes: int) -> None:
    end = lent.offset + lent.byte_length
    if 0 <= lent.offset <= end <= region_bytes and wanted_bytes <= lent.byte_length:
        return
    raise AmphisError(
        ErrorCode.REFERENCE_OUT_OF_BOUNDS,
        f"Cannot use {lent.byte_length} bytes from {lent.offset} of arena {lent.arena}: "
        "they lie outside the region, or are fewer than were asked for",
        {"arena": lent.arena, "offset": lent.offset, "byteLength": lent.byte_length},
    )
