"""What the story calls."""

from __future__ import annotations

import asyncio
import time


# #region batch
def score(text: str) -> int:
    """Score one text."""
    return len(set(text))


def scores(texts: list[str]) -> list[int]:
    """Score many."""
    return [score(text) for text in texts]


# #endregion batch


# #region io
def wait_for_disk(seconds: float) -> None:
    """Wait as blocking calls of libraries do; other threads go on meanwhile."""
    time.sleep(seconds)


async def wait_for_network(seconds: float) -> None:
    """Wait as coroutines do; others go on meanwhile."""
    await asyncio.sleep(seconds)


# #endregion io


def compute(count: int) -> int:
    """Keep one processor busy."""
    total = 0
    for number in range(count):
        total += number & 3
    return total
