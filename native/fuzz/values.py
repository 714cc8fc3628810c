"""Drives the MessagePack of the extension and the frames of its rings with inputs that are made up.

    python values.py SEED ROUNDS

AMPHIS_NATIVE names the folder of an extension that was built with the sanitizers. Whatever the
input, it gives what the codec in Python gives or leaves the input to that; it touches no memory
that is not its own, and keeps none.
"""

from __future__ import annotations

import gc
import random
import struct
import sys
import tracemalloc
from mmap import mmap
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "python" / "src"))

from amphis._internal.channel.plain import PLAIN_HEADS
from amphis._internal.codec.msgpack.codec import MsgpackCodec
from amphis._internal.errors import AmphisError
from amphis._internal.frame.header import FrameKind
from amphis._internal.native import Core, Missing, load_core
from amphis._internal.values import Attachment, Ext, Handle

CAPACITY = 4_096
SCALARS: list[object] = [None, True, False, 0, 1, -1, 127, 128, -32, -33, 255, 256, 2**16, 2**31]
SCALARS += [-(2**31), -(2**31) - 1, 2**32, 2**63, 2**64 - 1, -(2**63), 2**64, -(2**63) - 1, 1.5]
SCALARS += [float("nan"), -0.0, "", "a", "ü" * 20, "x" * 300, "\ud800", b"", b"x" * 300, 1j]
SCALARS += [Handle(1, "x"), Ext(5, b"abc"), object(), {1, "b"}, frozenset({(1,)}), bytearray(b"z")]


def made_up(random_: random.Random, depth: int = 0) -> object:
    """Any value, also one that is none."""
    kind = random_.randrange(8 if depth < 5 else 3)
    count = random_.choice((0, 1, 2, 3, 5, 17, 40)) if depth < 2 else random_.randrange(4)
    if kind < 3:
        return random_.choice(SCALARS)
    items = [made_up(random_, depth + 1) for _ in range(count)]
    if kind < 5:
        return items
    if kind == 5:
        return tuple(items)
    if kind == 6:
        return Attachment(1, "x", {str(index): item for index, item in enumerate(items)})
    return {random_.choice((index, str(index), 1.5, b"k", None)): item
            for index, item in enumerate(items)}  # fmt: skip


def spoiled(random_: random.Random, data: bytes) -> bytes:
    """With some bytes changed, taken out or put in."""
    changed = bytearray(data)
    for _ in range(random_.randrange(4)):
        at = random_.randrange(len(changed) + 1)
        changed[at : at + random_.randrange(3)] = random_.randbytes(random_.randrange(4))
    return (
        bytes(changed[: random_.randrange(len(changed) + 1)])
        if random_.random() < 0.2
        else bytes(changed)
    )


def outcome(act: Any, *given: object) -> object:
    """What it gives, or all that it says."""
    try:
        return repr(act(*given))
    except AmphisError as error:
        return error.code, error.message, repr(error.context)


class Fuzzer:
    """Two codecs and a ring."""

    def __init__(self, core: Core) -> None:
        self.fast = MsgpackCodec(128, core)
        self.slow = MsgpackCodec(128, Missing("the one to compare with"))
        memory = mmap(-1, 640 + CAPACITY)
        core.create_ring(memory, 0, CAPACITY)
        options: Any = {"offset": 0, "byte_length": -1, "doorbell": -1}
        self.producer = core.ring(memory, producer=True, **options)
        self.consumer = core.ring(memory, producer=False, **options)

    def round(self, random_: random.Random) -> None:
        value = made_up(random_)
        assert outcome(self.fast.encode, value) == outcome(self.slow.encode, value), repr(value)
        try:
            data = self.slow.encode(value)
        except AmphisError:
            data = random_.randbytes(random_.randrange(64))
        data = spoiled(random_, data)
        said = outcome(self.slow.decode_counted, data)
        assert outcome(self.fast.decode_counted, data) == said, data.hex()
        self.frames(random_, value, data)

    def frames(self, random_: random.Random, value: object, data: bytes) -> None:
        fast = self.fast.fast
        assert fast is not None
        body = b"\x94\xa3m:f\x91" + data + b"\x80\x80"
        record = struct.pack("<QQII", 0x1_0301_4D41, 7, len(body), 0) + body
        record = record if random_.random() < 0.5 else spoiled(random_, record)
        if self.producer.push_quietly(record[: CAPACITY - 8]):
            came = self.consumer.pop_call(fast, CAPACITY)
            assert came is not None
            assert type(came) is tuple or came == record[: CAPACITY - 8]
        word = PLAIN_HEADS[FrameKind.RESULT]
        pushed = self.producer.push_plain(
            fast, word, random_.getrandbits(54), [value], 2_000, 5_000
        )
        if pushed is True:
            frame = self.consumer.pop()
            assert frame is not None
            assert frame[24:] == self.slow.encode([value])


def held_after(fuzzer: Fuzzer, seed: int, rounds: int) -> int:
    """Bytes in use behind so many rounds."""
    random_ = random.Random(seed)
    for _ in range(rounds):
        fuzzer.round(random_)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def main() -> None:
    seed, rounds = int(sys.argv[1]), int(sys.argv[2])
    core = load_core()
    if not isinstance(core, Core):
        raise SystemExit(core.reason)
    fuzzer = Fuzzer(core)
    tracemalloc.start()
    held_after(fuzzer, seed, rounds)
    first, second = held_after(fuzzer, seed, rounds), held_after(fuzzer, seed, rounds)
    # A reference that is lost in one round in a hundred is more than that.
    assert second - first < 16 * rounds / 100 + 2_000, f"{second - first} bytes are kept"
    print(f"{rounds} rounds of seed {seed}")


if __name__ == "__main__":
    main()
