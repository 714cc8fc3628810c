"""Functions and iterables of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.worker.program import function, iterable

from amphis import AmphisError, ErrorCode, Handle, encode_error, msgpack
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.program import Program


def thrown(text: str) -> AmphisError:
    origin = {"language": "javascript", "type": "RangeError", "traceback": "RangeError: x\n at y"}
    return AmphisError(ErrorCode.REMOTE_FAILURE, text, origin=origin)


def test_a_function_is_called_and_its_result_returned(each: Program) -> None:
    seen: list[Any] = []

    def call(method: str, *args: int) -> object:
        seen.append((method, args))
        return {"sum": sum(args)}

    each.functions[1] = call
    assert each.call("work:call", function(1), 1, 2) == {"sum": 3}
    assert seen == [("call", (1, 2))]


def test_named_arguments_travel_beside_the_others(each: Program) -> None:
    each.functions.clear()
    call_id = each.begin("work:call", function(1), 1, kwargs={"a": 2})
    frame = each.receive()
    assert msgpack().decode(frame.body) == [1, "call", [1], {"a": 2}]
    each.send(FrameKind.RESULT, [3], frame.call_id)
    assert each.answer(call_id) == 3


def test_a_function_travels_back_as_itself(each: Program) -> None:
    assert each.call("work:echo", [function(7), iterable(8)]) == [function(7), iterable(8)]


def test_a_handle_as_the_argument_of_a_callback_is_an_object_of_the_worker(each: Program) -> None:
    thing = each.call("work:Thing", 5)
    each.functions[1] = lambda _method, value: value
    assert isinstance(each.call("work:call", function(1), thing), Handle)
    # What the function returned was resolved, so it is the same object.
    assert each.call("work:call_and_compare", function(1), thing) is True


def test_an_error_of_the_function_is_raised_in_python(each: Program) -> None:
    def call(_method: str) -> None:
        raise thrown("out of range")

    each.functions[1] = call
    assert each.call("work:call_and_catch", function(1)) == [
        "REMOTE_FAILURE",
        "out of range",
        "RangeError: x\n at y",
        "RangeError",
        "out of range",
    ]


def test_an_error_of_the_function_that_is_not_caught_goes_back(each: Program) -> None:
    each.functions.clear()
    call_id = each.begin("work:call", function(1))
    frame = each.receive()
    each.send(FrameKind.ERROR, encode_error(thrown("out of range")), frame.call_id)
    error = each.failure(call_id)
    assert (error.code, error.context["callback"]) == ("CALLBACK_FAILED", frame.call_id)


@pytest.mark.parametrize("body", [None, [], 5])
def test_an_answer_of_another_shape_fails_the_callback(each: Program, body: object) -> None:
    for kind in (FrameKind.RESULT, FrameKind.ERROR):
        each.functions.clear()
        call_id = each.begin("work:call", function(1))
        each.send(kind, body, each.receive().call_id)
        assert each.failure(call_id).category in {"python", "protocol"}
    assert each.call("work:echo", 1) == 1


def test_an_answer_that_nobody_waits_for_is_ignored(each: Program) -> None:
    each.send(FrameKind.RESULT, [1], 12_345)
    each.send(FrameKind.ERROR, {}, 12_346)
    assert each.call("work:echo", 1) == 1


def test_an_argument_that_cannot_travel_fails_the_callback_alone(
    start: Callable[..., Program],
) -> None:
    worker = start(maxFrameBytes=100_000)
    error = worker.failure(worker.begin("work:call_with_too_much", function(1)))
    assert error.code == "FRAME_TOO_LARGE"
    assert worker.call("work:echo", 1) == 1


def test_nested_work_is_done_while_the_callback_waits(each: Program) -> None:
    def call(_method: str, depth: int) -> int:
        if depth == 0:
            return 0
        below: int = each.call("work:call", function(1), depth - 1, nested=True)
        return 1 + below

    each.functions[1] = call
    assert each.call("work:call", function(1), 5) == 5


def test_nested_programs_and_streams_are_done_too(each: Program) -> None:
    def call(_method: str) -> object:
        total = each.program(["name", "work:echo"], nested=True, result="handle")
        stream = each.begin("work:count_to", 2, stream=True, nested=True)
        each.credit(stream, 1)
        first = msgpack().decode(each.frame_of(stream).body)
        each.credit(stream, 2)
        second = msgpack().decode(each.frame_of(stream).body)
        assert each.frame_of(stream).kind is FrameKind.END
        return [isinstance(total, Handle), first, second]

    each.functions[1] = call
    assert each.call("work:call", function(1)) == [True, [0, 0], [1, 1]]


def test_what_is_not_nested_waits_for_its_turn(worker: Program) -> None:
    order: list[Any] = []
    later: list[int] = []

    def call(_method: str) -> object:
        later.append(worker.begin("work:note", "later"))
        order.extend(worker.call("work:take_events", nested=True))
        worker.call("work:note", "nested", nested=True)
        return "done"

    worker.functions[1] = call
    assert worker.call("work:call", function(1)) == "done"
    worker.answer(later[0])
    assert order == []
    assert worker.call("work:take_events") == ["nested", "later"]


def test_a_nested_coroutine_is_awaited_although_one_waits_already(each: Program) -> None:
    each.functions[1] = lambda _method: each.call("work:promised", 2, nested=True)
    assert each.call("work:call_in_loop", function(1)) == [0, 1]
    assert each.call("work:call_async", function(1)) == [0, 1]


def test_a_nested_call_that_fails_fails_alone(each: Program) -> None:
    each.functions[1] = lambda _method: each.failure(
        each.begin("work:fail", "nested", nested=True)
    ).context["text"]
    assert each.call("work:call", function(1)) == "nested"


def test_several_threads_of_a_call_may_call_at_once(each: Program) -> None:
    each.functions[1] = lambda _method, number: number * 2
    assert each.call("work:call_in_threads", function(1), 8) == [n * 2 for n in range(8)]


def test_threads_of_a_call_get_nested_work_done(each: Program) -> None:
    each.functions[1] = lambda _method, number: each.call("work:echo", number, nested=True)
    assert each.call("work:call_in_threads", function(1), 8) == list(range(8))


def test_a_thread_may_call_after_the_call_that_began_it(each: Program) -> None:
    seen: list[Any] = []
    each.functions[1] = lambda _method, text: seen.append(text)
    each.functions[2] = lambda _method: "begun"
    each.call("work:call_later", function(1), function(2))
    each.channel_until(lambda: seen == ["done"])
    assert each.call("work:take_events") == ["later begun"]


def test_callbacks_are_served_while_a_thread_of_a_call_computes(each: Program) -> None:
    each.functions[1] = lambda _method, number: number
    assert each.call("work:call_beside_computing", function(1), 50) == list(range(50))


def test_a_function_is_let_go_when_nobody_uses_it(own: Program) -> None:
    # Of a worker of its own: what tests before have used may be let go of late.
    own.call("work:keep", [function(31), function(31), iterable(32)])
    own.call("work:echo", 1)
    assert own.released == []
    own.call("work:drop")
    assert sorted(own.taken_releases(2)) == [31, 32]
    # It may come again.
    own.call("work:keep", function(31))
    own.call("work:drop")
    assert own.taken_releases(1) == [31]


def test_the_same_function_is_the_same_object_while_it_is_in_use(each: Program) -> None:
    assert each.call("work:same", function(41), function(41)) is True
    assert each.call("work:same", iterable(42), iterable(42)) is True
    assert each.call("work:same", function(43), function(44)) is False


def test_an_iterable_gives_its_items(each: Program) -> None:
    items = iter([1, [2], None])
    asked: list[str] = []

    def next_item(method: str) -> object:
        asked.append(method)
        for value in items:
            return {"done": False, "value": value}
        return {"done": True, "value": None}

    each.functions[1] = next_item
    assert each.call("work:take", iterable(1)) == [1, [2], None]
    assert asked == ["next"] * 4


def test_an_iterable_is_an_async_iterator_too(each: Program) -> None:
    items = iter([1, 2])

    def next_item(_method: str) -> object:
        for value in items:
            return {"done": False, "value": value}
        return {"done": True}

    each.functions[1] = next_item
    assert each.call("work:take_async", iterable(1)) == [1, 2]


def test_an_iterable_that_is_closed_is_told_so_once(each: Program) -> None:
    asked: list[str] = []

    def next_item(method: str) -> object:
        asked.append(method)
        return {"done": False, "value": 0} if method == "next" else None

    each.functions[1] = next_item
    assert each.call("work:take", iterable(1), 2) == [0, 0]
    assert asked == ["next", "next", "next", "return"]


def test_an_error_ends_an_iterable(each: Program) -> None:
    def next_item(_method: str) -> object:
        raise thrown("no items")

    each.functions[1] = next_item
    error = each.failure(each.begin("work:take", iterable(1)))
    assert error.code == "CALLBACK_FAILED"


def test_callbacks_work_over_rings(start: Callable[..., Program]) -> None:
    worker = start(rings=True)
    worker.functions[1] = lambda _method, number: worker.call("work:echo", number, nested=True)
    assert worker.call("work:call_many", function(1), 20) == list(range(20))
    assert worker.call("work:call_in_threads", function(1), 4) == list(range(4))
