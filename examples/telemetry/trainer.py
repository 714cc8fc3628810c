"""Work that tells how far it is."""

from __future__ import annotations

# #region operation
import amphis


def fit(values: list[float], rate: float) -> float:
    """Find the mean, step by step."""
    guess = 0.0
    with amphis.operation("train", model="mean", device="cpu") as op:
        for step in range(3):
            error = sum(guess - value for value in values) / len(values)
            guess -= rate * error
            op.report(step=step, batch=len(values), loss=error**2)
    return guess


# #endregion operation
