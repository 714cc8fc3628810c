"""A bus over shared memory with memory that is lent: asked for by threads, and within a loop."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import TYPE_CHECKING

import pytest
from tests.bus.process import HubProcess
from tests.bus.shells import Shell, code_of, until
from tests.channel.relay import Relay

from amphis import AmphisError
from amphis._internal.memory.ambient import ambient
from amphis.bus import BusOptions, open_bus, open_bus_async

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from amphis._internal.memory.guest import GuestMemory


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    with HubProcess("small", f"unix:{tmp_path}/hub") as hub:
        one = Relay(tmp_path / "relay", hub.address)
        yield one
        one.close()


@pytest.fixture(params=["threads", "loop"])
def shell(request: pytest.FixtureRequest, relay: Relay) -> Iterator[Shell]:
    del relay
    one = Shell(request.param)
    yield one
    one.close()


def memory() -> GuestMemory:
    found = ambient()
    assert found is not None
    return found


def test_a_bus_works_over_shared_memory(shell: Shell, relay: Relay) -> None:
    bus = shell.open(relay.address)
    bus.register("double", lambda payload, _request: payload * 2)
    assert bus.request("double", b"ab" * 1_000_000) == b"ab" * 2_000_000
    assert [bus.request("double", i) for i in range(300)] == [2 * i for i in range(300)]


def test_memory_is_ambient_as_long_as_the_bus_is_connected(shell: Shell, relay: Relay) -> None:
    assert ambient() is None
    bus = shell.open(relay.address)
    span = memory().allocate(1_000)
    span.memory[:3] = b"yes"
    assert bytes(span.memory[:3]) == b"yes"
    bus.close()
    until(lambda: ambient() is None, "the end of the memory")


def test_handlers_ask_for_memory_and_let_go_of_it(shell: Shell, relay: Relay) -> None:
    bus = shell.open(relay.address)

    def blocking(payload: int, _request: object) -> int:
        return memory().allocate(payload).byte_length

    async def waiting(payload: int, _request: object) -> int:
        return memory().allocate(payload).byte_length

    bus.register("lend", waiting if shell.kind == "loop" else blocking, concurrency=8)
    assert [bus.request("lend", i) for i in range(1, 200)] == list(range(1, 200))
    gc.collect()
    until(lambda: len(relay.released) == 199, "the end of every share")
    assert set(relay.released.values()) == {1}


def test_a_little_memory_that_is_let_go_of_one_by_one_goes_together(
    shell: Shell, relay: Relay
) -> None:
    shell.open(relay.address)
    spans = [memory().allocate(1_000) for _ in range(50)]

    def let_go() -> None:
        while spans:
            spans.pop()

    async def let_go_in_loop() -> None:
        let_go()

    let_go() if shell.loop is None else shell.loop.run(let_go_in_loop())
    until(lambda: len(relay.released) == 50, "the end of every share")
    # One frame, unless a pause of the machine came between; never one for each.
    assert relay.releases < 25


def test_much_memory_that_is_let_go_of_is_told_at_once_and_a_little_with_the_next_frame(
    shell: Shell, relay: Relay
) -> None:
    bus = shell.open(relay.address)
    bus.register("echo", lambda payload, _request: payload)
    for round_ in range(1, 4):
        span, small = memory().allocate(2_000_000), memory().allocate(10)
        del span
        until(lambda: len(relay.released) >= 2 * round_ - 1, "the end of much")  # noqa: B023
        del small
        assert bus.request("echo", round_) == round_
        until(lambda: len(relay.released) == 2 * round_, "the end of a little")  # noqa: B023


def test_a_loop_that_waits_for_memory_loses_nothing_that_comes_meanwhile(relay: Relay) -> None:
    async def main() -> None:
        async with open_bus_async(relay.address) as bus:
            await bus.register("echo", lambda payload, _request: payload)
            asked = [asyncio.ensure_future(bus.request("echo", i)) for i in range(100)]
            for size in range(1, 30):
                assert memory().allocate(size).byte_length == size
                await asyncio.sleep(0)
            assert await asyncio.gather(*asked) == list(range(100))
            there = await asyncio.to_thread(lambda: memory().allocate(77))
            assert there.byte_length == 77

    asyncio.run(main())


def test_memory_that_nobody_lends_is_given_up_in_time(shell: Shell, relay: Relay) -> None:
    bus = shell.open(relay.address)
    relay.lends = False

    def ask() -> object:
        return memory().allocate(10, timeout_s=0.1)

    async def ask_in_loop() -> object:
        return ask()

    with pytest.raises(AmphisError) as caught:
        ask() if shell.loop is None else shell.loop.run(ask_in_loop())
    assert code_of(caught) == "REQUEST_TIMEOUT"
    bus.register("double", lambda payload, _request: payload * 2)
    assert bus.request("double", 4) == 8


def test_a_hub_that_refuses_rings_is_one_error(shell: Shell, tmp_path: Path) -> None:
    with HubProcess("small", f"unix:{tmp_path}/plain") as hub, pytest.raises(AmphisError) as caught:
        shell.open(f"shm:{hub.address.removeprefix('unix:')}", connect_timeout=0.5)
    assert code_of(caught) in ("FRAME_INVALID", "PEER_LOST", "CONNECTION_CLOSED")


def test_a_forked_child_leaves_the_rings_to_its_parent(relay: Relay) -> None:
    with open_bus(relay.address, options=BusOptions(timeout=20)) as bus:
        bus.register("double", lambda payload, _request: payload * 2)
        kept = memory().allocate(10)
        child = os.fork()
        if child == 0:
            del kept
            gc.collect()
            os._exit(0 if ambient() is None else 1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert bus.request("double", 4) == 8
        assert not relay.released
        del kept
        until(lambda: relay.released, "the end of the share")
