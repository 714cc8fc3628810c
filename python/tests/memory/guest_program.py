"""A guest in a process of its own: takes references, shows arrays, sends them back.

Lines of JSON on standard input and output; the region is an inherited descriptor.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import Any

from amphis import AmphisError, ErrorCode
from amphis._internal.memory.ambient import set_ambient
from amphis._internal.memory.arrays import array_over, send_array
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.lender import Lent
from amphis._internal.memory.tensor import TensorMeta
from amphis._internal.native.region import map_region
from amphis.memory import empty

_kept: list[Any] = []


def say(message: dict[str, object]) -> None:
    # One write for a line, without buffers of Python: it works while the interpreter ends.
    os.write(1, json.dumps(message).encode() + b"\n")


def hear() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    heard: dict[str, Any] = json.loads(line)
    return heard


class PipeLender:
    """Asks the process that started this one."""

    def __init__(self, descriptor: int, byte_length: int, key: bytes, holder: int) -> None:
        self.key = key
        self.holder = holder
        self._region = memoryview(map_region(descriptor, byte_length))

    def want(self, byte_length: int, timeout_s: float) -> Lent:
        say({"kind": "want", "bytes": byte_length, "timeout": timeout_s})
        return Lent(*hear()["lent"])

    def release(self, generation: int, byte_length: int = 0) -> None:
        del byte_length
        say({"kind": "release", "generation": generation})

    def region(self, arena: int) -> memoryview:
        del arena
        return self._region


def main() -> None:
    descriptor, byte_length, holder = (int(word) for word in sys.argv[1:4])
    guest = GuestMemory(PipeLender(descriptor, byte_length, bytes.fromhex(sys.argv[4]), holder))
    set_ambient(guest)
    while True:
        order = hear()
        try:
            answer(order, guest)
        except AmphisError as error:
            say({"kind": "error", "code": ErrorCode(error.code).value})


def answer(order: dict[str, Any], guest: GuestMemory) -> None:
    if order["act"] == "echo":
        span = guest.accept(bytes.fromhex(order["reference"]))
        array = array_over(span.memory, TensorMeta.decode(order["meta"]))
        sent = send_array(array, guest)
        say(
            {
                "kind": "array",
                "dtype": array.dtype.str,
                "shape": list(array.shape),
                "sha256": hashlib.sha256(array.tobytes()).hexdigest(),
                "reference": sent.data.hex(),
                "meta": sent.meta,
            }
        )
    elif order["act"] == "keep":
        _kept.append(empty(order["size"], "uint8"))
        say({"kind": "kept"})
    elif order["act"] == "crash":
        os.abort()


if __name__ == "__main__":
    main()
