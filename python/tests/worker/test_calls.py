"""Calls by name, their results, and their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from amphis import Frame, Handle, msgpack
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.program import Program

VALUES: list[Any] = [None, True, 0, -1, 2**60, 1.5, "", "é😀", b"\0", [], [1, [2]], {"a": {}}, (1,)]


def test_a_call_returns_what_the_function_returns(each: Program) -> None:
    assert each.call("math:sqrt", 16.0) == 4.0
    assert [each.call("work:echo", value) for value in VALUES] == VALUES


def test_named_arguments_reach_the_function(each: Program) -> None:
    assert each.call("work:named", kwargs={"a": 1, "b": [2]}) == {"a": 1, "b": [2]}


def test_a_call_works_over_rings(start: Callable[..., Program]) -> None:
    worker = start(rings=True)
    assert [worker.call("work:echo", value) for value in VALUES] == VALUES


def test_attributes_of_attributes_and_modules_within_packages_are_found(each: Program) -> None:
    assert each.call("datetime:datetime.fromtimestamp.__name__.upper") == "FROMTIMESTAMP"
    assert each.call("os:path.basename", "a/b") == "b"
    # Not imported by `import xml`.
    assert each.call("xml:sax.saxutils.escape", "<") == "&lt;"


def test_a_name_means_what_is_bound_to_it_now(own: Program) -> None:
    assert own.call("work:bound") == "old"
    own.call("work:rebind")
    assert own.call("work:bound") == "new"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("no_such_module:x", "python"),
        ("math:sqrtt", "python"),
        ("math.sqrt", "python"),
        ("", "protocol"),
        (":sqrt", "protocol"),
        ("math:", "protocol"),
        ("math:a b", "protocol"),
        ("os:path..join", "protocol"),
    ],
)
def test_a_name_that_names_nothing_fails(worker: Program, name: str, category: str) -> None:
    assert worker.failure(worker.begin(name)).category == category
    assert worker.call("math:sqrt", 4.0) == 2.0


def test_an_exception_comes_with_its_text_and_the_call(each: Program) -> None:
    error = each.failure(each.begin("work:fail", "it broke"))
    assert (error.code, error.context["type"], error.context["text"]) == (
        "PYTHON_ERROR",
        "ValueError",
        "it broke",
    )
    assert error.context["call"] == "work:fail"
    trace: Any = error.context["traceback"]
    # The worker's own frames are not shown.
    assert [frame["function"] for frame in trace] == ["fail"]


@pytest.mark.parametrize("function", ["work:leave", "work:stop_iteration"])
def test_what_is_no_ordinary_exception_fails_the_call_alone(each: Program, function: str) -> None:
    args = [3] if function == "work:leave" else []
    error = each.failure(each.begin(function, *args))
    assert error.context["type"] in {"SystemExit", "StopIteration", "RuntimeError"}
    assert each.call("work:echo", 1) == 1


def test_a_handle_names_the_object_until_it_is_let_go(each: Program) -> None:
    before = each.call("work:alive")
    handle = each.call("work:Thing", 5)
    assert isinstance(handle, Handle)
    assert handle.type == "work.Thing"
    assert each.call("builtins:getattr", handle, "value") == 5
    again = each.call("work:echo", handle)
    assert again.id != handle.id
    each.send(FrameKind.RELEASE, [[handle.id, 999_999]])
    assert each.call("builtins:getattr", again, "value") == 5
    assert each.failure(each.begin("work:echo", handle)).code == "HANDLE_GONE"
    each.send(FrameKind.RELEASE, [[again.id, again.id]])
    assert each.failure(each.begin("work:echo", again)).code == "HANDLE_GONE"
    assert each.comes_to("work:alive", expected=before)


def test_a_handle_lives_for_calls_that_were_sent_before_it_was_let_go(each: Program) -> None:
    handle = each.call("work:Thing", 5)
    begun = [each.begin("builtins:getattr", handle, "value") for _ in range(20)]
    each.send(FrameKind.RELEASE, [[handle.id]])
    assert [each.answer(one) for one in begun] == [5] * 20
    assert each.failure(each.begin("work:echo", handle)).code == "HANDLE_GONE"


def test_the_mode_says_how_a_result_travels(each: Program) -> None:
    assert isinstance(each.call("work:echo", 5, result="handle"), Handle)
    assert each.call("work:echo", 5, result="value") == 5
    error = each.failure(each.begin("work:Thing", 5, result="value"))
    assert error.code == "VALUE_UNSUPPORTED"


def test_a_timed_call_tells_how_long_it_took(each: Program) -> None:
    frame = each.frame_of(each.begin("time:sleep", 0.01, timed=True))
    body: Any = msgpack().decode(frame.body)
    value, figures = body
    assert value is None
    assert set(figures) == {"decode", "run", "encode"}
    assert figures["run"] >= 10_000_000
    assert min(figures.values()) >= 0


def test_a_coroutine_is_awaited(each: Program) -> None:
    assert each.call("work:promised", 3) == [0, 1, 2]


def test_coroutines_of_several_calls_run_in_one_loop(worker: Program) -> None:
    assert worker.call("work:running_loop") == worker.call("work:running_loop")


def test_the_trace_context_is_that_of_the_call(each: Program) -> None:
    assert each.call("work:trace", traceparent="00-a-b-01") == "00-a-b-01"
    assert each.call("work:trace_async", traceparent="00-c-d-01") == "00-c-d-01"
    assert each.call("work:trace") is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, "$"),
        ([], "$"),
        (["math:sqrt", [4.0], {}], "$"),
        ([5, [], {}, {}], "$[0]"),
        (["math:sqrt", {}, {}, {}], "$[1]"),
        (["math:sqrt", [], [], {}], "$[2]"),
        (["math:sqrt", [], {1: 2}, {}], "$[2]"),
        (["math:sqrt", [], {}, []], "$"),
        (["math:sqrt", [], {}, {"stream": 1}], "$.stream"),
        (["math:sqrt", [], {}, {"result": "pickle"}], "$.result"),
        (["math:sqrt", [], {}, {"ttlMs": -1}], "$.ttlMs"),
        (["math:sqrt", [], {}, {"traceparent": 5}], "$.traceparent"),
    ],
)
def test_a_call_of_another_shape_fails_with_the_path(
    each: Program, body: object, path: str
) -> None:
    each.send(FrameKind.CALL, body, 77)
    error = each.failure(77)
    assert error.code == "BODY_INVALID"
    assert str(error.context["path"]).startswith(path[:4])
    assert each.call("math:sqrt", 4.0) == 2.0


def test_bytes_that_are_no_body_fail_the_call_alone(each: Program) -> None:
    each.channel.send(Frame(FrameKind.CALL, b"\xc1", 78))
    assert each.failure(78).code == "DECODE_FAILED"
    assert each.call("math:sqrt", 4.0) == 2.0


def test_more_elements_and_keys_than_known_are_ignored(each: Program) -> None:
    each.send(FrameKind.CALL, ["math:sqrt", [4.0], {}, {"newer": [1]}, "more"], 79)
    assert each.answer(79) == 2.0


def test_a_handle_of_a_reserved_type_that_means_nothing_fails_the_call(each: Program) -> None:
    for kind in ("amphis.step", "amphis.unknown"):
        error = each.failure(each.begin("work:echo", Handle(0, kind)))
        assert error.code == "BODY_INVALID"


def test_a_result_that_is_too_large_fails_the_call_alone(start: Callable[..., Program]) -> None:
    worker = start(maxFrameBytes=100_000)
    error = worker.failure(worker.begin("builtins:str.ljust", "", 200_000))
    assert error.code == "FRAME_TOO_LARGE"
    assert worker.call("math:sqrt", 4.0) == 2.0
