"""Only memory that nobody can take back is mapped."""

from __future__ import annotations

import os
import socket
import sys
import tempfile

import pytest
from tests.native.rings import memory_of

from amphis import AmphisError
from amphis._internal.native import map_region

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="shared memory needs Linux")


def test_sealed_memory_is_mapped_and_shows_what_others_write() -> None:
    descriptor = memory_of(8192)
    memory = map_region(descriptor, 4096)
    os.pwrite(descriptor, b"hello", 100)
    os.close(descriptor)
    assert len(memory) == 4096
    assert memory[100:105] == b"hello"


@pytest.mark.parametrize(
    ("seals", "byte_length", "reason"),
    [(0, 4096, "unsealed"), (4, 4096, "unsealed"), (2, 4097, "too-small"), (2, 0, "too-small")],
)
def test_memory_that_could_go_away_is_refused(seals: int, byte_length: int, reason: str) -> None:
    descriptor = memory_of(4096, seals=seals)
    with pytest.raises(AmphisError) as refused:
        map_region(descriptor, byte_length)
    assert (refused.value.code, refused.value.context) == ("MEMORY_REFUSED", {"reason": reason})
    os.close(descriptor)


def test_what_is_no_memory_is_refused() -> None:
    near, far = socket.socketpair()
    with near, far, tempfile.TemporaryFile() as file:
        file.truncate(4096)
        for descriptor in (near.fileno(), file.fileno()):
            with pytest.raises((AmphisError, OSError)) as refused:
                map_region(descriptor, 4096)
            if isinstance(refused.value, AmphisError):
                assert refused.value.code == "MEMORY_REFUSED"
