"""Arrays that TypeScript sees without a copy.

`empty`, `zeros` and `asarray` give NumPy arrays in the memory that the host of this process shares
with it. Their views (slices, transposes, reversed) travel for free too. Results of NumPy's own
functions do not lie there unless they are written there: `numpy.add(a, b, out=empty(a.shape))`.

Tensors of torch and CuPy on a device stay there, and travel as handles; `InPlace` is for others.
"""

from amphis._internal.memory.device import InPlace
from amphis._internal.memory.placement import PlacementFigures, PlacementOptions
from amphis._internal.memory.placing import (
    MemoryStatus,
    asarray,
    configure,
    empty,
    status,
    zeros,
)

__all__ = [
    "InPlace",
    "MemoryStatus",
    "PlacementFigures",
    "PlacementOptions",
    "asarray",
    "configure",
    "empty",
    "status",
    "zeros",
]
