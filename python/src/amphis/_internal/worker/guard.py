"""Holds a worker to the policy of its pool.

Three layers, of which each says what it does not do:

- what the program asks for is judged by the object that it reaches (`guard_judge.py`);
- an audit hook judges what any code does (`guard_events.py`). It hears of what Python does, and not
  of what C code does by itself: it stops accidents and casual misuse;
- in a sandbox the kernel holds all code of the worker to it, C code too.
"""

from __future__ import annotations

import ctypes
import sys
from importlib import import_module

from amphis._internal.native.load import Missing, load_core
from amphis._internal.worker.guard_events import events_of
from amphis._internal.worker.guard_policy import Policy
from amphis._internal.worker.preloading import LATER_GUARDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.worker.guard_report import Reports


def confine(said: dict[str, list[str]]) -> Policy:
    """Have the kernel hold this process to a policy; before it has threads.

    Raises:
        RuntimeError: the policy needs the C extension
        OSError: the kernel cannot
    """
    policy = Policy(said)
    if policy.is_sandboxed:
        core = load_core()
        if isinstance(core, Missing):
            raise RuntimeError(f"Cannot start worker: a sandbox needs it, and {core.reason}")
        # Where the kernel has none the tree of the sandbox is what holds.
        if core.landlock_version > 0:
            core.confine_files(policy.sandbox_read(), policy.sandbox_write())
        if "processes" not in policy.granted:
            core.confine_processes()
    return policy


def guard(policy: Policy, reports: Reports) -> str:
    """Set the audit hook, for good; before any code of users.

    Returns:
        "native", or "python" where there is no C extension
    """
    # What the worker itself needs of ctypes, found before the rule about that holds.
    _ = ctypes.pythonapi.PyThreadState_SetAsyncExc
    for name in ("amphis._internal.memory.dlpack", *LATER_GUARDED):
        import_module(name)
    events = events_of(
        policy.granted,
        has_paths=policy.read is not None or policy.write is not None,
        has_modules=bool(policy.denied),
        has_hosts=bool(policy.hosts),
    )
    modules = list(policy.denied.given)
    read, write = policy.paths_read(), policy.paths_written()
    core = load_core()
    if isinstance(core, Missing) or sys.implementation.name != "cpython":
        if policy.hosts:
            raise RuntimeError("Cannot start worker: rules for hosts need the C extension")
        from amphis._internal.worker.guard_hook import add_hook  # noqa: PLC0415 - rarely needed

        add_hook(events, modules=modules, read=read, write=write, report=reports)
        return "python"
    reports.advise(policy)
    core.guard(events, modules=modules, read=read, write=write, report=reports, hosts=policy.hosts)
    return "native"
