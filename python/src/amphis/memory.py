"""Arrays that TypeScript sees without a copy.

`empty`, `zeros` and `asarray` give NumPy arrays in the memory that the host of this process shares
with it. Their views (slices, transposes, reversed) travel for free too. Results of NumPy's own
functions do not lie there unless they are written there: `numpy.add(a, b, out=empty(a.shape))`.
"""

from amphis._internal.memory.placing import MemoryStatus, asarray, empty, status, zeros

__all__ = ["MemoryStatus", "asarray", "empty", "status", "zeros"]
