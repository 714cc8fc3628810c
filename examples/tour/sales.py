"""What the tour calls: an ordinary module, which knows nothing of TypeScript."""

from __future__ import annotations

import csv
import ctypes
import random
from collections.abc import Callable, Iterator
from pathlib import Path

REGIONS = ("north", "east", "south", "west")


def write(path: str, rows: int) -> int:
    """Write sales of a year, the same ones each time."""
    chance = random.Random(7)  # noqa: S311 - sales, not secrets
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["region", "day", "revenue"])
        for row in range(rows):
            region = REGIONS[chance.randrange(4)]
            writer.writerow([region, row % 365, round(chance.uniform(5, 500), 2)])
    return rows


def sentence(topic: str) -> Iterator[str]:
    """Say one word after another, as a model does."""
    for word in f"Everything about {topic} is an ordinary Python module".split():
        yield word + " "


def search(low: float, high: float, is_enough: Callable[[float], bool]) -> float:
    """Halve until a function of TypeScript says that it is enough."""
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return round(high, 6)


def crash() -> None:
    """Read from address 0, which ends any process."""
    ctypes.string_at(0)
