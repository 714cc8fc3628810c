"""What every rival calls."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any


def add(left: float, right: float) -> float:
    return left + right


def first(array: Any) -> float:
    """Touch one element: what is left is the way of the array to here."""
    return float(array[0])


def compute(seconds: float) -> float:
    end = time.perf_counter() + seconds
    value = 0.0
    while time.perf_counter() < end:
        value += 1.0
    return value


def count_to(number: int) -> int:
    """Work that one core does in a fixed number of steps."""
    value = 0
    for step in range(number):
        value += step & 1
    return value


def die(path: str) -> None:
    """Note the moment, in nanoseconds of the monotonic clock, and read from address 0."""
    import ctypes

    # To open a file takes half as long as what is measured.
    with Path(path).open("wb", buffering=0) as note:
        note.write(str(time.monotonic_ns()).encode())
        ctypes.string_at(0)
