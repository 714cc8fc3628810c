"""Finding the C extension, or saying why it is not there."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmap import mmap
    from types import ModuleType

    from amphis._internal.native.ring import Ring

_NAME = "amphis._internal.native._core"
_FILE = "_core.abi3.so"
# As in native/python.c: a binary of another version is refused and never called.
_INTERFACE_VERSION = 2


class Core:
    """What the C extension can do."""

    def __init__(self, module: ModuleType) -> None:
        self._module: Any = module

    @property
    def path(self) -> str:
        """The file of the extension."""
        return str(self._module.__file__)

    def ring(
        self, memory: mmap, *, producer: bool, offset: int, byte_length: int, doorbell: int
    ) -> Ring:
        """One side of a ring."""
        made: Ring = self._module.Ring(memory, producer, offset, byte_length, doorbell)
        return made

    def create_ring(self, memory: mmap, offset: int, capacity: int) -> None:
        """Lay an empty ring."""
        self._module.create_ring(memory, offset, capacity)

    def futex_wait(self, memory: mmap, offset: int, expected: int, timeout_ns: int) -> str:
        """Sleep while a word is as expected; "woken", "changed" or "timeout". -1 has no end."""
        outcome: str = self._module.futex_wait(memory, offset, expected, timeout_ns)
        return outcome

    def futex_wake(self, memory: mmap, offset: int, count: int) -> int:
        """Wake sleepers in any process; how many there were."""
        woken: int = self._module.futex_wake(memory, offset, count)
        return woken


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no extension."""

    reason: str


@cache
def load_core() -> Core | Missing:
    """The extension: in the folder that AMPHIS_NATIVE names, or beside this file. Never raises."""
    if sys.platform != "linux":
        return Missing(f"the native core is for Linux, and this is {sys.platform}")
    named = os.environ.get("AMPHIS_NATIVE")
    folders = [*([Path(named)] if named else []), Path(__file__).parent]
    file = next((path for path in (folder / _FILE for folder in folders) if path.exists()), None)
    if file is None:
        return Missing("the native core is not built; AMPHIS_NATIVE names the folder where it is")
    spec = importlib.util.spec_from_file_location(_NAME, file)
    if spec is None or spec.loader is None:
        return Missing(f"the native core cannot be loaded: this Python loads no {file.suffix}")
    try:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError as error:
        return Missing(f"the native core cannot be loaded: {error}")
    version = getattr(module, "INTERFACE_VERSION", None)
    if version != _INTERFACE_VERSION:
        return Missing(
            f"the native core has interface {version}, and {_INTERFACE_VERSION} is needed; "
            "build it anew"
        )
    return Core(module)
