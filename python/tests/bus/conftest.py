"""Both shells, both hubs, and that nothing is left of either."""

from __future__ import annotations

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Tests are no package, and these share their helpers.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bus.process import HubProcess, has_real_hub
from tests.bus.shells import Shell, until

from amphis.bus import open_bus

if TYPE_CHECKING:
    from collections.abc import Iterator


def descriptors() -> int:
    listed = Path("/proc/self/fd")
    return len(list(listed.iterdir())) if listed.exists() else 0


@pytest.fixture
def leak_free() -> Iterator[None]:
    """After the test there are as many threads and descriptors as before."""
    gc.collect()
    threads, open_before = threading.active_count(), descriptors()
    yield
    gc.collect()
    until(lambda: threading.active_count() <= threads, "the end of every thread")
    until(lambda: descriptors() <= open_before, "the end of every descriptor")


class Hubs:
    """One hub of each kind for all tests that do it no harm."""

    def __init__(self, folder: Path) -> None:
        kinds = ["small", "real", "shared"] if has_real_hub() else ["small"]
        self.running = {kind: HubProcess(kind, address(kind, folder)) for kind in kinds}

    def get(self, kind: str) -> HubProcess:
        check_kind(kind)
        return self.running[kind]


def address(kind: str, folder: Path) -> str:
    return f"{'shm' if kind == 'shared' else 'unix'}:{folder}/{kind}"


def check_kind(kind: str) -> None:
    if kind != "small" and not has_real_hub():
        pytest.skip("the packages are not built, or there is no node")


@pytest.fixture(scope="session")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hubs]:
    all_hubs = Hubs(tmp_path_factory.mktemp("hubs"))
    yield all_hubs
    for one in all_hubs.running.values():
        one.close()


@pytest.fixture
def threads(leak_free: None) -> Iterator[ThreadPoolExecutor]:  # noqa: ARG001
    """For what is to wait while the test goes on."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        yield pool


@pytest.fixture(params=["threads", "loop"])
def shell(request: pytest.FixtureRequest, hubs: Hubs, leak_free: None) -> Iterator[Shell]:  # noqa: ARG001
    one = Shell(request.param)
    yield one
    one.close()


@pytest.fixture(params=["small", "real", "shared"])
def hub(request: pytest.FixtureRequest, hubs: Hubs) -> HubProcess:
    """A hub that nobody else uses at the moment."""
    one = hubs.get(request.param)
    with open_bus(one.address) as janitor:
        until(lambda: all(only.member == "hub" for only in janitor.find()), "the last endpoint")
    return one


@pytest.fixture(params=["small", "real", "shared"])
def own_hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HubProcess]:
    """A hub that the test may stop and kill."""
    check_kind(request.param)
    with HubProcess(request.param, address(request.param, tmp_path)) as one:
        yield one


@pytest.fixture
def small_hub(hubs: Hubs) -> HubProcess:
    """For what does not depend on the hub."""
    one = hubs.get("small")
    with open_bus(one.address) as janitor:
        until(lambda: not janitor.find(), "the last endpoint")
    return one
