"""Finding the C extension, or saying why it is not there."""

from __future__ import annotations

import os
import sys
from functools import cache

from amphis._internal.light import Protocol, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from mmap import mmap
    from types import ModuleType
    from typing import Any

    from amphis._internal.native.ring import CoreRing

_NAME = "amphis._internal.native._core"
_FILE = "_core.abi3.so"
# As in native/python.c: a binary of another version is refused and never called.
_INTERFACE_VERSION = 5
# As many as the extension does; what is deeper is left to Python.
_MOST_LEVELS = 128


class FastMsgpack(Protocol):
    """MessagePack for plain values; NotImplemented leaves a value to Python, and to its errors."""

    def pack(self, value: object, /) -> bytes:
        """The bytes of a value, or NotImplemented."""

    def unpack(self, data: bytes, /) -> object:
        """The value that the bytes are, or NotImplemented."""

    def unpack_counted(self, data: bytes, /) -> tuple[object, int]:
        """The same, with how many handles and attachments it holds; or NotImplemented alone."""


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
    ) -> CoreRing:
        """One side of a ring."""
        made: CoreRing = self._module.Ring(memory, producer, offset, byte_length, doorbell)
        return made

    def msgpack(  # noqa: PLR0913 - all but one are what it asks of Python
        self,
        max_depth: int,
        *,
        pack_other: Callable[[object, int], bytearray],
        unpack_extension: Callable[[int, bytes], object],
        attachment: Callable[[int, str, dict[str, object]], object],
        is_key: Callable[[object], bool],
        collide: Callable[[list[object]], bool],
        nan: float,
    ) -> FastMsgpack:
        """A codec; see native/python_msgpack.h."""
        made: FastMsgpack = self._module.Msgpack(
            min(max_depth, _MOST_LEVELS),
            pack_other=pack_other,
            unpack_extension=unpack_extension,
            attachment=attachment,
            is_key=is_key,
            collide=collide,
            nan=nan,
        )
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

    def announce_fatal(
        self, words: dict[int, bytes], *, line: int, report: int, error: int
    ) -> None:
        """Have this process say something on a socket when one of these signals is to end it.

        A handler that is installed later goes first. What it wrote to a file is moved to where
        errors go before.

        Args:
            words: at most five signals, and at most 256 bytes for each
            line: stream socket; like all others it stays the caller's, and open; -1: none
            report: the file; -1: none
            error: where it is moved to

        Raises:
            OSError: the system has no such signal; ValueError: there are too many words
        """
        self._module.announce_fatal(line, report, error, words)

    def guard(  # noqa: PLR0913 - a policy has as many parts
        self,
        events: list[tuple[str, str, int]],
        *,
        modules: list[str],
        read: list[str] | None,
        write: list[str] | None,
        report: Callable[[str, str, object], BaseException],
        hosts: Sequence[tuple[str, str, int]] = (),
    ) -> None:
        """Hold this process to a policy, for good: nothing of Python finds or undoes it.

        Args:
            events: of audit hooks, in their order: name, rule, and what it is that counts
            modules: that may not be imported, with all below them
            read: paths that may be read, with all below them; None: all
            write: as `read`
            report: is told rule, event and target of what is denied, and makes what is raised
            hosts: that may be reached, as kind, text and port, 0 for all; see native/guard_hosts.h

        Raises:
            RuntimeError: there is a policy already, or no audit hooks
        """
        self._module.guard(events, modules, read, write, report, list(hosts))

    @property
    def guard_denials(self) -> int:
        """How often the policy was invoked."""
        return int(self._module.guard_denials())

    @property
    def landlock_version(self) -> int:
        """Version of Landlock; 0: the kernel has none."""
        return int(self._module.landlock_version())

    def confine_files(self, read: list[str], write: list[str]) -> None:
        """Take away all files but those below these paths, from this thread and its children.

        Raises:
            OSError: the kernel cannot; ValueError: there are too many paths
        """
        self._module.confine_files(read, write)

    def confine_processes(self) -> None:
        """Take away fork and exec, from this thread and its children.

        Raises:
            OSError: the kernel cannot
        """
        self._module.confine_processes()


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no extension."""

    reason: str


@cache
def load_core() -> Core | Missing:
    """The extension: in the folder that AMPHIS_NATIVE names, or beside this file. Never raises."""
    if sys.platform != "linux":
        return Missing(f"the native core is for Linux, and this is {sys.platform}")
    from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415

    named = os.environ.get("AMPHIS_NATIVE")
    # Without `pathlib`, which takes longer to load than the extension.
    folders = [*([named] if named else []), os.path.dirname(__file__)]  # noqa: PTH120
    files = (os.path.join(folder, _FILE) for folder in folders)  # noqa: PTH118
    file = next((path for path in files if os.path.exists(path)), None)  # noqa: PTH110
    if file is None:
        return Missing("the native core is not built; AMPHIS_NATIVE names the folder where it is")
    spec = spec_from_file_location(_NAME, file)
    if spec is None or spec.loader is None:
        return Missing(f"the native core cannot be loaded: this Python loads no file {_FILE}")
    try:
        module = module_from_spec(spec)
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
