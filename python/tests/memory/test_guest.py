"""Shares are let go exactly once, whatever shows their memory and however that ends."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.memory.guest_process import GuestProcess
from tests.memory.host import ARENA, Host

from amphis import AmphisError
from amphis._internal.memory.guest import GuestMemory
from amphis._internal.memory.lender import Lender, Lent

TESTS = Path(__file__).parents[2]


def test_span_is_what_the_host_sees(host: Host, guest: GuestMemory) -> None:
    span = guest.allocate(100)
    span.memory[:] = bytes(range(100))
    assert bytes(host.accept(guest.refer(span))) == bytes(range(100))
    assert host.accept(guest.refer(span, byte_offset=10, byte_length=5)) == bytes(range(10, 15))


def test_reference_shows_what_the_host_wrote(host: Host, guest: GuestMemory) -> None:
    lent = host.place(b"written by the host")
    span = guest.accept(host.send(lent, offset=lent.offset + 8, byte_length=2))
    assert bytes(span.memory) == b"by"
    span.memory[:] = b"BY"
    assert host.memory[lent.offset : lent.offset + 19] == b"written BY the host"


def test_share_ends_with_the_span(host: Host, guest: GuestMemory) -> None:
    span = guest.allocate(64)
    assert host.shares == {1: 1}
    del span
    assert host.shares == {}


@pytest.mark.parametrize("depth", [1, 2, 10])
def test_views_that_outlive_the_span_keep_it_lent(
    host: Host, guest: GuestMemory, depth: int
) -> None:
    view = guest.allocate(64).memory
    for _ in range(depth):
        view = view[1:]
    view[0] = 9
    gc.collect()
    assert host.shares == {1: 1}
    del view
    assert host.shares == {}


def test_each_reference_of_one_generation_lets_one_share_go(host: Host, guest: GuestMemory) -> None:
    lent = host.place(b"x" * 64)
    spans = [guest.accept(host.send(lent)) for _ in range(5)]
    assert host.shares == {lent.generation: 5}
    del spans[2:]
    assert host.shares == {lent.generation: 2}
    spans.clear()
    assert host.shares == {}


def test_cycles_are_let_go_by_the_collector(host: Host, guest: GuestMemory) -> None:
    cycle: list[object] = [guest.allocate(64).memory]
    cycle.append(cycle)
    del cycle
    gc.collect()
    assert host.shares == {}


def test_exception_that_holds_a_view_lets_go_with_its_traceback(
    host: Host, guest: GuestMemory
) -> None:
    def fail() -> None:
        view = guest.allocate(64).memory
        raise ValueError(f"Cannot use {view.nbytes} bytes")

    try:
        fail()
    except ValueError:
        assert host.shares == {1: 1}
    assert host.shares == {}


def test_threads_that_allocate_and_drop_leave_nothing(host: Host, guest: GuestMemory) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for size in range(1, 300):
                span = guest.allocate(size)
                span.memory[0] = 1
                host.accept(guest.refer(span))
                del span
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (guest.figures().spans, guest.figures().allocated) == (0, 4 * 299)


def test_figures_say_what_there_is_and_was_refused(host: Host, guest: GuestMemory) -> None:
    kept = guest.allocate(100), guest.accept(host.send(host.place(b"y" * 50)))
    with pytest.raises(AmphisError):
        guest.allocate(1 << 40)
    with pytest.raises(AmphisError):
        guest.accept(b"\xc0")
    figures = guest.figures()
    assert (figures.spans, figures.bytes) == (2, 150)
    assert (figures.allocated, figures.accepted) == (1, 1)
    assert figures.refused == {"MEMORY_EXHAUSTED": 1, "BODY_INVALID": 1}
    del kept


@pytest.mark.parametrize("size", [0, -1])
def test_allocating_nothing_is_a_wrong_argument(guest: GuestMemory, size: int) -> None:
    with pytest.raises(ValueError, match="expected 1 or more"):
        guest.allocate(size)


@pytest.mark.parametrize(("offset", "length"), [(-1, 2), (0, 65), (60, 5), (65, 0), (5, -1)])
def test_bytes_outside_of_a_span_are_not_named(
    guest: GuestMemory, offset: int, length: int
) -> None:
    span = guest.allocate(64)
    with pytest.raises(ValueError, match="Cannot refer"):
        guest.refer(span, byte_offset=offset, byte_length=length)


def test_span_of_another_connection_is_not_named(guest: GuestMemory) -> None:
    with closing(Host()) as other:
        span = GuestMemory(other.lender()).allocate(64)
        with pytest.raises(ValueError, match="another connection"):
            guest.refer(span)


def test_place_in_memory_finds_the_span_that_has_all_of_it(guest: GuestMemory) -> None:
    first, second = guest.allocate(64), guest.allocate(64)
    start = second.share.address
    assert start == first.share.address + 64
    for address, length, found in (
        (start, 64, second),
        (start + 63, 1, second),
        (start - 1, 1, first),
        (start - 1, 2, None),
        (start + 1, 64, None),
        (start + 64, 1, None),
    ):
        span = guest.span_at(address, length)
        assert (span and span.share) is (found and found.share)


class _LyingLender:
    """A peer that says what it likes."""

    def __init__(self, inner: Lender, lie: Lent) -> None:
        self.key = inner.key
        self.holder = inner.holder
        self.released: list[int] = []
        self._inner = inner
        self._lie = lie

    def want(self, byte_length: int, timeout_s: float) -> Lent:
        del byte_length, timeout_s
        return self._lie

    def release(self, generation: int, byte_length: int = 0) -> None:
        del byte_length
        self.released.append(generation)

    def region(self, arena: int) -> memoryview:
        return self._inner.region(arena)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (Lent(ARENA, 5, 1 << 24, 64), "REFERENCE_OUT_OF_BOUNDS"),
        (Lent(ARENA, 5, (1 << 24) - 63, 64), "REFERENCE_OUT_OF_BOUNDS"),
        (Lent(ARENA, 5, -64, 64), "REFERENCE_OUT_OF_BOUNDS"),
        (Lent(ARENA, 5, 0, 63), "REFERENCE_OUT_OF_BOUNDS"),
        (Lent(ARENA, 5, 2**53, 2**53), "REFERENCE_OUT_OF_BOUNDS"),
        (Lent(9, 5, 0, 64), "REFERENCE_STALE"),
    ],
)
def test_lent_memory_outside_the_region_is_refused_and_let_go(
    host: Host, lie: Lent, code: str
) -> None:
    lender = _LyingLender(host.lender(), lie)
    with pytest.raises(AmphisError) as raised:
        GuestMemory(lender).allocate(64)
    assert raised.value.code == code
    assert lender.released == [5]


def test_process_that_is_killed_takes_only_itself_down(host: Host) -> None:
    other = GuestProcess(host)
    assert other.ask(act="keep", size=64) == {"kind": "kept"}
    with pytest.raises(EOFError):
        other.ask(act="crash")
    assert other.end()[0] == -signal.SIGABRT
    # A connection that ends takes its shares with it; the host of a channel does this.
    host.shares.clear()


def test_interpreter_that_ends_with_live_arrays_says_nothing(host: Host) -> None:
    other = GuestProcess(host)
    for size in (1, 64, 4_096):
        other.ask(act="keep", size=size)
    assert other.end() == (0, "")
    host.shares.clear()


def test_forked_child_neither_releases_nor_uses_what_the_parent_has(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import gc, os, sys
        sys.path.insert(0, {str(TESTS)!r})
        from tests.memory.host import Host
        from amphis import AmphisError
        from amphis._internal.memory.ambient import ambient, set_ambient
        from amphis._internal.memory.guest import GuestMemory

        host = Host()
        guest = GuestMemory(host.lender())
        set_ambient(guest)
        span = guest.allocate(64)
        view = guest.allocate(64).memory
        child = os.fork()
        if child == 0:
            codes = []
            for use in (lambda: guest.allocate(8), lambda: guest.refer(span),
                        lambda: guest.accept(b"")):
                try:
                    use()
                except AmphisError as error:
                    codes.append(error.code.value)
            del span, view
            gc.collect()
            assert codes == ["ARENA_CLOSED"] * 3, codes
            assert ambient() is None
            assert host.shares == {{1: 1, 2: 1}}, host.shares
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert ambient() is guest
        view[0] = 1
        del span, view
        assert host.shares == {{}} and host.wrongly_released == []
    """)
    file = tmp_path / "fork.py"
    file.write_text(program, "utf-8")
    ended = subprocess.run(  # noqa: S603 - a program of this test
        [sys.executable, str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
