"""Takes numbered records from the ring at descriptor 3 until an empty one; says how many."""

import sys

from amphis._internal.native import load_core, map_region, open_ring
from amphis._internal.native.load import Missing

plain = sys.argv[2] == "plain"
core = Missing("asked for") if plain else load_core()
if isinstance(core, Missing) and not plain:
    raise SystemExit(core.reason)
ring = open_ring(map_region(3, int(sys.argv[1])), producer=False, core=core)
count = 0
while (record := ring.pop()) != b"":
    if record is None:
        ring.wait()
        continue
    if int.from_bytes(record[:4], "little") != count or record[-1] != len(record) % 256:
        raise SystemExit(f"record {count} is wrong")
    count += 1
sys.stdout.write(str(count))
