"""Answers that go item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.worker.program import function, step

from amphis import AmphisError, decode_error, msgpack
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from tests.worker.program import Program

_CODEC = msgpack()


def items(worker: Program, call_id: int, count: int) -> list[Any]:
    """So many items; their sequence is what it should be."""
    taken = []
    for _ in range(count):
        frame = worker.frame_of(call_id)
        assert frame.kind is FrameKind.ITEM
        taken.append(_CODEC.decode(frame.body))
    return taken


def end(worker: Program, call_id: int) -> int:
    frame = worker.frame_of(call_id)
    assert frame.kind is FrameKind.END
    count: Any = _CODEC.decode(frame.body)
    return int(count[0])


def failure(worker: Program, call_id: int) -> AmphisError:
    frame = worker.frame_of(call_id)
    assert frame.kind is FrameKind.ERROR
    return decode_error(_CODEC.decode(frame.body))


@pytest.mark.parametrize("source", ["work:count_to", "work:count_async", "work:promised"])
def test_items_come_for_credit_and_then_the_end(each: Program, source: str) -> None:
    stream = each.begin(source, 5, stream=True)
    each.credit(stream, 2)
    assert items(each, stream, 2) == [[0, 0], [1, 1]]
    each.credit(stream, 100)
    assert items(each, stream, 3) == [[2, 2], [3, 3], [4, 4]]
    assert end(each, stream) == 5
    # It is over, and nothing comes of more credit.
    each.credit(stream, 1)
    assert each.call("work:echo", 1) == 1


def test_nothing_is_made_without_credit(each: Program) -> None:
    stream = each.begin("work:count_to", 5, stream=True)
    assert each.call("work:take_events") == []
    each.credit(stream, 1)
    assert items(each, stream, 1) == [[0, 0]]
    assert each.call("work:take_events") == ["made 0"]


def test_a_program_can_be_answered_by_a_stream(each: Program) -> None:
    stream = each.begin_program(["name", "work:count_to"], ["call", step(0), [2], {}], stream=True)
    each.credit(stream, 3)
    assert items(each, stream, 2) == [[0, 0], [1, 1]]
    assert end(each, stream) == 2


def test_other_calls_are_done_while_streams_are_open(each: Program) -> None:
    streams = [each.begin("work:count_to", 3, stream=True) for _ in range(50)]
    assert each.call("work:echo", 1) == 1
    for stream in streams:
        each.credit(stream, 4)
    for stream in streams:
        assert items(each, stream, 3) == [[0, 0], [1, 1], [2, 2]]
        assert end(each, stream) == 3


def test_an_error_ends_the_stream(each: Program) -> None:
    stream = each.begin("work:fail_at", 2, stream=True)
    each.credit(stream, 10)
    assert items(each, stream, 2) == [[0, 0], [1, 1]]
    error = failure(each, stream)
    assert (error.context["type"], error.context["text"]) == ("ValueError", "no more")


def test_what_is_no_iterable_cannot_be_streamed(each: Program) -> None:
    assert failure(each, each.begin("work:echo", 5, stream=True)).code == "STREAM_UNEXPECTED"


def test_an_item_that_cannot_travel_ends_the_stream(each: Program) -> None:
    thing = each.call("work:Thing", 1)
    stream = each.begin("work:of_items", 0, thing, 2, stream=True, result="value")
    each.credit(stream, 3)
    assert items(each, stream, 1) == [[0, 0]]
    assert failure(each, stream).code == "VALUE_UNSUPPORTED"


@pytest.mark.parametrize(
    ("source", "said"), [("work:count_to", "closed"), ("work:count_async", "closed async")]
)
def test_cancel_closes_a_generator_that_waits_for_credit(
    each: Program, source: str, said: str
) -> None:
    stream = each.begin(source, 5, stream=True)
    each.credit(stream, 1)
    items(each, stream, 1)
    each.cancel(stream)
    assert failure(each, stream).code == "REQUEST_CANCELLED"
    assert said in each.call("work:take_events")


def test_cancel_breaks_off_a_generator_that_runs(each: Program) -> None:
    began: list[str] = []
    each.functions[1] = began.append
    stream = each.begin("work:endless", function(1), stream=True)
    each.credit(stream, 2)
    items(each, stream, 1)
    each.channel_until(lambda: bool(began))
    each.cancel(stream, "REQUEST_TIMEOUT")
    assert failure(each, stream).code == "REQUEST_TIMEOUT"
    assert each.call("work:echo", 1) == 1


def test_a_generator_may_call_functions_of_the_program(each: Program) -> None:
    each.functions[1] = lambda _method, number: number * 10
    stream = each.begin("work:calling", function(1), 3, stream=True)
    each.credit(stream, 4)
    assert items(each, stream, 3) == [[0, 0], [1, 10], [2, 20]]
    assert end(each, stream) == 3


@pytest.mark.parametrize("body", [None, [], [0], [-1], [2**31], ["1"], [True]])
def test_credit_of_another_shape_is_ignored_and_logged(each: Program, body: object) -> None:
    stream = each.begin("work:count_to", 1, stream=True)
    each.credit(stream, 1)
    items(each, stream, 1)
    each.send(FrameKind.CREDIT, body, stream)
    assert each.log("kind credit was ignored")["level"] == "warning"
    each.credit(stream, 1)
    assert end(each, stream) == 1


def test_the_trace_context_of_a_stream_is_there_for_each_item(each: Program) -> None:
    stream = each.begin("builtins:iter", [1, 2], stream=True, traceparent="00-a-b-01")
    each.credit(stream, 3)
    assert items(each, stream, 2) == [[0, 1], [1, 2]]
    assert end(each, stream) == 2
    assert each.call("work:trace") is None
