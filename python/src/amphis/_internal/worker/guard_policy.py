"""What code in a worker may do, as the program says it."""

from __future__ import annotations

import os
import re
import sys

from amphis._internal.worker.guard_events import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# What an interpreter and its libraries read by themselves, besides their own folders.
_SYSTEM = (
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/lib",
    "/lib64",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/sys/devices/system",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/zoneinfo",
)
# The sandbox is a tree of its own: whatever is in these of it was put there to be read.
_SANDBOX_READ = ("/bin", "/dev", "/etc", "/lib", "/lib64", "/opt", "/proc", "/sbin", "/sys", "/usr")
_SANDBOX_WRITE = ("/dev/null", "/dev/shm", "/dev/zero", "/home", "/tmp")  # noqa: S108 - of its own


class Names:
    """Patterns of names, `*` for any part of one; those of modules hold for all below them too."""

    __slots__ = ("_any", "given")

    def __init__(self, patterns: Sequence[str], *, below: bool) -> None:
        self.given = tuple(patterns)
        tail = r"(?:\..*)?" if below else ""
        texts = [".*".join(map(re.escape, each.split("*"))) + tail for each in patterns]
        self._any = re.compile("|".join(f"(?:{text})" for text in texts), re.DOTALL)

    def __bool__(self) -> bool:
        return bool(self.given)

    def hold(self, name: str) -> bool:
        """Tell whether one of them fits."""
        return bool(self.given) and self._any.fullmatch(name) is not None


class Policy:
    """What code may do.

    Attributes:
        is_sandboxed: whether the kernel holds it to that, too
        granted: rules that do not hold: see `RULES`
        allowed: modules that the program may reach; empty: all
        denied: modules that may not be loaded at all
        hosts: that may be reached, as `Core.guard` takes them; empty: all or none, as is granted
        functions: `module:function` that the program may call; empty: all
        refused: functions that it may not
        read: paths that may be read; None: all
        write: paths that may be written; None: all
    """

    __slots__ = (
        "allowed",
        "denied",
        "functions",
        "granted",
        "hosts",
        "is_sandboxed",
        "read",
        "refused",
        "write",
    )

    def __init__(self, said: dict[str, list[str]]) -> None:
        grants = said.get("grant", [])
        unknown = [rule for rule in grants if rule not in RULES]
        if unknown:
            raise ValueError(f"Cannot start worker: rule {unknown[0]!r} is unknown")
        self.is_sandboxed = "sandboxed" in said.get("level", [])
        self.hosts = [_host(each) for each in said.get("host", [])]
        # Which of them is judged where it is reached.
        self.granted = frozenset(grants) | ({"network"} if self.hosts else frozenset())
        self.allowed = Names(said.get("allowLibrary", []), below=True)
        self.denied = Names(said.get("denyLibrary", []), below=True)
        self.functions = Names(said.get("allowFunction", []), below=False)
        self.refused = Names(said.get("denyFunction", []), below=False)
        limited = said.get("files", [])
        self.read = [*said.get("read", []), *said.get("write", [])] if "read" in limited else None
        self.write = said.get("write", []) if "write" in limited else None

    def paths_read(self) -> list[str] | None:
        """What the hook lets be read: what is allowed, and what Python itself is made of."""
        if self.is_sandboxed:
            return [*self.sandbox_read(), *self.sandbox_write()]
        return None if self.read is None else [*self.read, *_SYSTEM, *own_paths()]

    def paths_written(self) -> list[str] | None:
        """What the hook lets be written."""
        if self.is_sandboxed:
            return self.sandbox_write()
        return None if self.write is None else [*self.write, "/dev/null"]

    def sandbox_read(self) -> list[str]:
        """What the kernel lets be read in a sandbox."""
        return [*(self.read or ()), *_SANDBOX_READ, *own_paths()]

    def sandbox_write(self) -> list[str]:
        """What the kernel lets be written in a sandbox."""
        return [*(self.write or ()), *_SANDBOX_WRITE]


def _host(text: str) -> tuple[str, str, int]:
    kind, _, rest = text.partition(" ")
    host, _, port = rest.rpartition(" ")
    return kind, host, int(port)


def own_paths() -> list[str]:
    """Folders of the interpreter, of its libraries, and of this package."""
    folders = [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path]
    return list(dict.fromkeys(os.path.realpath(each) for each in folders if each))
