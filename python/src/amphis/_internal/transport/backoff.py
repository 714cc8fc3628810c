"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential back-off with full jitter: anything from nothing to the longest wait.

    Many clients of one server that came back do therefore not all come at once.

    Attributes:
        initial: longest wait after the first failure, in seconds
        maximum: longest wait of all, in seconds
        factor: what the longest wait is multiplied by at each failure in a row
    """

    initial: float = 0.1
    maximum: float = 10.0
    factor: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.initial <= self.maximum or self.factor < 1:
            raise ValueError(
                "Cannot make backoff: it must be 0 <= initial <= maximum and factor >= 1, "
                f"got {self.initial}, {self.maximum} and {self.factor}"
            )

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        # Beyond so many doublings the maximum holds in any case, and powers overflow.
        longest = self.initial * self.factor ** min(max(0, failures - 1), 64)
        return random.random() * min(self.maximum, longest)  # noqa: S311 - no secret
