"""Examples of docstrings, as a prompt would run them."""

from __future__ import annotations

import sys

from amphis._internal.library.example import run_example


def test_statements_share_names_and_show_what_they_come_to() -> None:
    ran = run_example("math", ["pi"], ["a = 1", "a + 1", "print('said')\n", "None", "round(pi, 2)"])
    assert [one["output"] for one in ran] == ["", "2\n", "said\n", "", "3.14\n"]
    assert all(one["error"] is None for one in ran)


def test_blocks_run_as_a_prompt_takes_them() -> None:
    source = "for each in range(2):\n    each"
    assert run_example("math", [], [source]) == [{"output": "0\n1\n", "error": None}]


def test_what_is_raised_ends_the_example_and_is_told() -> None:
    ran = run_example("math", ["sqrt"], ["print('before'); sqrt(-1)", "sqrt(4)"])
    assert ran == [{"output": "before\n", "error": "ValueError: math domain error"}]


def test_an_example_that_exits_or_makes_no_sense_ends_alone() -> None:
    assert run_example("math", [], ["raise SystemExit(3)"])[0]["error"] == "SystemExit: 3"
    assert "SyntaxError" in str(run_example("math", [], ["1 +"])[0]["error"])


def test_only_names_that_are_given_are_there() -> None:
    assert "NameError" in str(run_example("math", ["pi", "missing"], ["tau"])[0]["error"])


def test_output_is_bounded() -> None:
    ran = run_example("math", [], ["print('x' * 1_000_000)"] * 20)
    assert all(len(str(one["output"])) <= 20_001 for one in ran)
    assert sum(len(str(one["output"])) for one in ran) <= 200_000


def test_the_hook_of_the_prompt_is_as_before() -> None:
    before = sys.displayhook
    run_example("math", [], ["1", "1 / 0"])
    assert sys.displayhook is before
