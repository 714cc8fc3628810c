"""The public names, and what it takes to import them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import amphis


@pytest.mark.parametrize("name", amphis.__all__)
def test_every_public_name_is_found(name: str) -> None:
    assert getattr(amphis, name) is not None
    assert name in dir(amphis)


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = amphis.nothing


# Each of these takes longer to load than a worker has time for before its first answer.
SLOW = ("asyncio", "dataclasses", "decimal", "inspect", "pathlib", "ssl", "typing", "uuid")


@pytest.mark.parametrize("module", ["amphis", "amphis._internal.worker.main"])
def test_a_worker_starts_without_modules_that_are_slow_to_load(module: str) -> None:
    code = f"import sys; import {module}; print(*sorted(set({SLOW!r}) & set(sys.modules)))"
    folder = amphis.__path__[0].rsplit("/", 1)[0]
    ran = subprocess.run(  # noqa: S603 - this Python
        # Without `site`, whose `.pth` files may import anything.
        [sys.executable, "-SEc", f"import sys; sys.path.insert(0, {folder!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == ""
