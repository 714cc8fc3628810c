"""No bytes of a peer lead to memory that was not lent, and none costs a share."""

from __future__ import annotations

import dataclasses
import gc
import time
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.memory.host import ARENA, HOLDER, Host

from amphis import AmphisError, Reference
from amphis._internal.memory.guest import GuestMemory

REGION = 1 << 24


def _refusal(guest: GuestMemory, data: bytes) -> str:
    with pytest.raises(AmphisError) as raised:
        guest.accept(data)
    code: str = getattr(raised.value.code, "value", raised.value.code)
    return code


Change = Callable[[Reference], Reference]

FORGED: dict[str, Change] = {
    "another arena": lambda named: dataclasses.replace(named, arena=4),
    "another generation": lambda named: dataclasses.replace(named, generation=99),
    "another offset": lambda named: dataclasses.replace(named, offset=64),
    "more bytes": lambda named: dataclasses.replace(named, byte_length=65),
    "another holder": lambda named: dataclasses.replace(named, holder=8),
    "a later end": lambda named: dataclasses.replace(named, expires_at=1),
    "another descriptor": lambda named: dataclasses.replace(named, descriptor={"once": 1}),
    "another token": lambda named: dataclasses.replace(named, token=bytes(32)),
    "another key": lambda named: named.signed(bytes(32)),
}


@pytest.mark.parametrize("change", [pytest.param(FORGED[name], id=name) for name in FORGED])
def test_changed_reference_is_forged_and_costs_no_share(
    host: Host, guest: GuestMemory, change: Change
) -> None:
    lent = host.place(b"x" * 64)
    kept = guest.accept(host.send(lent))
    named = Reference.decode(host.send(lent))
    assert _refusal(guest, change(named).encode()) == "REFERENCE_FORGED"
    assert host.shares == {lent.generation: 2}
    # The share that came with the reference is still there for the reference itself.
    del kept
    guest.accept(named.encode())


def test_reference_for_another_holder_is_refused_and_its_share_left_alone(
    host: Host, guest: GuestMemory
) -> None:
    lent = host.place(b"x" * 64)
    assert _refusal(guest, host.send(lent, holder=HOLDER + 1)) == "REFERENCE_HOLDER"
    # Its own references are for the host.
    span = guest.allocate(64)
    assert _refusal(guest, guest.refer(span)) == "REFERENCE_HOLDER"


def test_expired_reference_for_another_holder_costs_no_share(
    host: Host, guest: GuestMemory
) -> None:
    lent = host.place(b"x" * 64)
    assert _refusal(guest, host.send(lent, holder=9, expires_at=1)) == "REFERENCE_EXPIRED"


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, REGION + 1), (REGION, 1), (REGION - 1, 2), (2**53 - 1, 2**53 - 1), (2**53 - 1, 0)],
)
def test_authentic_reference_outside_the_region_is_refused_and_let_go(
    host: Host, guest: GuestMemory, offset: int, length: int
) -> None:
    lent = host.place(b"x" * 64)
    sent = host.send(lent, offset=offset, byte_length=length)
    assert _refusal(guest, sent) == "REFERENCE_OUT_OF_BOUNDS"


def test_authentic_references_that_are_refused_let_their_shares_go(
    host: Host, guest: GuestMemory
) -> None:
    lent = host.place(b"x" * 64)
    past = time.time_ns() // 1_000_000 - 1
    assert _refusal(guest, host.send(lent, expires_at=past)) == "REFERENCE_EXPIRED"
    assert _refusal(guest, host.send(lent, arena=ARENA + 1)) == "REFERENCE_STALE"
    once = {"once": 1}
    kept = guest.accept(host.send(lent, descriptor=once))
    assert _refusal(guest, host.send(lent, descriptor=once)) == "REFERENCE_REPLAYED"
    assert host.shares == {lent.generation: 1}
    assert guest.figures().refused == {
        "REFERENCE_EXPIRED": 1,
        "REFERENCE_STALE": 1,
        "REFERENCE_REPLAYED": 1,
    }
    del kept


def test_reference_to_no_bytes_is_fine(host: Host, guest: GuestMemory) -> None:
    lent = host.place(b"x" * 64)
    end = host.send(lent, offset=REGION, byte_length=0)
    assert guest.accept(end).memory.nbytes == 0


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_with_a_code(data: bytes) -> None:
    with closing(Host(1 << 16)) as host:
        guest = GuestMemory(host.lender())
        with pytest.raises(AmphisError):
            guest.accept(data)
        assert (host.shares, host.wrongly_released) == ({}, [])


@given(st.data())
def test_any_change_of_the_bytes_is_refused_or_means_the_same(data: st.DataObject) -> None:
    with closing(Host(1 << 16)) as host:
        guest = GuestMemory(host.lender())
        lent = host.place(b"x" * 64)
        sent = bytearray(host.send(lent))
        at = data.draw(st.integers(0, len(sent) - 1))
        sent[at] = data.draw(st.integers(0, 255))
        try:
            accepted = guest.accept(bytes(sent))
        except AmphisError:
            assert host.shares == {lent.generation: 1}
            return
        # Another way to write the same fields, for the token covers what they mean.
        assert bytes(accepted.memory) == b"x" * 64
        del accepted
        gc.collect()
        assert (host.shares, host.wrongly_released) == ({}, [])


fields = st.integers(0, 2**53 - 1)


@given(arena=st.integers(2, 4), generation=st.integers(0, 2**32 - 1), offset=fields, length=fields)
def test_whatever_the_host_signs_stays_inside_the_region(
    arena: int, generation: int, offset: int, length: int
) -> None:
    with closing(Host(1 << 16)) as host:
        guest = GuestMemory(host.lender())
        host.shares[generation] = 1
        signed = Reference(
            arena=arena, generation=generation, offset=offset, byte_length=length, holder=HOLDER
        ).signed(host.key)
        try:
            span = guest.accept(signed.encode())
        except AmphisError:
            assert arena != ARENA or offset + length > 1 << 16
        else:
            assert arena == ARENA
            assert len(span.memory) == length
            del span
        assert (host.shares, host.wrongly_released) == ({}, [])
