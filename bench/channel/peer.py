"""The Python side of each rival: `peer.py <kind> <address or sizes>`.

Each calls a function for every request.
"""

from __future__ import annotations

import json
import socket
import sys
from contextlib import suppress


def same(value: object) -> object:
    return value


def connected(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    return sock


def echo(path: str) -> None:
    """Bytes as they come: what a socket costs, and nothing else."""
    sock = connected(path)
    buffer = bytearray(65_536)
    view = memoryview(buffer)
    while length := sock.recv_into(buffer):
        sock.sendall(view[:length])


def baseline(path: str) -> None:
    """What one would write by hand: a length, and MessagePack behind it."""
    import msgpack

    sock = connected(path)
    pending = bytearray()
    while data := sock.recv(65_536):
        pending += data
        answers = []
        at = 0
        while len(pending) - at >= 4:
            end = at + 4 + int.from_bytes(pending[at : at + 4], "little")
            if len(pending) < end:
                break
            call_id, args = msgpack.unpackb(memoryview(pending)[at + 4 : end])
            packed = msgpack.packb([call_id, same(args)])
            answers.append(len(packed).to_bytes(4, "little") + packed)
            at = end
        del pending[:at]
        if answers:
            sock.sendall(b"".join(answers))


def json_lines() -> None:
    for line in sys.stdin:
        call_id, args = json.loads(line)
        sys.stdout.write(json.dumps([call_id, same(args)]) + "\n")
        sys.stdout.flush()


def zeromq(address: str) -> None:
    import zmq

    sock = zmq.Context().socket(zmq.PAIR)
    sock.connect(address)
    sock.send(b"")
    while message := sock.recv():
        sock.send(message)


def ring(size: int, spin_us: float, codec: str) -> None:
    """Records of rings at descriptor 3, with the doorbell at 4 and a socket at 5."""
    from amphis._internal.native import map_region, open_ring

    spin_ns = round(spin_us * 1_000)
    memory = map_region(3, 2 * size)
    requests = open_ring(memory, producer=False, offset=0, byte_length=size)
    answers = open_ring(memory, producer=True, offset=size, byte_length=size, doorbell=4)
    handle = packed if codec == "msgpack" else same
    target = bytearray(size)
    view = memoryview(target)
    exchange = answers.exchange
    requests.wait(liveness=5)
    record = requests.pop()
    while record:
        length = exchange(requests, handle(record), target, spin_ns=spin_ns, liveness=5)
        record = bytes(view[:length]) if isinstance(length, int) else None


def packed(record: bytes) -> bytes:
    import msgpack

    call_id, args = msgpack.unpackb(record)
    return msgpack.packb([call_id, same(args)])


def channel(address: str, spin_us: float) -> None:
    from amphis import AmphisError
    from amphis._internal.channel.connect import connect_channel
    from amphis._internal.channel.options import ChannelOptions

    options = ChannelOptions(spin_ns=round(spin_us * 1_000))
    with suppress(AmphisError), connect_channel(address, options) as opened:
        while (frame := opened.receive()) is not None:
            opened.send(frame)


def main() -> None:
    kind, *rest = sys.argv[1:]
    if kind == "echo":
        echo(rest[0])
    elif kind == "baseline":
        baseline(rest[0])
    elif kind == "json":
        json_lines()
    elif kind == "zeromq":
        zeromq(rest[0])
    elif kind == "ring":
        ring(int(rest[0]), float(rest[1]), rest[2])
    elif kind == "channel":
        channel(rest[0], float(rest[1]))


if __name__ == "__main__":
    main()
