"""Limits of what a worker takes of its machine.

They bind each process by itself: a child of a worker has the same limits again.

- `memoryBytes`: private memory (RLIMIT_DATA). Python raises `MemoryError`; C code that does not
  check ends the worker. Memory shared with the program and mapped files do not count.
- `cpuSeconds`: computing (RLIMIT_CPU). SIGXCPU ends the worker, and SIGKILL a second later if that
  is caught. Time that it sleeps or waits does not count.
- `files`: open descriptors (RLIMIT_NOFILE). Python raises `OSError` with EMFILE.
- `processes`: processes and threads of this user, those of other programs too (RLIMIT_NPROC).
  Python raises `OSError` with EAGAIN. Root is not bound by it.

A process may always lower its limits, and never raise them again.
"""

from __future__ import annotations

import resource

_GRACE_SECONDS = 1


def apply_limits(limits: dict[str, int]) -> None:
    """Bind this process and all that it starts; it leaves no core file in any case.

    Raises:
        OSError: the system refuses one; ValueError: it is beyond what this process may have
    """
    _bind(resource.RLIMIT_CORE, 0)
    if "memoryBytes" in limits:
        _bind(resource.RLIMIT_DATA, limits["memoryBytes"])
    if "cpuSeconds" in limits:
        _bind(resource.RLIMIT_CPU, limits["cpuSeconds"], _GRACE_SECONDS)
    if "files" in limits:
        _bind(resource.RLIMIT_NOFILE, limits["files"])
    if "processes" in limits:
        _bind(resource.RLIMIT_NPROC, limits["processes"])


def _bind(which: int, most: int, grace: int = 0) -> None:
    """Lower a limit; one that is lower already stays."""
    _, hard = resource.getrlimit(which)
    ceiling = most + grace
    if hard != resource.RLIM_INFINITY:
        ceiling = min(ceiling, hard)
    resource.setrlimit(which, (min(most, ceiling), ceiling))
