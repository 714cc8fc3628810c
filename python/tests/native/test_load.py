"""What is said where the extension is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.native.rings import Rings

from amphis import AmphisError
from amphis._internal.native import Core, Missing, load_core

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="shared memory needs Linux")

SOURCES = Path(__file__).parents[2] / "src"
QUESTION = """
from amphis._internal.native.load import load_core
print(getattr(load_core(), "reason", "loaded"))
"""


def _reason(folder: Path, sources: Path) -> str:
    """What a new process says, with that folder in AMPHIS_NATIVE."""
    environment = {"PYTHONPATH": str(sources), "AMPHIS_NATIVE": str(folder)}
    command = [sys.executable, "-S", "-c", QUESTION]
    return subprocess.run(  # noqa: S603 - our own program
        command, env=environment, stdout=subprocess.PIPE, check=True, text=True
    ).stdout.strip()


def test_a_file_that_is_no_extension_is_missing_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "_core.abi3.so").write_bytes(b"not a library")
    assert _reason(tmp_path, SOURCES).startswith("the native core cannot be loaded: ")


def test_the_named_folder_goes_first(tmp_path: Path) -> None:
    core = load_core()
    if isinstance(core, Missing):
        pytest.skip(core.reason)
    file = Path(core.path)
    (tmp_path / file.name).write_bytes(file.read_bytes())
    assert _reason(tmp_path, SOURCES) == "loaded"


def test_rings_without_the_extension_on_another_machine_are_a_typed_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = os.uname()
    elsewhere = os.uname_result((*here[:4], "aarch64"))
    monkeypatch.setattr(os, "uname", lambda: elsewhere)
    rings = Rings.lay(Missing("it is not built"))
    with pytest.raises(AmphisError) as unavailable:
        rings.side(producer=True)
    assert unavailable.value.code == "NATIVE_UNAVAILABLE"
    assert unavailable.value.context == {"reason": "it is not built"}


def test_sides_of_two_kinds_do_not_exchange() -> None:
    core = load_core()
    if not isinstance(core, Core):
        pytest.skip(core.reason)
    rings = Rings.lay(core)
    other = Rings(rings.descriptor, rings.memory, Missing("asked for"))
    with pytest.raises(TypeError, match="expected a consumer of the extension"):
        rings.side(producer=True).exchange(
            other.side(producer=False, second=True), b"x", bytearray(8)
        )
