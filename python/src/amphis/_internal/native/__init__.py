"""Shared memory at the speed of the machine: mapped regions, rings and futex words.

`open_ring` prefers the C extension and falls back to Python where that can do it correctly;
`load_core` says why the extension is missing.
"""

from amphis._internal.native.load import Core, Missing, load_core
from amphis._internal.native.region import map_region
from amphis._internal.native.ring import CoreRing, Pause, PlainCall, Ring, is_core_ring, open_ring

__all__ = [
    "Core",
    "CoreRing",
    "Missing",
    "Pause",
    "PlainCall",
    "Ring",
    "is_core_ring",
    "load_core",
    "map_region",
    "open_ring",
]
