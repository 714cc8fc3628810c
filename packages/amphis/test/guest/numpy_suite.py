"""Arrays that NumPy itself wrote to files."""

from __future__ import annotations

from typing import Any

import numpy as np


def load(path: str) -> Any:
    return np.load(path, allow_pickle=False)


def same(path: str, array: Any) -> bool:
    """Whether type, shape and bytes are those of the file, in the order of this machine."""
    stored = load(path)
    native = stored.astype(stored.dtype.newbyteorder("="))
    return (
        array.dtype == native.dtype
        and array.shape == native.shape
        and array.tobytes() == native.tobytes()
    )
