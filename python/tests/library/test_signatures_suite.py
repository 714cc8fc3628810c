"""Signatures of 1,833 callables against what CPython says of them, and typeshed of the others."""

from __future__ import annotations

import ast
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SUITE = Path(os.environ.get("AMPHIS_SUITES", ROOT / "../shared/suites")) / "python-signatures"
MADE_WITH = "3.11.7"
NUMPY = "2.4.6"

# Thousands of syntax trees are made, and none is thrown away.
PROGRAM = """
import gc, json, sys
from amphis._internal.library.library import describe_library

gc.disable()
for library in sys.argv[1:]:
    model = describe_library(library, {}, None, lambda module: None)
    print(json.dumps(model["modules"]))
"""

Row = dict[str, Any]
KINDS = {
    "positional": "POSITIONAL_ONLY",
    "any": "POSITIONAL_OR_KEYWORD",
    "rest": "VAR_POSITIONAL",
    "keyword": "KEYWORD_ONLY",
    "keywords": "VAR_KEYWORD",
}
# What modules import for themselves, and no stub passes on.
NOT_PUBLIC = {
    "ast.IntEnum", "ast.auto", "ast.contextmanager", "ast.nullcontext", "ssl.create_connection",
    "ssl.namedtuple", "ssl.socket", "ssl.socket_error", "uuid.Enum", "uuid.bytes_", "uuid.int_",
"hmac.compare_digest", "sqlite3.Timestamp",
}  # fmt: skip


class Index:
    """Members of several libraries by path."""

    def __init__(self) -> None:
        self._members: dict[str, Row] = {}
        self._targets: dict[str, str] = {}

    def add(self, outer: str, members: list[Row]) -> None:
        for member in members:
            path = f"{outer}.{member['name']}"
            if member["kind"] in ("alias", "module"):
                self._targets[path] = member["target"]
            else:
                self._members[path] = member

    def find(self, path: str, steps: int = 0) -> Row | None:
        if path in self._members or steps > 8:
            return self._members.get(path)
        if path in self._targets:
            return self.find(self._targets[path], steps + 1)
        outer, _, name = path.rpartition(".")
        target = self._targets.get(outer)
        return None if target is None else self.find(f"{target}.{name}", steps + 1)


def rows() -> Iterator[Row]:
    with (SUITE / "cpython-inspect.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


@pytest.fixture(scope="module")
def index() -> Index:
    if not SUITE.is_dir():
        pytest.skip("its folder is absent; set AMPHIS_SUITES to where the suites are")
    numpy = pytest.importorskip("numpy", reason="the suite has functions of NumPy")
    if platform.python_version() != MADE_WITH or numpy.__version__ != NUMPY:
        pytest.skip(f"the suite was made with Python {MADE_WITH} and NumPy {NUMPY}")
    found = Index()
    libraries = sorted({"builtins", *(row["qualname"].partition(".")[0] for row in rows())})
    # pytest changes modules of its own process.
    command = [sys.executable, "-c", PROGRAM, *libraries]
    said = subprocess.run(command, cwd=ROOT / "python/src", check=True, capture_output=True)  # noqa: S603 - the program above
    for line in said.stdout.splitlines():
        for module in json.loads(line):
            found.add(module["path"], module["members"])
    return found


def shape(parameters: list[Row]) -> list[tuple[str, str, bool, str | None]]:
    return [
        (one["name"], KINDS[one["kind"]], one["isOptional"], shown(one.get("default")))
        for one in parameters
    ]


def shown(default: str | None) -> str | None:
    """A default without addresses and what was cut off."""
    return None if default is None else re.sub(r" at 0x[0-9a-f]+", "", default)[:60]


def test_signatures_are_those_of_cpython_where_it_has_any(index: Index) -> None:
    compared, differing, missing, values = 0, [], set(), set()
    for row in rows():
        member = index.find(row["qualname"])
        if member is None:
            missing.add(row["qualname"])
        elif member["kind"] not in ("function", "class"):
            values.add(row["qualname"])
        elif "signature" in row:
            compared += 1
            signatures = ways_of(member)
            said = member.get("runtime") or signatures[0]
            wanted = [
                (one["name"], one["kind"], one["has_default"], shown(one["default"]))
                for one in row["params"]
            ]
            flags = (member.get("isAsync", False), member.get("isGenerator", False))
            is_same = shape(said["parameters"]) == wanted
            if not is_same or flags != (row["is_async"], row["is_generator"]):
                differing.append((row["qualname"], said, wanted))
    assert differing == []
    assert missing <= NOT_PUBLIC
    # Special forms of `typing` are no functions, whatever can be said of calling them.
    assert {name for name in values if not name.startswith(("typing.", "unittest.mock."))} == set()
    assert compared > 1_400


def test_signatures_that_cpython_has_not_are_those_of_the_stub_or_unknown(index: Index) -> None:
    compared = 0
    for row in rows():
        member = index.find(row["qualname"])
        if "signature" in row or member is None or member["kind"] not in ("function", "class"):
            continue
        signatures = ways_of(member)
        assert all(one["source"] == "stub" for one in signatures), row["qualname"]
        written = in_stub(row["qualname"])
        if written:
            compared += 1
            assert [names(one) for one in signatures] == written, row["qualname"]
    assert compared >= 15


def ways_of(member: Row) -> list[Row]:
    """The signatures of a function, the constructors of a class."""
    return list(member["constructors"] if member["kind"] == "class" else member["signatures"])


def names(signature: Row) -> list[str]:
    return [one["name"].lstrip("_") for one in signature["parameters"]]


def in_stub(qualname: str) -> list[list[str]]:
    """The names of the parameters in each way that a stub of the suite has, unconditionally."""
    module, _, name = qualname.rpartition(".")
    files = [SUITE / "typeshed" / f"{module}{end}.pyi" for end in ("", ".__init__")]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        return []
    body = ast.parse(found.read_text(encoding="utf-8")).body
    kinds = [one for one in body if isinstance(one, ast.ClassDef) and one.name == name]
    body, name, skipped = (kinds[0].body, "", 1) if kinds else (body, name, 0)
    functions = [one for one in body if isinstance(one, ast.FunctionDef)]
    wanted = [name] if name else ["__init__", "__new__"]
    found_names = next((one for one in wanted if any(f.name == one for f in functions)), None)
    ways = [arguments(one.args)[skipped:] for one in functions if one.name == found_names]
    # Beside conditions on the version there may be others.
    has_conditions = any(isinstance(one, ast.If) and found_names in ast.dump(one) for one in body
                         if found_names is not None)  # fmt: skip
    return [] if has_conditions else ways


def arguments(known: ast.arguments) -> list[str]:
    found = [*known.posonlyargs, *known.args]
    found += [known.vararg] if known.vararg else []
    found += known.kwonlyargs
    found += [known.kwarg] if known.kwarg else []
    return [one.arg.lstrip("_") for one in found]
