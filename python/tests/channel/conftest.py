"""A channel and its host, with and without the C extension, and that nothing is left of either."""

from __future__ import annotations

import gc
import os
import platform
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Tests are no package, and these share their helpers.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bus.shells import until
from tests.channel.host import Answer, Host

from amphis._internal.channel import Channel, ChannelOptions, open_inherited
from amphis._internal.native import Core, Missing, load_core

if TYPE_CHECKING:
    from collections.abc import Iterator

_MACHINE = "x64" if platform.machine() == "x86_64" else "arm64"
_BUILT = Path(__file__).parents[3] / f"packages/native/build/linux-{_MACHINE}-napi8"
os.environ.setdefault("AMPHIS_NATIVE", str(_BUILT))

if sys.platform != "linux" or not hasattr(os, "memfd_create"):
    collect_ignore_glob = ["test_*.py"]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(autouse=True)
def leak_free() -> Iterator[None]:
    """After the test there are as many threads and descriptors as before."""
    gc.collect()
    threads, open_before = threading.active_count(), descriptors()
    yield
    gc.collect()
    until(lambda: threading.active_count() <= threads, "the end of every thread")
    until(lambda: descriptors() <= open_before, "the end of every descriptor")


@pytest.fixture(params=["extension", "python"])
def core(request: pytest.FixtureRequest) -> Core | Missing:
    """How both sides use rings."""
    found = load_core()
    if request.param == "extension":
        if isinstance(found, Missing):
            pytest.skip(found.reason)
        return found
    if platform.machine() != "x86_64":
        pytest.skip("rings in Python alone are for x86-64")
    return Missing("the test uses rings in Python")


class Pairs:
    """Opens channels within this process: the guest's opening runs in a thread of its own."""

    def __init__(self, core: Core | Missing) -> None:
        self.core = core
        self.opened: list[Any] = []
        self.threads = ThreadPoolExecutor(8)

    def begin(self, **options: Any) -> tuple[Any, Host]:  # noqa: ANN401 - options of any kind
        """The opening of the guest as a future, and a host that has said nothing yet."""
        near, far = socket.socketpair()
        chosen = ChannelOptions(**{"core": self.core, **options})
        host = Host(far, self.core)
        self.opened.append(host)
        return self.threads.submit(open_inherited, near.detach(), chosen), host

    def open(self, answer: Answer | None = None, **options: Any) -> tuple[Channel, Host]:  # noqa: ANN401
        opening, host = self.begin(**options)
        host.open(answer)
        channel: Channel = opening.result(20)
        self.opened.append(channel)
        return channel, host

    def close(self) -> None:
        for one in self.opened:
            one.close()
        self.threads.shutdown()


@pytest.fixture
def pairs(core: Core | Missing) -> Iterator[Pairs]:
    made = Pairs(core)
    yield made
    made.close()
