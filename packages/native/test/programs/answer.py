"""Answers each record of the ring at 0 with itself over the ring behind it, until an empty one.

Descriptors: memory at 3, the peer's doorbell at 4, a socket to the peer at 5.
"""

import sys

from amphis._internal.native import map_region, open_ring

size, spin_ns = int(sys.argv[1]), int(sys.argv[2])
memory = map_region(3, 2 * size)
requests = open_ring(memory, producer=False, offset=0, byte_length=size)
answers = open_ring(memory, producer=True, offset=size, byte_length=size, doorbell=4)
target = bytearray(size)
view = memoryview(target)
requests.wait(liveness=5)
length = requests.take(target)
while isinstance(length, int) and length > 0:
    length = answers.exchange(requests, view[:length], target, spin_ns=spin_ns, liveness=5)
