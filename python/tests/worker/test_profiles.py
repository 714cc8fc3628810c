"""How many calls are under way at a time, and where they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.worker.program import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.program import Program


def test_a_process_does_one_call_after_the_other_in_the_main_thread(worker: Program) -> None:
    assert worker.call("work:thread_name") == "MainThread"
    begun = [worker.begin("work:note", str(number)) for number in range(30)]
    assert [worker.answer(one) for one in begun] == list(range(1, 31))
    assert worker.call("work:take_events") == [str(number) for number in range(30)]


def test_threads_do_calls_at_the_same_time(start: Callable[..., Program]) -> None:
    worker = start(profile="thread", threads=3)
    waiting = [worker.begin("work:wait_for_gate") for _ in range(2)]
    assert worker.call("work:thread_name").startswith("amphis-")
    worker.call("work:open_gate")
    assert [worker.answer(one) for one in waiting] == [True, True]


def test_coroutines_are_under_way_at_the_same_time(start: Callable[..., Program]) -> None:
    worker = start(profile="asyncio")
    waiting = [worker.begin("work:wait_for_opened") for _ in range(100)]
    assert worker.call("work:thread_name") == "MainThread"
    worker.call("work:open_opened")
    assert [worker.answer(one) for one in waiting] == [True] * 100


def test_no_more_coroutines_are_begun_than_the_limit(start: Callable[..., Program]) -> None:
    worker = start(profile="asyncio", threads=2)
    waiting = [worker.begin("work:wait_for_opened") for _ in range(2)]
    third = worker.begin("work:note", "third")
    worker.ping()
    for one in waiting:
        worker.cancel(one)
        worker.failure(one)
    assert worker.answer(third) == 1


def test_what_is_nested_is_begun_beyond_the_limit(start: Callable[..., Program]) -> None:
    for profile in ("thread", "asyncio"):
        worker = start(profile=profile, threads=1)
        worker.functions[1] = lambda _method, it=worker: it.call("work:promised", 1, nested=True)
        assert worker.call("work:call_async", function(1)) == [0]


def test_cancel_reaches_one_of_several_calls(start: Callable[..., Program]) -> None:
    for profile in ("thread", "asyncio"):
        worker = start(profile=profile, threads=4)
        began: list[str] = []
        worker.functions[1] = began.append
        calls = [worker.begin("work:sleep_async", function(1)) for _ in range(3)]
        worker.channel_until(lambda seen=began: len(seen) == 3)  # type: ignore[misc]
        worker.cancel(calls[1])
        assert worker.failure(calls[1]).code == "REQUEST_CANCELLED"
        for one in (calls[0], calls[2]):
            worker.cancel(one, "REQUEST_TIMEOUT")
            assert worker.failure(one).code == "REQUEST_TIMEOUT"


def test_a_cancel_that_a_finalizer_swallows_is_raised_again(start: Callable[..., Program]) -> None:
    for profile in ("process", "thread", "asyncio"):
        worker = start(profile=profile, threads=1)
        began: list[str] = []
        worker.functions[1] = began.append
        call_id = worker.begin("work:spin_in_finalizer", function(1))
        worker.channel_until(lambda seen=began: bool(seen))  # type: ignore[misc]
        worker.cancel(call_id)
        assert worker.failure(call_id).code == "REQUEST_CANCELLED"
        assert worker.call("work:echo", 1) == 1
