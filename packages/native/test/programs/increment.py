"""Adds one to every byte of the region at descriptor 3."""

import sys

from amphis._internal.native import map_region

memory = map_region(3, int(sys.argv[1]))
memory[:] = bytes((byte + 1) % 256 for byte in memory[:])
sys.stdout.write("done")
