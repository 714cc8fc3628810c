"""One share in lent memory, tied to the life of everything that shows the memory.

A share exports the bytes of its region as a buffer. Whatever is made of it (a `memoryview` and its
slices, an array and its views, an Arrow buffer, a tensor) keeps the exporter alive, so the end of
the share is the end of the last of them, and Python says when that is: once.
"""

from __future__ import annotations

import ctypes
import types
from collections.abc import Callable
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Share:
    """Exports a region; lets go when nothing uses it any more.

    Attributes:
        arena: number of the region
        generation: which use of the memory this is
        offset: where in the region it begins
        byte_length: how long it is
        serial: tells the shares of one guest apart
    """

    arena: int
    generation: int
    offset: int
    byte_length: int
    serial: int
    _let_go: Callable[[Share], None]

    def __del__(self) -> None:
        # Reads nothing but the instance: the module may be half gone when the interpreter ends.
        let_go = self.__dict__.get("_let_go")
        if let_go is not None:
            let_go(self)

    @property
    def address(self) -> int:
        """Where the lent bytes begin in this process."""
        return ctypes.addressof(self) + self.offset  # type: ignore[arg-type] # its class is an array

    @property
    def bytes(self) -> memoryview:
        """The lent bytes and no others."""
        region = memoryview(self).cast("B")  # type: ignore[arg-type] # as above
        return region[self.offset : self.offset + self.byte_length]

    def own(self, serial: int, let_go: Callable[[Share], None]) -> None:
        """Begin: from here on `let_go` is called exactly once."""
        self.serial = serial
        self._let_go = let_go


def export(
    region: memoryview, *, arena: int, generation: int, offset: int, byte_length: int
) -> Share:
    """Make the exporter of a share; it owns nothing before `own` is called."""
    share: Share = _kind(region.nbytes).from_buffer(region)  # type: ignore[attr-defined]
    share.arena = arena
    share.generation = generation
    share.offset = offset
    share.byte_length = byte_length
    return share


# One class for each length of a region, of which there are few; making a class costs 10 us.
@lru_cache(maxsize=64)
def _kind(region_bytes: int) -> type[Share]:
    layout = ctypes.c_ubyte * region_bytes
    made: Any = types.new_class("Share", (Share, layout))
    kind: type[Share] = made
    return kind
