"""Ways in which a worker can come to harm by itself."""

from __future__ import annotations

import os
import sys


def overflow() -> str:
    """Go down the stack of C until it ends."""
    nested: list[object] = []
    for _ in range(2_000_000):
        nested = [nested]
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10**9)
    try:
        return repr(nested)
    finally:
        sys.setrecursionlimit(limit)


def recurse(depth: int = 0) -> int:
    return recurse(depth + 1)


def use_up_descriptors() -> None:
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for one in taken:
            os.close(one)


def keep_all_descriptors() -> int:
    """Leave none for anybody else in this process."""
    kept = sys.modules[__name__].__dict__.setdefault("kept", [])
    try:
        while True:
            kept.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return len(kept)


def close_everything() -> None:
    os.closerange(3, 10_000)


def total(array: object) -> float:
    return float(sum(memoryview(array)))  # type: ignore[arg-type, call-overload]
