"""What both paths of a value take, for values of one kind and about one size; as in TypeScript."""

from __future__ import annotations

# Before anything was measured here: fixed milliseconds and those of a byte (limits.md 3b and 4a).
_INLINE_FIXED_MS, _INLINE_MS_PER_BYTE = 0.015, 1_000 / (6.2 * 2**30)
_SHARED_FIXED_MS, _SHARED_MS_PER_BYTE = 0.025, 1_000 / (12 * 2**30)
# Weight of the newest measurement.
_GAIN = 0.2
# A single measurement counts at most so many times the estimate: a pause says nothing of the path.
_MAX_JUMP = 8


class Estimate:
    """How long one path takes."""

    __slots__ = ("mean_ms", "samples")

    def __init__(self, mean_ms: float) -> None:
        self.mean_ms = mean_ms
        self.samples = 0

    def learn(self, elapsed_ms: float) -> None:
        """Take one measurement."""
        counted = min(elapsed_ms, self.mean_ms * _MAX_JUMP)
        gain = 1 if self.samples == 0 else max(_GAIN, 1 / (self.samples + 1))
        self.mean_ms += gain * (counted - self.mean_ms)
        self.samples += 1


class LatencyModel:
    """Both paths side by side.

    Args:
        byte_length: the middle of the sizes that this is for

    Attributes:
        inline: what the path in the frame takes
        shared: what the path through shared memory takes
    """

    __slots__ = ("inline", "shared")

    def __init__(self, byte_length: float) -> None:
        self.inline = Estimate(_INLINE_FIXED_MS + _INLINE_MS_PER_BYTE * byte_length)
        self.shared = Estimate(_SHARED_FIXED_MS + _SHARED_MS_PER_BYTE * byte_length)

    def of(self, path: str) -> Estimate:
        """The estimate of a path."""
        return self.shared if path == "shared" else self.inline
