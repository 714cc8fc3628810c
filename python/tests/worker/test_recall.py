"""Calls that the program takes back, and work that it hears of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.worker.program import function

import amphis
from amphis._internal.frame.header import FrameKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.program import Program


def recall(worker: Program, *calls: int) -> object:
    worker.say(FrameKind.EVENT, {"event": "recall", "calls": list(calls)})
    return worker.event("recalled")["calls"]


def test_a_call_that_has_not_begun_is_given_back_and_never_answered(worker: Program) -> None:
    behind: list[int] = []
    given: list[object] = []

    def asked(_method: str) -> str:
        # The call that asks has begun, and what is sent now waits behind it.
        behind.extend(worker.begin("work:echo", n) for n in range(3))
        given.append(recall(worker, worker.calls - 3, *behind))
        return "done"

    worker.functions[1] = asked
    assert worker.call("work:call", function(1)) == "done"
    assert given == [behind]
    assert worker.call("work:echo", "next") == "next"
    assert not [frame for frame in worker.kept if frame.call_id in behind]


def test_a_call_that_was_answered_is_not_given_back(worker: Program) -> None:
    call = worker.begin("work:echo", 1)
    assert worker.answer(call) == 1
    assert recall(worker, call) == []


@pytest.mark.parametrize("profile", ["thread", "asyncio"])
def test_workers_that_begin_with_all_they_get_give_nothing_back(
    start: Callable[..., Program], profile: str
) -> None:
    worker = start(profile=profile)
    call = worker.begin("work:echo", 1)
    assert recall(worker, call) == []
    assert worker.answer(call) == 1


def test_a_recall_that_names_no_calls_is_complained_of(worker: Program) -> None:
    worker.say(FrameKind.EVENT, {"event": "recall", "calls": ["x"]})
    assert worker.log("ignored")["level"] == "warning"
    assert worker.call("work:echo", 1) == 1


def test_an_operation_that_nobody_hears_changes_nothing() -> None:
    with amphis.operation("train", model="m") as op:
        op.report(loss=1.5)
    with pytest.raises(ValueError, match="as it was"), amphis.operation("train"):
        raise ValueError("as it was")


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="name must be a str, got int"):
        amphis.operation(1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="model must be a str, got list"):
        amphis.operation("train", model=[])  # type: ignore[arg-type]
