"""Takes one record, and then does what the first argument says instead of answering at once.

Descriptors: memory at 3, the peer's doorbell at 4, a socket to the peer at 5.
"""

import os
import signal
import sys

from amphis._internal.native import map_region, open_ring

size = int(sys.argv[2])
memory = map_region(3, 2 * size)
requests = open_ring(memory, producer=False, offset=0, byte_length=size)
answers = open_ring(memory, producer=True, offset=size, byte_length=size, doorbell=4)
requests.wait(liveness=5)
record = requests.pop() or b""
match sys.argv[1]:
    case "die":
        os.kill(os.getpid(), signal.SIGKILL)
    case "answer-and-die":
        answers.push(record)
        os.kill(os.getpid(), signal.SIGKILL)
    case "hang-up":
        os.close(5)
        requests.wait()
    case "signal":
        os.kill(os.getppid(), signal.SIGUSR2)
        answers.push(record)
    case "silent":
        requests.wait(liveness=5)
        answers.push(record)
