"""The rivals that are written by hand in Python: `service.py <kind> <address>`."""

from __future__ import annotations

import json
import socket
import sys

import work


def baseline(path: str) -> None:
    """A length, and MessagePack behind it. Arrays come as bytes."""
    import msgpack
    import numpy as np

    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    pending = bytearray()
    while data := sock.recv(65_536):
        pending += data
        answers = []
        at = 0
        while len(pending) - at >= 4:
            end = at + 4 + int.from_bytes(pending[at : at + 4], "little")
            if len(pending) < end:
                break
            call_id, name, args = msgpack.unpackb(
                memoryview(pending)[at + 4 : end], max_bin_len=1 << 31
            )
            values = [np.frombuffer(arg) if isinstance(arg, bytes) else arg for arg in args]
            packed = msgpack.packb([call_id, getattr(work, name)(*values)])
            answers.append(len(packed).to_bytes(4, "little") + packed)
            at = end
        del pending[:at]
        if answers:
            sock.sendall(b"".join(answers))


def json_lines() -> None:
    """JSON in lines over standard streams; arrays as files that are mapped."""
    import numpy as np

    for line in sys.stdin:
        call_id, name, args = json.loads(line)
        values = [
            np.memmap(arg["file"], dtype="float64", mode="r") if isinstance(arg, dict) else arg
            for arg in args
        ]
        sys.stdout.write(json.dumps([call_id, getattr(work, name)(*values)]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "baseline":
        baseline(rest[0])
    elif kind == "json":
        json_lines()
