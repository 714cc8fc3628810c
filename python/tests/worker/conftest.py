"""Workers in processes of their own, in each profile and over either kind of connection."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Tests are no package, and these share their helpers.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.worker.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

if sys.platform == "win32":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    """Starts workers, and ends them behind the test."""
    started: list[Program] = []

    def start(**config: Any) -> Program:  # noqa: ANN401 - settings of any kind
        program = Program(**config)
        started.append(program)
        return program

    yield start
    for program in started:
        program.close()


@pytest.fixture
def worker(start: Callable[..., Program]) -> Program:
    """One of the profile `process`, over a socket."""
    return start()


PROFILES = ["process", "thread", "asyncio"]


@pytest.fixture(scope="module")
def shared() -> Iterator[dict[str, Program]]:
    """Workers by profile, which the tests of a file use one after the other."""
    started: dict[str, Program] = {}
    yield started
    for program in started.values():
        program.close()


@pytest.fixture(params=PROFILES)
def each(request: pytest.FixtureRequest, shared: dict[str, Program]) -> Iterator[Program]:
    """One of each profile, with what tests before have left there."""
    profile = request.param
    if profile not in shared:
        shared[profile] = Program(profile=profile, threads=4)
    failed = request.session.testsfailed
    yield shared[profile].fresh()
    if request.session.testsfailed != failed:
        shared.pop(profile).close()


@pytest.fixture(params=PROFILES)
def own(request: pytest.FixtureRequest, start: Callable[..., Program]) -> Program:
    """One of each profile, for a test that leaves it in another state."""
    return start(profile=request.param, threads=4)
