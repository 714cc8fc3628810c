"""The same channel with the host that programs have: TypeScript, in a process of its own."""

from __future__ import annotations

import gc
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.shells import code_of
from tests.channel.host import WAIT

from amphis import AmphisError, Reference
from amphis._internal.channel import Channel, ChannelOptions, connect_channel
from amphis._internal.channel.memory_body import frame_in_memory
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import AttachmentKind, Frame, FrameAttachment
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.channel.conftest import Pairs

    from amphis._internal.native import Core, Missing

HERE = Path(__file__).parent
_BUILT = HERE.parents[2] / "packages/amphis/dist/transport/shared-memory/index.js"

GUEST = """
import sys
from amphis._internal.channel import connect_channel
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind

channel = connect_channel(sys.argv[1])
kept = [channel.memory.allocate(10_000) for _ in range(5)]
print("holds", flush=True)
while True:
    channel.send(Frame(FrameKind.EVENT, bytes(1 << 20)))
    channel.receive()
"""


class RealHost:
    def __init__(self, folder: Path, *options: str) -> None:
        node = shutil.which("node")
        if node is None or not _BUILT.exists():
            pytest.skip("the packages are not built, or there is no node")
        self.address = f"shm:{folder}/host"
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [node, str(HERE / "host.mjs"), self.address, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.line() == "listening"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> Any:  # noqa: ANN401 - what the program says
        """How the next guest ended."""
        return json.loads(self.line())

    def open(self, core: Core | Missing | None = None) -> Channel:
        return connect_channel(self.address, ChannelOptions(core=core))

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
        self.process.communicate(timeout=WAIT)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[RealHost]:
    one = RealHost(tmp_path)
    yield one
    one.close()


@pytest.fixture
def small_host(tmp_path: Path) -> Iterator[RealHost]:
    """Its rings hold 64 KiB."""
    one = RealHost(tmp_path, "65536")
    yield one
    one.close()


def event(body: bytes, *attachments: FrameAttachment) -> Frame:
    return Frame(FrameKind.EVENT, body, attachments=attachments)


def received(channel: Channel) -> Frame:
    frame = channel.receive(WAIT)
    assert frame is not None
    return frame


def test_frames_come_back_in_order(host: RealHost, core: Core | Missing) -> None:
    with host.open(core) as channel:
        for i in range(2_000):
            channel.send(event(b"%d" % i))
        assert [int(bytes(received(channel).body)) for _ in range(2_000)] == list(range(2_000))


def test_frames_of_8_mib_go_both_ways_through_64_kib(
    small_host: RealHost, core: Core | Missing
) -> None:
    with small_host.open(core) as channel:
        body = random.Random(3).randbytes(8 << 20)  # noqa: S311 - no secret
        for _ in range(3):
            channel.send(event(body))
        assert all(bytes(received(channel).body) == body for _ in range(3))


def test_memory_crosses_both_ways_and_goes_back(host: RealHost, core: Core | Missing) -> None:
    with host.open(core) as channel:
        memory = channel.memory
        assert memory is not None
        for size in (1, 1_000, 5_000_000):
            span = memory.allocate(size)
            data = random.Random(size).randbytes(size)  # noqa: S311 - no secret
            span.memory[:] = data
            attachment = FrameAttachment(AttachmentKind.REFERENCE, memory.refer(span))
            channel.send(event(b"", attachment))
            answer = memory.accept(received(channel).attachments[0].data)
            assert bytes(answer.memory) == data[::-1]
            del span, answer
        gc.collect()
        assert memory.figures().spans == 0
        channel.send(event(b"behind what was let go"))
        received(channel)
        channel.end()
        with pytest.raises(AmphisError) as caught:
            channel.receive(WAIT)
        assert code_of(caught) == "CONNECTION_CLOSED"
        assert channel.is_closed
    assert host.end() == {"reason": "peer", "shares": 0}


def test_threads_use_memory_and_frames_at_once(
    pairs: Pairs, small_host: RealHost, core: Core | Missing
) -> None:
    with small_host.open(core) as channel:
        memory = channel.memory
        assert memory is not None
        count = 100

        def work(size: int) -> None:
            for i in range(count):
                span = memory.allocate(size + i)
                span.memory[0] = i
                channel.send(event(bytes(size)))

        working = [pairs.threads.submit(work, size) for size in (10, 5_000, 70_000)]
        lengths = [len(received(channel).body) for _ in range(3 * count)]
        for one in working:
            one.result(WAIT)
        assert sorted(lengths) == [10] * count + [5_000] * count + [70_000] * count


def test_what_the_host_refuses_to_lend_is_its_error(host: RealHost) -> None:
    with host.open() as channel:
        memory = channel.memory
        assert memory is not None
        with pytest.raises(AmphisError) as caught:
            memory.allocate(1 << 50)
        assert code_of(caught) in ("MEMORY_EXHAUSTED", "MEMORY_QUOTA_EXCEEDED")
        assert memory.allocate(100).byte_length == 100


def test_a_killed_guest_has_nothing_any_more(host: RealHost) -> None:
    guest = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", GUEST, host.address], stdout=subprocess.PIPE, text=True
    )
    assert guest.stdout is not None
    assert guest.stdout.readline().strip() == "holds"
    guest.kill()
    guest.communicate()
    end = host.end()
    assert (end["reason"], end["shares"]) in (("peer", 0), ("failed", 0))
    with host.open() as channel:
        channel.send(event(b"others go on"))
        assert bytes(received(channel).body) == b"others go on"


