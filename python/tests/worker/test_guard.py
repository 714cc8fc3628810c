"""The policy that a worker is held to: the hook in C, the one in Python, and who judges what."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from amphis._internal.errors import AmphisError
from amphis._internal.native.load import Missing, load_core
from amphis._internal.worker.guard_events import RULES, events_of
from amphis._internal.worker.guard_judge import Judge
from amphis._internal.worker.guard_policy import Names, Policy

SOURCES = Path(__file__).parents[2] / "src"

# A hook stays until the process ends, so each is tried in one of its own.
PROGRAM = """
import os, sys
sys.path.insert(0, {sources!r})
from amphis._internal.worker.guard_events import events_of
from amphis._internal.worker.guard_hook import add_hook
from amphis._internal.native.load import load_core
folder = {folder!r}
def report(rule, event, target):
    return PermissionError(rule + " " + event)
add = add_hook if {kind!r} == "python" else load_core().guard
import json, sqlite3, socket, ctypes, subprocess, pickle, gc, shutil
add(
    events_of(frozenset(), has_paths=True, has_modules=True),
    modules=["wave"],
    read=[folder + "/in", *{own!r}],
    write=[folder + "/out"],
    report=report,
)
def attempt(act):
    try:
        act()
    except PermissionError as error:
        print(error)
    except Exception as error:
        print(type(error).__name__)
    else:
        print("done")
os.chdir(folder + "/in")
for act in (
    lambda: os.system("true"),
    lambda: subprocess.run(["true"]),
    lambda: os.kill(os.getpid(), 0),
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: ctypes.CDLL(None),
    lambda: gc.get_objects(),
    lambda: pickle.loads(b"cposix\\nsystem\\n."),
    lambda: __import__("wave"),
    lambda: __import__("colorsys"),
    lambda: open("file").read(),
    lambda: open("../secret").read(),
    lambda: open(folder + "/in/link").read(),
    lambda: open(folder + "/out/new", "w").close(),
    lambda: open(folder + "/in/new", "w").close(),
    lambda: open(os.fsencode(folder + "/secret")),
    lambda: open(folder + "/in/none/../../secret"),
    lambda: os.rename(folder + "/out/new", folder + "/moved"),
    lambda: os.mkdir(folder + "/out/deep"),
    lambda: os.listdir(folder),
    lambda: sqlite3.connect(":memory:").close(),
    lambda: sqlite3.connect(folder + "/base"),
):
    attempt(act)
"""
EXPECTED = [
    "processes os.system",
    "processes subprocess.Popen",
    "processes os.kill",
    "network socket.getaddrinfo",
    "ctypes ctypes.dlopen",
    "introspection gc.get_objects",
    "pickle pickle.find_class",
    "libraries.deny import",
    "done",
    "done",
    "files.read open",
    "files.read open",
    "done",
    "files.write open",
    "files.read open",
    "files.read open",
    "files.write os.rename",
    "done",
    "files.read os.listdir",
    "done",
    "files.write sqlite3.connect",
]


@pytest.mark.parametrize("kind", ["native", "python"])
def test_both_hooks_deny_the_same(kind: str, tmp_path: Path) -> None:
    core = load_core()
    if kind == "native" and isinstance(core, Missing):
        pytest.skip(core.reason)
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "in" / "file").write_text("x")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "secret")
    own = [sys.prefix, sys.base_prefix, str(SOURCES)]
    program = PROGRAM.format(sources=str(SOURCES), folder=str(tmp_path), kind=kind, own=own)
    done = subprocess.run(  # noqa: S603 - of this file
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == EXPECTED, done.stderr
    assert not (tmp_path / "moved").exists()


def test_what_is_granted_is_no_event() -> None:
    all_of_it = events_of(frozenset(), has_paths=True, has_modules=True)
    assert [event for event, _, _ in all_of_it] == sorted({event for event, _, _ in all_of_it})
    granted = events_of(frozenset(RULES), has_paths=False, has_modules=False)
    assert granted == []


def test_a_grant_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="rule 'shell' is unknown"):
        Policy({"grant": ["shell"]})


def test_patterns_of_modules_hold_for_what_is_below() -> None:
    names = Names(["numpy", "sk*"], below=True)
    fits = ["numpy", "numpy.linalg", "sklearn", "sklearn.svm"]
    assert [name for name in [*fits, "numpyro", "num", "xnumpy", ""] if names.hold(name)] == fits
    assert not Names([], below=True).hold("anything")


def _rule(judge: Judge, value: object) -> str:
    try:
        judge.reach(value)
    except AmphisError as error:
        return str(error.context["rule"])
    return ""


def test_objects_are_judged_by_what_they_are() -> None:
    judge = Judge(Policy({}))
    frame: FrameType = sys._getframe()  # noqa: SLF001 - what is judged
    denied: list[tuple[Any, str]] = [
        (os.system, "processes"),
        (os.execv, "processes"),
        (subprocess, "processes"),
        (subprocess.Popen, "processes"),
        (eval, "code"),
        (__import__, "code"),
        (frame, "introspection"),
        (frame.f_code, "introspection"),
        (sys.modules, "introspection"),
        (vars(os), "introspection"),
    ]
    assert [_rule(judge, value) for value, _ in denied] == [rule for _, rule in denied]
    for fine in (os, os.getcwd, os.path.join, len, str, [1], {"a": 1}, {}, None, "x".join, Path):
        assert _rule(judge, fine) == ""


def test_what_is_on_no_list_is_not_reached() -> None:
    judge = Judge(Policy({"allowLibrary": ["json", "math"]}))
    assert _rule(judge, sys.modules["json"]) == ""
    assert _rule(judge, os) == "libraries.allow"
    assert _rule(judge, os.getcwd) == "libraries.allow"
    assert _rule(judge, len) == ""
    with pytest.raises(AmphisError, match=r"libraries\.allow"):
        judge.name("os:getcwd")
    judge.name("operator:add")
