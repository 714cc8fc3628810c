"""What guests are asked to do in tests."""

from __future__ import annotations

import os
import signal
from typing import Any

from amphis import memory


def echo(value: object) -> object:
    return value


def total(array: Any) -> float:
    return float(array.sum())


def describe(array: Any) -> list[object]:
    return [str(array.dtype), list(array.shape), list(array.strides), array.flags.writeable]


def double(array: Any) -> Any:
    """In place: the caller sees it too."""
    array *= 2


def counted(count: int, dtype: str = "float64") -> Any:
    """An array that was made in shared memory."""
    array = memory.empty(count, dtype)
    array[:] = range(count)
    return array


def ordinary(count: int) -> Any:
    import numpy as np

    return np.arange(count, dtype="float64")


def part(count: int, start: int, step: int) -> Any:
    """A view of an array in shared memory, which travels as it is."""
    return counted(count)[start::step]


def columns(rows: int) -> Any:
    array = memory.empty((rows, 3))
    array[:] = range(3)
    return array.T


def table(rows: int) -> Any:
    import pyarrow as pa

    return pa.table({"a": list(range(rows)), "b": [f"row {row}" for row in range(rows)]})


def frame_sum(given: Any) -> int:
    return int(given.to_pandas()["a"].sum())


kept: list[object] = []


def keep(value: object) -> int:
    kept.append(value)
    return len(kept)


def drop() -> int:
    count = len(kept)
    kept.clear()
    return count


def die(number: int = signal.SIGKILL) -> None:
    os.kill(os.getpid(), number)


def process() -> int:
    return os.getpid()


def status() -> dict[str, object]:
    now = memory.status()
    return {"spans": now.spans, "bytes": now.bytes, "ordinary": now.ordinary}