def test_a_killed_host_is_one_error(pairs: Pairs, host: RealHost, core: Core | Missing) -> None:
    with host.open(core) as channel:
        waiting = pairs.threads.submit(channel.receive)
        host.process.kill()
        with pytest.raises(AmphisError) as caught:
            waiting.result(WAIT)
        assert code_of(caught) == "CONNECTION_CLOSED"


def test_a_stopped_host_is_waited_for_until_the_deadline(
    host: RealHost, core: Core | Missing
) -> None:
    with host.open(core) as channel:
        memory = channel.memory
        assert memory is not None
        host.process.send_signal(signal.SIGSTOP)
        with pytest.raises(AmphisError) as caught:
            memory.allocate(100, timeout_s=0.1)
        assert code_of(caught) == "REQUEST_TIMEOUT"
        with pytest.raises(AmphisError) as caught:
            channel.send(event(bytes(1 << 20)), timeout=0.1)
        assert code_of(caught) == "PEER_LOST"
        host.process.send_signal(signal.SIGCONT)
        assert host.end()["shares"] == 0


def test_the_host_of_typescript_needs_no_extension_in_python(
    host: RealHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a machine whose memory Python alone cannot keep in order.
    monkeypatch.setattr("amphis._internal.channel.opening.can_use_rings", lambda _: False)
    with host.open() as channel:
        assert channel.memory is None
        channel.send(event(b"over the socket"))
        assert bytes(received(channel).body) == b"over the socket"


FRAME = encode_frame(event(b"x" * 50_000))


def _named(channel: Channel, data: bytes, **changes: Any) -> bytes:  # noqa: ANN401 - fields of a reference
    """Memory of the host with these bytes, and the reference of it."""
    lender = channel.lender
    assert lender is not None
    lent = lender.want(len(data), WAIT)
    lender.region(lent.arena)[lent.offset : lent.offset + len(data)] = data
    right = Reference(
        arena=lent.arena,
        generation=lent.generation,
        offset=lent.offset,
        byte_length=len(data),
        holder=0,
        expires_at=0,
        descriptor={},
    )
    return replace(right, **changes).signed(lender.key).encode()


def _say(channel: Channel, reference: bytes) -> None:
    channel.carry(frame_in_memory(reference), time.monotonic() + WAIT)


def test_a_frame_in_memory_is_taken_by_the_host_with_the_share_of_it(host: RealHost) -> None:
    with host.open() as channel:
        reference = _named(channel, FRAME)
        _say(channel, reference)
        assert bytes(received(channel).body) == b"x" * 50_000
        # The memory is not the guest's any more.
        _say(channel, reference)
        with pytest.raises(AmphisError):
            channel.receive(WAIT)
    assert host.end() == {"reason": "failed", "code": "REFERENCE_STALE", "shares": 0}


@pytest.mark.parametrize(
    ("data", "changes", "code"),
    [
        (FRAME, {"generation": 4_000_000}, "REFERENCE_STALE"),
        (FRAME, {"arena": 9}, "REFERENCE_OUT_OF_BOUNDS"),
        (FRAME, {"offset": 1 << 50}, "REFERENCE_OUT_OF_BOUNDS"),
        (FRAME, {"byte_length": len(FRAME) + (1 << 20)}, "REFERENCE_OUT_OF_BOUNDS"),
        (FRAME, {"byte_length": 0}, "FRAME_INVALID"),
        (FRAME, {"byte_length": len(FRAME) - 1}, "FRAME_TRUNCATED"),
        (FRAME + FRAME, {}, "FRAME_INVALID"),
        (bytes(1_000), {}, "FRAME_INVALID"),
        (bytes(65 << 20), {}, "FRAME_TOO_LARGE"),
        (frame_in_memory(b""), {}, "FRAME_INVALID"),
        (encode_frame(Frame(FrameKind.PING, b"")), {}, "FRAME_INVALID"),
    ],
)
def test_a_guest_that_names_a_wrong_frame_ends_its_own_connection_only(
    host: RealHost, data: bytes, changes: dict[str, int], code: str
) -> None:
    with host.open() as other, host.open() as channel:
        _say(channel, _named(channel, data, **changes))
        with pytest.raises(AmphisError):
            channel.receive(WAIT)
        assert host.end() == {"reason": "failed", "code": code, "shares": 0}
        other.send(event(b"others go on"))
        assert bytes(received(other).body) == b"others go on"


def test_a_guest_that_forges_the_name_of_a_frame_ends_its_own_connection(host: RealHost) -> None:
    with host.open() as channel:
        reference = _named(channel, FRAME)
        _say(channel, reference[:-1] + bytes([reference[-1] ^ 1]))
        with pytest.raises(AmphisError):
            channel.receive(WAIT)
    assert host.end() == {"reason": "failed", "code": "REFERENCE_FORGED", "shares": 0}


def test_large_frames_go_through_memory_where_a_program_says_so(
    host: RealHost, core: Core | Missing
) -> None:
    with connect_channel(host.address, ChannelOptions(core=core, spill_bytes=1_000)) as channel:
        for size in (999, 1_000, 100_000, 3_000_000):
            channel.send(event(bytes(size)))
            assert received(channel).body == bytes(size)
        assert channel.memory is not None
        channel.end()
        with pytest.raises(AmphisError) as caught:
            channel.receive(WAIT)
        assert code_of(caught) == "CONNECTION_CLOSED"
    assert host.end() == {"reason": "peer", "shares": 0}
