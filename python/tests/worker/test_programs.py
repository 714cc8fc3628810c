"""Programs: chains of steps, answered once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.worker.program import step

from amphis import Handle
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from tests.worker.program import Program


def test_every_kind_of_step_does_what_it_says(each: Program) -> None:
    result = each.program(
        ["name", "types:SimpleNamespace"],
        ["call", step(0), [], {"a": {"x": [1, 2]}}],
        ["get", step(1), "a"],
        ["setItem", step(2), "y", 5],
        ["deleteItem", step(2), "x"],
        ["set", step(1), "b", step(2)],
        ["delete", step(1), "a"],
        ["name", "builtins:vars"],
        ["call", step(7), [step(1)], {}],
        ["value", [step(8), {"in": step(2)}]],
    )
    assert result == [{"b": {"y": 5}}, {"in": {"y": 5}}]


def test_a_step_may_name_a_module(each: Program) -> None:
    result = each.program(
        ["name", "os.path"], ["get", step(0), "basename"], ["call", step(1), ["a/b"], {}]
    )
    assert result == "b"


def test_items_are_found_by_key(each: Program) -> None:
    assert each.program(["value", {"a": [5, 6]}], ["item", step(0), "a"], ["item", step(1), 1]) == 6


def test_steps_that_set_something_answer_nil(each: Program) -> None:
    assert each.program(["value", {}], ["setItem", step(0), "a", 1]) is None


def test_what_a_step_calls_is_awaited(each: Program) -> None:
    result = each.program(
        ["name", "work:Thing"],
        ["call", step(0), [3], {}],
        ["get", step(1), "later"],
        ["call", step(2), [], {}],
        ["get", step(3), "value"],
    )
    assert result == 3


def test_results_are_let_go_when_no_later_step_needs_them(each: Program) -> None:
    result = each.program(
        ["name", "work:Thing"],
        ["call", step(0), ["first"], {}],
        ["get", step(1), "add"],
        ["call", step(2), [" second"], {}],
        ["name", "work:take_events"],
        ["call", step(4), [], {}],
    )
    assert sorted(result) == ["end of first", "end of first second"]


def test_an_intermediate_result_never_travels(each: Program) -> None:
    handle = each.program(["name", "work:Thing"], ["call", step(0), [1], {}])
    assert isinstance(handle, Handle)
    # Only what was answered has a number.
    assert each.call("work:Thing", 2).id == handle.id + 1


def test_the_error_names_the_step(each: Program) -> None:
    begun = each.begin_program(
        ["name", "work:Thing"],
        ["call", step(0), [1], {}],
        ["get", step(1), "nothing"],
        ["call", step(2), [], {}],
    )
    error = each.failure(begun)
    assert (error.category, error.context["step"]) == ("python", 2)
    assert error.context["call"] == "work:Thing().nothing"


def test_the_error_tells_what_the_step_was_given_and_keeps_none_of_it(each: Program) -> None:
    begun = each.begin_program(
        ["name", "work:Thing"],
        ["call", step(0), ["first"], {}],
        ["name", "work:echo"],
        ["call", step(2), [step(1), 5], {"text": "x"}],
    )
    error = each.failure(begun)
    assert error.context["arguments"] == ["work.Thing", "5", "'x'"]
    assert each.comes_to("work:take_events", expected=["end of first"])
    error = each.failure(each.begin_program(["value", [1]], ["item", step(0), 10]))
    assert error.context["arguments"] == ["10"]


def test_shapes_that_do_not_fit_are_told_of_steps_too(each: Program) -> None:
    pytest.importorskip("numpy", reason="NumPy is not installed")
    begun = each.begin_program(
        ["name", "numpy:ones"],
        ["call", step(0), [[2, 3]], {}],
        ["name", "numpy:matmul"],
        ["call", step(2), [step(1), step(1)], {}],
    )
    error = each.failure(begun)
    assert error.code == "SHAPE_MISMATCH"
    assert error.context["shapes"] == [[2, 3], [2, 3]]


def test_an_exception_that_ends_iterators_is_an_error_like_any_other(each: Program) -> None:
    begun = each.begin_program(["name", "work:stop_iteration"], ["call", step(0), [], {}])
    error = each.failure(begun)
    assert error.context["step"] == 1


def test_handles_reach_steps(each: Program) -> None:
    handle = each.call("work:Thing", 5)
    assert each.program(["get", handle, "value"]) == 5
    gone = Handle(handle.id + 100, "work.Thing")
    error = each.failure(each.begin_program(["value", 1], ["get", gone, "value"]))
    assert (error.code, error.context["id"]) == ("HANDLE_GONE", gone.id)


def test_the_result_travels_as_its_mode_says(each: Program) -> None:
    assert isinstance(each.program(["value", 5], result="handle"), Handle)


@pytest.mark.parametrize(
    "steps",
    [
        None,
        [],
        [5],
        [["name"]],
        [["dance", 1]],
        [["name", 5]],
        [["get", 1, 5]],
        [["get", 1]],
        [["call", 1, {}, {}]],
        [["call", 1, [], []]],
        [["call", 1, [], {1: 2}]],
        [["set", 1, "a"]],
        [["value", step(0)]],
        [["value", 1], ["value", [{"a": (step(1),)}]]],
        [["value", 1], ["value", step(2**50)]],
    ],
)
def test_a_program_of_another_shape_is_refused_before_it_begins(
    each: Program, steps: object
) -> None:
    each.send(FrameKind.PROGRAM, [steps, {}], 77)
    assert each.failure(77).code == "BODY_INVALID"
    assert each.call("math:sqrt", 4.0) == 2.0


def test_a_long_program_runs_to_its_end(each: Program) -> None:
    steps: list[list[Any]] = [["value", {"n": 0}]]
    steps += [["setItem", step(0), "n", number] for number in range(2_000)]
    steps.append(["item", step(0), "n"])
    assert each.program(*steps) == 1_999
