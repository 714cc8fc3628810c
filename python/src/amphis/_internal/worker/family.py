"""Processes that descend from one."""

from __future__ import annotations

import os
import signal


def descendants(root: int, besides: frozenset[int] | set[int] = frozenset()) -> list[int]:
    """Children of a process, their children, and so on; none where the system has no `/proc`.

    Left out is who is named, with all that descends from it.

    Zombies are among them. Whoever ends a family calls it again until none is left, as a process
    may get children while it is looked at.
    """
    children: dict[int, list[int]] = {}
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - names are all that is needed, and thousands
    except OSError:
        return []
    for name in names:
        if name.isdigit():
            parent = _parent_of(name)
            if parent is not None:
                children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    frontier = [root]
    while frontier:
        younger = [child for each in frontier for child in children.get(each, ())]
        frontier = [child for child in younger if child not in besides]
        found += frontier
    return found


def kill_all(processes: list[int]) -> None:
    """Send SIGKILL to each that is still there and may be killed."""
    for process in processes:
        send(process, signal.SIGKILL)


def send(process: int, number: int) -> None:
    """Send a signal, unless the process is gone or belongs to somebody else."""
    try:
        os.kill(process, number)
    except (ProcessLookupError, PermissionError):
        return


def kill_group(leader: int) -> None:
    """Send SIGKILL to those who stayed in the group of a process."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _parent_of(name: str) -> int | None:
    try:
        descriptor = os.open(f"/proc/{name}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # The name of the program stands in brackets, and may hold anything, brackets too.
        _, _, rest = os.read(descriptor, 1024).rpartition(b")")
    except OSError:
        return None
    finally:
        os.close(descriptor)
    fields = rest.split(None, 2)
    return int(fields[1]) if len(fields) > 1 else None
