"""Tensors that stay in the process that made them, and what becomes of them."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from amphis.memory import InPlace

# Every tensor that was made here.
_made: list[weakref.ref[Any]] = []


def _watch(tensor: Any) -> InPlace:
    _made.append(weakref.ref(tensor))
    return InPlace(tensor)


def make(rows: int, columns: int) -> InPlace:
    import numpy as np

    return _watch(np.arange(rows * columns, dtype="float32").reshape(rows, columns))


def echo(tensor: Any) -> InPlace:
    return InPlace(tensor)


def is_last(tensor: Any) -> bool:
    return bool(_made) and tensor is _made[-1]()


def total(tensor: Any) -> float:
    return float(tensor.sum())


def living() -> int:
    """How many of those that were made here still live."""
    gc.collect()
    return sum(made() is not None for made in _made)


def torch_make() -> InPlace:
    """With a history, which torch exports no tensor with."""
    import torch

    return _watch(torch.arange(6, dtype=torch.bfloat16, requires_grad=True).reshape(2, 3) * 2)


def torch_meta() -> Any:
    """On a device of torch that has no memory."""
    import torch

    return torch.empty(3, device="meta")


def cuda_make(count: int) -> Any:
    import torch

    return torch.arange(count, dtype=torch.float32, device="cuda")


def cuda_double(tensor: Any) -> float:
    """In place; what it shows then."""
    import torch

    tensor.mul_(2)
    torch.cuda.synchronize()
    return float(tensor.sum())


def cuda_total(tensor: Any) -> float:
    return float(tensor.sum())


def cuda_bytes() -> int:
    import torch

    gc.collect()
    return int(torch.cuda.memory_allocated())
