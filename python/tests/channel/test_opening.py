"""What hosts may say while a channel opens, and what becomes of it."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from tests.bus.shells import code_of, until
from tests.channel.conftest import descriptors
from tests.channel.host import HOLDER, KEY, Answer, doorbell, memory, send_with

from amphis import AmphisError
from amphis._internal.channel import ChannelOptions, connect_channel, open_inherited
from amphis._internal.frame.decode import FrameDecoder
from amphis._internal.frame.encode import encode_frame
from amphis._internal.frame.frame import Frame
from amphis._internal.frame.header import FrameKind
from amphis._internal.memory.ambient import ambient

if TYPE_CHECKING:
    from pathlib import Path

    from tests.channel.conftest import Pairs

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another magic": ({"magic": 0x48534D42}, "FRAME_INVALID"),
    "another version": ({"version": 2}, "FRAME_INVALID"),
    "an unknown mode": ({"mode": 2}, "FRAME_INVALID"),
    "something reserved": ({"reserved": 1}, "FRAME_INVALID"),
    "a capacity that is no power of two": ({"capacity": 65_544}, "FRAME_INVALID"),
    "a capacity of 64, behind which no ring can begin": ({"capacity": 64}, "FRAME_INVALID"),
    "a region that is too small for two rings": ({"region_bytes": 4_096}, "FRAME_INVALID"),
    "a region beyond all numbers": ({"region_bytes": 2**64 - 1}, "FRAME_INVALID"),
    "a key without a holder": ({"holder": 0}, "FRAME_INVALID"),
    "a holder without a key": ({"key": bytes(32)}, "FRAME_INVALID"),
    "a descriptor too few": ({"missing": 1}, "FRAME_INVALID"),
    "no descriptor": ({"missing": 3}, "FRAME_INVALID"),
    "a descriptor too many": ({"extra": 1}, "FRAME_INVALID"),
    "two hundred descriptors": ({"extra": 200}, "FRAME_INVALID"),
    "rings in socket mode": ({"mode": 0}, "FRAME_INVALID"),
    "memory that is not sealed": ({"is_sealed": False}, "MEMORY_REFUSED"),
    "memory without rings": ({"has_rings": False}, "RING_CORRUPT"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_no_host_gives_is_refused(pairs: Pairs, wrong: str) -> None:
    changes, code = WRONG[wrong]
    opening, host = pairs.begin()
    host.take_offer()
    host.answer(Answer(**changes))
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert code_of(caught) == code
    assert host.is_left()


def test_a_region_smaller_than_it_says_is_refused(pairs: Pairs) -> None:
    opening, host = pairs.begin()
    host.take_offer()
    (near, guest_rings), (guest_hears, far) = doorbell(), doorbell()
    small = [memory(4_096), guest_rings, guest_hears]
    send_with(host.sock, Answer().encode(), small)
    host.descriptors = [*small, near, far]
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert code_of(caught) == "MEMORY_REFUSED"


def test_descriptors_behind_the_first_byte_are_refused(pairs: Pairs) -> None:
    opening, host = pairs.begin()
    host.take_offer()
    data = Answer().encode()
    host.sock.send(data[:10])
    until(lambda: host.unread() == 0, "the first bytes being read")
    send_with(host.sock, data[10:], [host.sock.fileno()] * 3)
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert (code_of(caught), caught.value.field) == ("FRAME_INVALID", "descriptors")


def test_an_answer_of_another_protocol_is_refused_at_its_first_bytes(pairs: Pairs) -> None:
    opening, host = pairs.begin()
    host.take_offer()
    host.sock.send(b"HTTP/1.1 ")
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert (code_of(caught), caught.value.field) == ("FRAME_INVALID", "magic")


def test_an_answer_in_pieces_is_taken(pairs: Pairs) -> None:
    opening, host = pairs.begin()
    host.take_offer()
    answer = Answer()
    near, far = socket.socketpair()
    real, host.sock = host.sock, near
    host.answer(answer)
    far.close()
    near.close()
    host.sock = real
    send_with(real, answer.encode()[:1], host.sent)
    for at in range(1, 56):
        real.send(answer.encode()[at : at + 1])
    assert real.recv(1) == b"\1"
    with opening.result(20) as channel:
        host.send(Frame(FrameKind.EVENT, b"here"))
        frame = channel.receive(20)
        assert frame is not None
        assert bytes(frame.body) == b"here"


def test_a_host_that_ends_the_connection_is_noticed(pairs: Pairs) -> None:
    opening, host = pairs.begin()
    host.take_offer()
    host.close()
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert code_of(caught) == "CONNECTION_CLOSED"


@pytest.mark.parametrize("said", [0, 1, 55])
def test_a_silent_host_is_given_up(pairs: Pairs, said: int) -> None:
    opening, host = pairs.begin(opening_timeout=0.05)
    host.sock.send(Answer().encode()[:said] or b"") if said else None
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert code_of(caught) == "PEER_LOST"
    assert host.take_offer()
    host.close()


def test_key_and_holder_are_those_of_the_answer(pairs: Pairs) -> None:
    channel, _ = pairs.open()
    assert channel.lender is not None
    assert (channel.lender.key, channel.lender.holder) == (KEY, HOLDER)
    assert KEY.hex() not in repr(channel) + repr(channel.lender)


def test_a_host_without_memory_lends_none(pairs: Pairs) -> None:
    channel, host = pairs.open(Answer(holder=0, key=bytes(32)))
    assert (channel.lender, channel.memory, ambient()) == (None, None, None)
    host.send(Frame(FrameKind.EVENT, b"plain"))
    frame = channel.receive(20)
    assert frame is not None
    assert bytes(frame.body) == b"plain"
    host.say("lent", 1, 1, 1, 0, 10)
    with pytest.raises(AmphisError) as caught:
        channel.receive(20)
    assert (code_of(caught), caught.value.field) == ("FRAME_INVALID", "kind")


def test_the_host_may_choose_the_socket(pairs: Pairs) -> None:
    opening, host = pairs.begin()
    assert host.take_offer() == bytes.fromhex("414d534801020000")
    host.sock.send(Answer(mode=0, capacity=0, holder=0, key=bytes(32)).encode()[:16] + bytes(40))
    with opening.result(20) as channel:
        assert channel.lender is None
        assert channel.memory is None
        channel.send(Frame(FrameKind.EVENT, bytes(100_000)))
        got = FrameDecoder().feed(host.sock.recv(100_024, socket.MSG_WAITALL))
        assert len(got[0].body) == 100_000
        host.sock.send(encode_frame(Frame(FrameKind.EVENT, b"answer")))
        frame = channel.receive(20)
        assert frame is not None
        assert bytes(frame.body) == b"answer"
        assert channel.receive(0) is None
        channel.end()
        assert host.sock.recv(1) == b""
        host.sock.shutdown(socket.SHUT_WR)
        with pytest.raises(AmphisError) as caught:
            channel.receive(20)
        assert code_of(caught) == "CONNECTION_CLOSED"


def test_a_process_that_cannot_use_rings_offers_none(
    pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amphis._internal.channel.opening.sys.platform", "darwin")
    opening, host = pairs.begin()
    assert host.take_offer() == bytes.fromhex("414d534801000000")
    monkeypatch.undo()
    host.sock.send(Answer(mode=0, capacity=0, holder=0, key=bytes(32)).encode()[:16] + bytes(40))
    with opening.result(20) as channel:
        assert channel.lender is None


def test_rings_that_were_not_asked_for_are_refused(
    pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amphis._internal.channel.opening.sys.platform", "darwin")
    opening, host = pairs.begin()
    host.take_offer()
    monkeypatch.undo()
    host.answer(Answer())
    with pytest.raises(AmphisError) as caught:
        opening.result(20)
    assert code_of(caught) == "FRAME_INVALID"


def test_a_descriptor_that_is_no_unix_stream_is_refused() -> None:
    before = descriptors()
    with pytest.raises(AmphisError) as caught:
        open_inherited(memory_socket())
    assert code_of(caught) == "CONNECT_FAILED"
    with pytest.raises(AmphisError) as caught:
        open_inherited(1 << 20)
    assert code_of(caught) == "CONNECT_FAILED"
    assert descriptors() == before


def memory_socket() -> int:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).detach()


def test_an_inherited_descriptor_is_not_handed_on(pairs: Pairs) -> None:
    near, far = socket.socketpair()
    near.set_inheritable(True)
    number = near.detach()
    opening = pairs.threads.submit(open_inherited, number, ChannelOptions(core=pairs.core))
    from tests.channel.host import Host  # noqa: PLC0415 - used once

    host = Host(far, pairs.core).open()
    with opening.result(20):
        assert not os.get_inheritable(number)
    host.close()


def test_an_address_where_nobody_listens_is_refused(tmp_path: Path) -> None:
    for address in (f"shm:{tmp_path}/none", f"unix:{tmp_path}/none"):
        with pytest.raises(AmphisError) as caught:
            connect_channel(address)
        expected = "CONNECT_FAILED" if address.startswith("shm:") else "ADDRESS_INVALID"
        assert code_of(caught) == expected
