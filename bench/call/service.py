"""The rivals that are written by hand in Python: `service.py <kind> <address>`."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import work


def baseline(path: str) -> None:
    """A length, and MessagePack behind it. Arrays come as bytes."""
    import msgpack
    import numpy as np

    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    pending = bytearray()
    while data := sock.recv(1 << 20):
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


def fastapi(path: str) -> None:
    """A side-car as one writes it today: JSON for small values, the body for an array."""
    import numpy as np
    import uvicorn
    from fastapi import FastAPI, Request

    app = FastAPI()

    @app.post("/call")
    async def call(request: Request) -> object:
        name, args = await request.json()
        return getattr(work, name)(*args)

    @app.post("/array/{name}")
    async def array(name: str, request: Request) -> object:
        return getattr(work, name)(np.frombuffer(await request.body()))

    uvicorn.run(app, uds=path, log_level="error")


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "baseline":
        baseline(rest[0])
    elif kind == "json":
        json_lines()
    elif kind == "fastapi":
        sys.path.append(str(Path(rest[1])))
        fastapi(rest[0])
