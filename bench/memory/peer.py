"""The Python side of each way to hand arrays over: `peer.py <way> <address>`.

Touches both ends of what it gets.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable
from multiprocessing import shared_memory
from typing import Any

import numpy as np

# What is sent back is made before: making it is not what is measured.
made: dict[int, Any] = {}


def array_of(size: int) -> Any:
    if size not in made:
        made[size] = np.ones(size // 8)
    return made[size]


def touch(array: Any) -> float:
    return float(array[0] + array[-1])


def connected(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    return sock


def receive(sock: socket.socket, view: memoryview) -> bool:
    at = 0
    while at < len(view):
        length = sock.recv_into(view[at:])
        if length == 0:
            return False
        at += length
    return True


def raw(path: str) -> None:
    """A number, then so many bytes; or minus a number, which asks for as many."""
    sock = connected(path)
    head = bytearray(8)
    targets: dict[int, Any] = {}
    while receive(sock, memoryview(head)):
        size = int.from_bytes(head, "little", signed=True)
        if size < 0:
            sock.sendall(memoryview(array_of(-size)).cast("B"))
            continue
        target = targets.setdefault(size, np.empty(size // 8))
        receive(sock, memoryview(target).cast("B"))
        touch(target)
        sock.sendall(b"1")


def messagepack(path: str) -> None:
    import msgpack

    sock = connected(path)
    head = bytearray(8)
    while receive(sock, memoryview(head)):
        body = bytearray(int.from_bytes(head, "little"))
        receive(sock, memoryview(body))
        request = msgpack.unpackb(body, max_bin_len=2**31)
        if isinstance(request, int):
            packed = msgpack.packb(array_of(request).tobytes())
            sock.sendall(len(packed).to_bytes(8, "little") + packed)
        else:
            touch(np.frombuffer(request))
            sock.sendall((1).to_bytes(8, "little") + b"\xc0")


def files(path: str) -> None:
    """Files in memory, new for each array."""
    serve(
        path,
        to_python=lambda file, _size: touch(np.memmap(file, dtype="float64", mode="r")),
        from_python=lambda file, size: array_of(size).tofile(file),
    )


def segments(path: str) -> None:
    """Segments of `multiprocessing.shared_memory`, used again and again."""
    known: dict[str, shared_memory.SharedMemory] = {}

    def view(name: str, size: int) -> Any:
        if name not in known:
            known[name] = shared_memory.SharedMemory(name, create=True, size=size)
        return np.frombuffer(known[name].buf, count=size // 8)

    serve(
        path,
        to_python=lambda name, size: touch(view(name, size)),
        from_python=lambda name, size: np.copyto(view(name, size), array_of(size)),
    )
    for segment in known.values():
        segment.unlink()
    # Their views are alive, so they cannot be closed in order: the end of the process does it.
    shared_memory.SharedMemory.__del__ = lambda _: None  # type: ignore[method-assign]


def serve(
    path: str, to_python: Callable[[str, int], object], from_python: Callable[[str, int], object]
) -> None:
    sock = connected(path)
    for line in sock.makefile():
        what, name, size = json.loads(line)
        (to_python if what == "to" else from_python)(name, size)
        sock.sendall(b"1")


def channel(address: str) -> None:
    from amphis import memory
    from amphis._internal.bodies.call import CallBody, ResultBody
    from amphis._internal.channel.connect import connect_channel
    from amphis._internal.frame.frame import Frame
    from amphis._internal.frame.header import FrameKind
    from amphis._internal.memory.carrier import carry, open_attachment
    from amphis._internal.values import Attachment

    placed: dict[int, Any] = {}

    def shared(size: int) -> Any:
        """An array that was made in shared memory."""
        if size not in placed:
            placed[size] = memory.empty(size // 8)
            placed[size].fill(1)
        return placed[size]

    def copy_ns(size: int) -> int:
        source, target = array_of(size), np.ones(size // 8)
        start = time.perf_counter_ns()
        np.copyto(target, source)
        return time.perf_counter_ns() - start

    functions = {"touch": touch, "shared": shared, "ordinary": array_of, "copy_ns": copy_ns}
    with connect_channel(address) as opened:
        while (frame := next_frame(opened)) is not None:
            call = CallBody.decode(frame.body)
            [argument] = call.args
            if isinstance(argument, Attachment):
                attachment = frame.attachments[argument.index]
                argument = open_attachment(attachment, argument, opened.memory)
            result = functions[call.function](argument)
            if isinstance(result, np.ndarray):
                carried = carry(result, opened.memory)
                body = ResultBody(Attachment(0, carried.format, carried.meta)).encode()
                attachments = (carried.attachment,)
                opened.send(Frame(FrameKind.RESULT, body, frame.call_id, attachments=attachments))
                del carried
            else:
                opened.send(Frame(FrameKind.RESULT, ResultBody(result).encode(), frame.call_id))
            del frame, argument, result


def next_frame(opened: Any) -> Any:
    from amphis import AmphisError

    try:
        return opened.receive()
    except AmphisError:
        return None


def main() -> None:
    ways = {
        "raw": raw,
        "messagepack": messagepack,
        "files": files,
        "segments": segments,
        "channel": channel,
    }
    ways[sys.argv[1]](sys.argv[2])


if __name__ == "__main__":
    main()
