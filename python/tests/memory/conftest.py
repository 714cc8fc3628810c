"""A host that lends real memory, and that nothing of it stays lent."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

# Tests are no package, and these share their peer.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.memory.host import Host

from amphis._internal.memory.guest import GuestMemory


@pytest.fixture
def host() -> Iterator[Host]:
    """The side that owns the memory; after the test every share was let go exactly once."""
    with closing(Host()) as made:
        yield made
        gc.collect()
        assert made.shares == {}
        assert made.wrongly_released == []


@pytest.fixture
def guest(host: Host) -> GuestMemory:
    return GuestMemory(host.lender())
