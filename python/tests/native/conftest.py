"""Rings of the C extension and of Python alone, and what is at their other end."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Tests are no package, and these share their helpers.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.native.rings import Peer, Rings

from amphis._internal.native import Core, Missing, load_core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(params=["extension", "python"])
def core(request: pytest.FixtureRequest) -> Core | Missing:
    """What the rings are made of."""
    if sys.platform != "linux":
        pytest.skip("shared memory needs Linux")
    if request.param == "extension":
        found = load_core()
        if isinstance(found, Missing):
            pytest.skip(found.reason)
        return found
    if platform.machine() != "x86_64":
        pytest.skip("rings in Python alone need x86-64")
    return Missing("the test asks for Python alone")


@pytest.fixture
def rings(core: Core | Missing) -> Iterator[Rings]:
    """Two empty rings."""
    laid = Rings.lay(core)
    yield laid
    os.close(laid.descriptor)


@pytest.fixture
def start(rings: Rings) -> Iterator[Callable[[str], Peer]]:
    """Start a program at the other end of the rings."""
    with ExitStack() as stack:

        def run(program: str) -> Peer:
            peer = Peer(rings, program)
            stack.callback(peer.close)
            return peer

        yield run
