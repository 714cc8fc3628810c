"""Calls that are broken off, and nothing else that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.worker.program import function

from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.program import Program


def begin(worker: Program, name: str) -> int:
    """Begin a call, and wait until it says that it runs."""
    began: list[str] = []
    worker.functions[1] = began.append
    call_id = worker.begin(name, function(1))
    worker.channel_until(lambda: bool(began))
    return call_id


@pytest.mark.parametrize("code", ["REQUEST_CANCELLED", "REQUEST_TIMEOUT"])
def test_a_call_that_computes_is_broken_off(each: Program, code: str) -> None:
    call_id = begin(each, "work:spin")
    each.cancel(call_id, code)
    error = each.failure(call_id)
    assert (error.code, error.context["reason"]) == (code, "not wanted")
    assert each.call("work:echo", 1) == 1


@pytest.mark.parametrize("profile", ["process", "asyncio"])
@pytest.mark.parametrize("name", ["work:sleep", "work:read"])
def test_the_main_thread_is_woken_from_a_sleep_or_a_read(
    start: Callable[..., Program], name: str, profile: str
) -> None:
    worker = start(profile=profile)
    call_id = begin(worker, name)
    worker.cancel(call_id)
    assert worker.failure(call_id).code == "REQUEST_CANCELLED"
    assert worker.call("work:echo", 1) == 1


@pytest.mark.parametrize("name", ["work:sleep_async", "work:spin_async"])
def test_a_coroutine_is_broken_off_whether_it_waits_or_computes(
    start: Callable[..., Program], name: str
) -> None:
    for profile in ("process", "asyncio"):
        worker = start(profile=profile)
        call_id = begin(worker, name)
        worker.cancel(call_id)
        assert worker.failure(call_id).code == "REQUEST_CANCELLED"
        assert worker.call("work:promised", 2) == [0, 1]


def test_a_coroutine_that_waits_in_a_thread_is_cancelled(start: Callable[..., Program]) -> None:
    worker = start(profile="thread", threads=1)
    call_id = begin(worker, "work:sleep_async")
    worker.cancel(call_id)
    assert worker.failure(call_id).code == "REQUEST_CANCELLED"
    assert "async cancelled" in worker.call("work:take_events")


def test_the_call_can_clean_up(start: Callable[..., Program]) -> None:
    worker = start()
    call_id = begin(worker, "work:clean_up")
    worker.cancel(call_id)
    assert worker.failure(call_id).code == "REQUEST_CANCELLED"
    assert worker.call("work:take_events") == ["cancelled: not wanted", "cleaned up"]


def test_a_call_that_ends_otherwise_is_answered_so(each: Program) -> None:
    call_id = begin(each, "work:refuse_to_end")
    each.cancel(call_id)
    assert each.answer(call_id) == "still here"
    call_id = begin(each, "work:turn_into_error")
    each.cancel(call_id)
    assert each.failure(call_id).context["text"] == "not so"


def test_a_call_that_waits_is_not_begun(start: Callable[..., Program]) -> None:
    for profile, threads in (("process", 0), ("thread", 1), ("asyncio", 1)):
        worker = start(profile=profile, threads=threads)
        gate = "work:sleep_async" if profile == "asyncio" else "work:spin"
        running = begin(worker, gate)
        waiting = worker.begin("work:note", "begun")
        worker.cancel(waiting)
        worker.ping()
        worker.cancel(running)
        assert worker.failure(waiting).code == "REQUEST_CANCELLED"
        assert worker.failure(running).code == "REQUEST_CANCELLED"
        assert "begun" not in worker.call("work:take_events")


def test_a_call_that_was_cancelled_before_it_came_is_not_begun(each: Program) -> None:
    each.cancel(900_000)
    each.ping()
    each.send(FrameKind.CALL, ["work:note", ["begun"], {}, {}], 900_000)
    assert each.failure(900_000).code == "REQUEST_CANCELLED"
    assert each.call("work:take_events") == []


def test_a_call_that_waits_for_a_callback_is_broken_off(each: Program) -> None:
    each.functions.clear()
    call_id = each.begin("work:call", function(1))
    frame = each.receive()
    assert frame.kind is FrameKind.CALLBACK
    each.cancel(call_id)
    assert each.failure(call_id).code == "REQUEST_CANCELLED"
    # Nobody waits for this answer any more.
    each.send(FrameKind.RESULT, [1], frame.call_id)
    assert each.call("work:echo", 1) == 1


def test_cancel_hits_no_other_call_however_late_it_comes(each: Program) -> None:
    """Many calls that are cancelled just when they end: each has its own answer, once."""
    codes = set()
    for number in range(400):
        call_id = each.begin("work:echo", number)
        following = each.begin("work:echo", -number)
        each.cancel(call_id)
        try:
            assert each.answer(call_id) == number
        except Exception as error:  # noqa: BLE001 - it is looked at
            codes.add(getattr(error, "code", repr(error)))
        assert each.answer(following) == -number
    assert codes <= {"REQUEST_CANCELLED"}


def test_cancel_at_the_end_of_longer_calls_hits_neither_the_worker_nor_the_next(
    each: Program,
) -> None:
    for number in range(150):
        call_id = each.begin("builtins:sum", list(range(number * 20)))
        following = each.begin("builtins:sorted", list(range(500)))
        each.ping()
        each.cancel(call_id)
        frame = each.frame_of(call_id)
        assert frame.kind in {FrameKind.RESULT, FrameKind.ERROR}
        assert len(each.answer(following)) == 500


def test_cancel_of_calls_that_there_never_were_costs_nothing(each: Program) -> None:
    for number in range(6_000):
        each.cancel(1_000_000 + number)
    each.ping()
    assert each.call("work:echo", 1) == 1


@pytest.mark.parametrize(
    "body", [None, [], ["reason"], [1, "REQUEST_CANCELLED"], ["reason", "WORKER_CRASHED"]]
)
def test_a_cancel_of_another_shape_is_ignored_and_logged(each: Program, body: object) -> None:
    each.say(FrameKind.CANCEL, body, 5)
    assert each.log("kind cancel was ignored")["level"] == "warning"
    assert each.call("work:echo", 1) == 1


def test_printing_is_not_broken_off_in_the_middle(each: Program) -> None:
    for _ in range(30):
        began: list[str] = []
        each.functions[1] = began.append
        call_id = each.begin("work:print_for_ever", function(1))
        each.channel_until(lambda seen=began: bool(seen))  # type: ignore[misc]
        each.cancel(call_id)
        assert each.failure(call_id).code == "REQUEST_CANCELLED"
        # The control line is sound.
        each.ping()
        each.logs.clear()


def test_an_import_by_name_goes_on_to_its_end_and_its_call_ends_there(each: Program) -> None:
    each.call("work:held.append", function(1))
    calls: list[int] = []

    def cancel(*_: object) -> None:
        each.cancel(calls[0])
        # Answered behind it, by the same thread.
        each.ping()

    each.functions[1] = cancel
    calls.append(each.begin("work_that_asks:echo", 1))
    assert each.failure(calls[0]).code == "REQUEST_CANCELLED"
    assert each.call("work_that_asks:echo", 2) == 2
    assert each.call("work:events.count", "imported") == 1
