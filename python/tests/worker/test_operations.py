"""Code, files and context managers, which programs reach by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.worker.program import step

from amphis._internal.frame.header import FrameKind

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


DEFINED = """
import inspect, pickle
from collections import namedtuple
from dataclasses import dataclass

@dataclass
class Point:
    x: int

Pair = namedtuple("Pair", "a b")

def twice(value: int):
    return value * 2
"""


def test_code_has_none_of_the_future_imports_of_the_worker(each: Program) -> None:
    space = each.call("amphis.worker:namespace", result="handle")
    each.call("amphis.worker:execute", DEFINED, space)
    found = "[Point.__annotations__['x'] is int, twice.__annotations__['value'] is int]"
    assert each.call("amphis.worker:evaluate", found, space) == [True, True]
    source = "def f(x: int): pass\nkind = f.__annotations__['x'] is int"
    for is_program in (False, True):
        scope = each.program(["value", {}], result="handle")
        if is_program:
            each.program(["name", "builtins:exec"], ["call", step(0), [source, scope], {}])
        else:
            each.call("builtins:exec", source, scope)
        assert each.program(["item", scope, "kind"]) is True


def test_what_code_defines_can_be_pickled_and_inspected_while_it_runs_and_later(
    each: Program,
) -> None:
    space = each.call("amphis.worker:namespace", result="handle")
    look = """[
        pickle.loads(pickle.dumps(Point(1))).x,
        pickle.loads(pickle.dumps(Pair(2, 3))).b,
        inspect.getsource(twice),
        inspect.getsource(Point).splitlines()[1],
    ]"""
    expected = [1, 3, "def twice(value: int):\n    return value * 2\n", "class Point:"]
    assert each.call("amphis.worker:execute", DEFINED + look, space) == expected
    assert each.call("amphis.worker:evaluate", look, space) == expected


def test_data_classes_with_annotations_as_text_find_their_names(each: Program) -> None:
    source = """from __future__ import annotations
from dataclasses import dataclass, fields
from typing import ClassVar, get_type_hints

@dataclass
class Point:
    x: int
    most: ClassVar[int] = 3

[[field.name for field in fields(Point)], get_type_hints(Point)["x"] is int]"""
    assert each.call("amphis.worker:execute", source) == [["x"], True]


def test_a_namespace_is_a_module_only_while_it_lives_and_defines_something(each: Program) -> None:
    is_module = "__import__('sys').modules.get(__name__) is not None"
    space = each.call("amphis.worker:namespace", result="handle")
    assert each.call("amphis.worker:execute", f"data = [1]\n{is_module}", space) is True
    assert each.call("amphis.worker:evaluate", is_module, space) is False
    each.call("amphis.worker:execute", "def f(): pass", space)
    assert each.call("amphis.worker:evaluate", is_module, space) is True
    name = each.call("amphis.worker:evaluate", "__name__", space)
    each.send(FrameKind.RELEASE, [[space.id]])
    known = f"{name!r} in __import__('sys').modules"
    assert each.comes_to("amphis.worker:evaluate", known, expected=False)


def test_code_does_not_take_the_place_of_a_module(each: Program) -> None:
    space = each.call("amphis.worker:namespace", {"__name__": "json"}, result="handle")
    each.call("amphis.worker:execute", "def dumps(): pass", space)
    assert each.call("json:dumps", [1]) == "[1]"


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


def test_a_script_is_the_main_module_as_long_as_its_names_live(
    each: Program, tmp_path: Path
) -> None:
    file = tmp_path / "script.py"
    file.write_text(f"{DEFINED}\nkept = pickle.dumps(Point(1))\n")
    main = "__import__('sys').modules['__main__']"
    before = each.call("amphis.worker:evaluate", f"id({main})")
    space = each.call("amphis.worker:run_file", str(file), result="handle")
    assert each.call("amphis.worker:evaluate", "pickle.loads(kept).x", space) == 1
    assert each.call("amphis.worker:evaluate", f"{main}.twice(4)") == 8
    each.send(FrameKind.RELEASE, [[space.id]])
    assert each.comes_to("amphis.worker:evaluate", f"id({main})", expected=before)


def test_context_managers_are_entered_and_left(each: Program) -> None:
    manager = each.call("work:managed", result="handle")
    assert each.call("amphis.worker:enter", manager) == "inside"
    assert each.call("amphis.worker:exit", manager) is False
    assert each.call("work:take_events") == ["entered", "left"]
    manager = each.call("work:managed_async", result="handle")
    assert each.call("amphis.worker:enter", manager) == "inside async"
    assert each.call("amphis.worker:exit", manager) is False
    assert each.call("work:take_events") == ["left async"]
