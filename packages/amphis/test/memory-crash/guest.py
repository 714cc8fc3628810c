"""A guest that does with memory what the host asks for, and looks at every byte that it gets.

`python guest.py <address> [busy]`; most guests are forked off a nursery instead, which costs less.
"""

from __future__ import annotations

import gc
import mmap
import os
import random
import signal
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from amphis._internal.bodies.call import CallBody, ResultBody
from amphis._internal.bodies.error import ErrorBody
from amphis._internal.channel import opening, regions
from amphis._internal.channel.channel import Channel
from amphis._internal.channel.connect import connect_channel
from amphis._internal.channel.options import ChannelOptions
from amphis._internal.errors import AmphisError
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.carrier import carry, open_attachment
from amphis._internal.memory.streams import ChunkStreams
from amphis._internal.values import Attachment
from hazard import Hazard
from pattern import Torn, verify, write

# As the host has it.
SPILL_BYTES = 60_000


class Work:
    """What a guest can be asked for. Memory is written and read as patterns of operations."""

    def __init__(
        self,
        channel: Channel,
        hazard: Hazard,
        history: list[dict[str, object]],
        kept: dict[int, memoryview],
    ) -> None:
        self._channel = channel
        self._step = hazard.step
        self._history = history
        self.kept = kept

    def check(self, operation: int, length: int, memory: memoryview) -> int:
        verify(memory, operation, length)
        return operation

    def mirror(self, operation: int, other: int, memory: memoryview) -> int:
        """Writes back, in place."""
        verify(memory, operation, len(memory))
        write(memory, other, self._step)
        return other

    def turn(self, operation: int, other: int, memory: memoryview) -> bytes:
        """Answers with as much, in the body of a frame."""
        verify(memory, operation, len(memory))
        made = bytearray(len(memory))
        write(memoryview(made), other, self._step)
        return bytes(made)

    def keep(self, operation: int, length: int, memory: memoryview) -> int:
        verify(memory, operation, length)
        self.kept[operation] = memory
        return operation

    def recheck(self) -> int:
        """What is kept is still what it was."""
        return verify_all(self.kept)

    def drop(self, operation: int) -> bool:
        return self.kept.pop(operation, None) is not None

    def make(self, operation: int, length: int, before: int = 0, after: int = 0) -> memoryview:
        """A part of new shared memory, named where it lies; ordinary memory where it is refused."""
        whole = self._allocate(before + length + after)
        part = whole[before : before + length]
        write(part, operation, self._step)
        return part

    def copy(self, operation: int, length: int) -> bytearray:
        made = bytearray(length)
        write(memoryview(made), operation, self._step)
        return made

    def hold(self, operation: int, length: int) -> int:
        """Asks for memory, and keeps it for itself."""
        self.kept[operation] = self.make(operation, length)
        return operation

    def history(self) -> list[object]:
        """How the sessions before this one went."""
        return list(self._history)

    def lay_pipe(self, path: str) -> None:
        os.mkfifo(path)

    def await_byte(self, path: str) -> int:
        """Answers when somebody writes into a pipe with a name."""
        with Path(path).open("rb") as pipe:
            return pipe.read(1)[0]

    def scribble(self, seed: int, rounds: int, targets: list[str]) -> int:
        """Writes anything anywhere that the host shares, beside what it does from here on."""
        arguments = (
            random.Random(seed),
            rounds,
            [each for kind in targets for each in mapped[kind]],
        )
        threading.Thread(target=scribble, args=arguments, daemon=True).start()
        return rounds

    def pull(self, reader: Any, writer: Any, first: int, length: int) -> int:
        """Reads chunks; each names the next operation."""
        del writer
        came = 0
        for chunk in reader:
            verify(chunk, first + came, length)
            came += 1
            self._step()
        return came

    def push(self, reader: Any, writer: Any, first: int, length: int, count: int) -> int:
        """Writes chunks, every other one in shared memory of its own."""
        del reader
        for number in range(count):
            make = self.make if number % 2 else self.copy
            writer.write(make(first + number, length))
        return count

    def _allocate(self, length: int) -> memoryview:
        memory = self._channel.memory
        if memory is not None:
            try:
                return memory.allocate(length).memory
            except AmphisError as error:
                if not str(error.code.value).startswith(("MEMORY_", "REQUEST_TIMEOUT")):  # type: ignore[union-attr]
                    raise
        return memoryview(bytearray(length))


