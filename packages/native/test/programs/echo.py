"""Gives records of the ring at 0 back over the ring behind it, with the doorbell at 4."""

import sys

from amphis._internal.native import map_region, open_ring

size, spin_ns = int(sys.argv[1]), int(sys.argv[2])
memory = map_region(3, 2 * size)
requests = open_ring(memory, producer=False, offset=0, byte_length=size)
answers = open_ring(memory, producer=True, offset=size, byte_length=size, doorbell=4)
while True:
    record = requests.pop()
    if record is None:
        requests.wait(spin_ns=spin_ns)
    elif not record:
        break
    else:
        answers.push(record)
