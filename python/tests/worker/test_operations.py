"""Code, files and context managers, which programs reach by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.worker.program import step

if TYPE_CHECKING:
    from pathlib import Path

    from tests.worker.program import Program


def test_code_runs_in_a_namespace_that_is_kept(each: Program) -> None:
    space = each.call("amphis.worker:namespace", {"base": 2}, result="handle")
    assert each.call("amphis.worker:execute", "import math\ntotal = base + 1", space) is None
    assert each.call("amphis.worker:evaluate", "total * base", space) == 6
    assert each.call("amphis.worker:execute", "def f(x):\n    return x + total\nf(4)", space) == 7
    assert each.program(["item", space, "f"], ["call", step(0), [1], {}]) == 4
    other = each.call("amphis.worker:namespace", result="handle")
    assert each.failure(each.begin("amphis.worker:evaluate", "total", other)).category == "python"


def test_code_without_a_namespace_has_its_own(each: Program) -> None:
    assert each.call("amphis.worker:evaluate", "1 + 1") == 2
    each.call("amphis.worker:execute", "left_over = 1")
    error = each.failure(each.begin("amphis.worker:evaluate", "left_over"))
    assert error.context["type"] == "NameError"


def test_an_error_in_code_shows_its_lines(each: Program) -> None:
    source = "def f():\n    raise ValueError('deep')\nf()"
    error = each.failure(each.begin("amphis.worker:execute", source))
    assert error.context["text"] == "deep"
    assert "raise ValueError('deep')" in error.origin["traceback"]  # type: ignore[index]


def test_code_that_is_none_fails(each: Program) -> None:
    error = each.failure(each.begin("amphis.worker:execute", "a = = 1"))
    assert error.context["type"] == "SyntaxError"
    error = each.failure(each.begin("amphis.worker:evaluate", "1", 5))
    assert error.context["type"] == "TypeError"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_file_runs_as_a_script(each: Program, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "script.py"
    text = f"# coding: {encoding}\nname = 'é'\nwhat = (__name__, __file__)\n"
    file.write_bytes(text.encode(encoding))
    space = each.call("amphis.worker:run_file", str(file), result="handle")
    assert each.program(["item", space, "name"]) == "é"
    assert each.program(["item", space, "what"]) == ("__main__", str(file))


def test_context_managers_are_entered_and_left(each: Program) -> None:
    manager = each.call("work:managed", result="handle")
    assert each.call("amphis.worker:enter", manager) == "inside"
    assert each.call("amphis.worker:exit", manager) is False
    assert each.call("work:take_events") == ["entered", "left"]
    manager = each.call("work:managed_async", result="handle")
    assert each.call("amphis.worker:enter", manager) == "inside async"
    assert each.call("amphis.worker:exit", manager) is False
    assert each.call("work:take_events") == ["left async"]