def scribble(chance: random.Random, rounds: int, memories: list[mmap.mmap]) -> None:
    """In every other round, near the places where rings keep their positions."""
    for count in range(rounds):
        for memory in memories:
            start = chance.choice((0, len(memory) // 2)) if count % 2 else 0
            span = 640 if count % 2 else len(memory)
            at = start + chance.randrange(span - 64)
            piece = chance.randbytes(chance.choice((1, 4, 8, 64)))
            memory[at : at + len(piece)] = piece


mapped: dict[str, list[mmap.mmap]] = {"rings": [], "arenas": []}


def remember_mappings() -> None:
    """For `scribble`."""
    for module, kind in ((opening, "rings"), (regions, "arenas")):

        def remembered(*args: Any, map_region: Any = module.map_region, kind: str = kind) -> Any:
            memory = map_region(*args)
            mapped[kind].append(memory)
            return memory

        module.map_region = remembered  # type: ignore[attr-defined]


def answer(work: Work, streams: ChunkStreams, frame: Frame) -> tuple[Frame, object]:
    """The reply, and what must live until it was sent."""
    call = CallBody.decode(frame.body)
    function = getattr(work, call.function)
    if call.stream:
        window, *args = call.args
        reader, writer = streams.open(frame.call_id, window=window)
        with reader, writer:
            return Frame(FrameKind.RESULT, ResultBody(function(reader, writer, *args)).encode()), ()
    args = [
        open_attachment(frame.attachments[arg.index], arg, streams.memory)
        if isinstance(arg, Attachment)
        else arg
        for arg in call.args
    ]
    result = function(*args)
    if not isinstance(result, (bytearray, memoryview)):
        return Frame(FrameKind.RESULT, ResultBody(result).encode()), ()
    carried = carry(result, streams.memory)
    body = ResultBody(Attachment(0, carried.format, carried.meta)).encode()
    return Frame(FrameKind.RESULT, body, attachments=(carried.attachment,)), carried.keep


def serve(channel: Channel, work: Work) -> None:
    """Answer calls until the channel ends."""
    streams = ChunkStreams(channel)
    while (frame := streams.receive()) is not None:
        if frame.kind != FrameKind.CALL:
            continue
        keep: object = None
        try:
            reply, keep = answer(work, streams, frame)
        except Exception as error:  # noqa: BLE001 - whatever it is, the host is to see it
            reply = Frame(FrameKind.ERROR, ErrorBody(error).encode())
            error.__traceback__ = None
        call_id = frame.call_id
        frame = None
        streams.send(Frame(reply.kind, reply.body, call_id, attachments=reply.attachments))
        del reply, keep


def session(
    address: str, hazard: Hazard, history: list[dict[str, object]], *, outlives: bool = False
) -> dict[str, object]:
    """One connection from its beginning to its end, however that comes, and what it left here.

    Args:
        outlives: the host is to be killed, so that memory in use stays what it is
    """
    before = usage()
    record: dict[str, object] = {}
    kept: dict[int, memoryview] = {}
    try:
        attend(address, hazard, history, kept)
    except AmphisError as error:
        record["code"] = str(getattr(error.code, "value", error.code))
        error.__traceback__ = None
    except Exception as error:  # noqa: BLE001 - it is the finding
        record["untyped"] = repr(error)
        error.__traceback__ = None
    if outlives:
        try:
            verify_all(kept)
        except Torn as error:
            record["torn"] = repr(error)
            error.__traceback__ = None
    kept.clear()
    gc.collect()
    record["left"] = {what: count - before[what] for what, count in usage().items()}
    return record


def attend(
    address: str, hazard: Hazard, history: list[dict[str, object]], kept: dict[int, memoryview]
) -> None:
    """Connect, and serve until the end."""
    with connect_channel(address, ChannelOptions(spill_bytes=SPILL_BYTES)) as channel:
        serve(channel, Work(channel, hazard, history, kept))


def verify_all(kept: dict[int, memoryview]) -> int:
    """Look at all of it; says how much it is."""
    for operation, memory in kept.items():
        verify(memory, operation, len(memory))
    return len(kept)


def usage() -> dict[str, int]:
    """What this process has open and mapped."""
    maps = Path("/proc/self/maps").read_text("utf-8").splitlines()
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "mappings": sum("/memfd:" in line for line in maps),
    }


def main() -> None:
    if sys.argv[2:] == ["busy"]:
        with connect_channel(sys.argv[1]):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                pass
    session(sys.argv[1], Hazard(0), [])


if __name__ == "__main__":
    main()
