"""What a fork does to the buses of a process: the child has none of their threads."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING

from amphis._internal.bus.failures import bus_closed

if TYPE_CHECKING:
    from amphis._internal.bus.member import Member
    from amphis._internal.bus.threads import ThreadRuntime

# Nothing is kept alive by this; a process has few buses.
_watched: weakref.WeakKeyDictionary[Member, ThreadRuntime] = weakref.WeakKeyDictionary()


def watch(member: Member, runtime: ThreadRuntime) -> None:
    """Have the bus end in children of this process, and stay as it is in the process itself."""
    _watched[member] = runtime


def _before() -> None:
    # So that the child gets every member in one piece.
    for runtime in list(_watched.values()):
        runtime.lock.__enter__()


def _after_in_parent() -> None:
    for runtime in list(_watched.values()):
        runtime.lock.__exit__(None, None, None)


def _after_in_child() -> None:
    for member, runtime in list(_watched.items()):
        runtime.forked()
        member.forked(bus_closed("this process was forked off the one that opened it"))
        runtime.lock.__exit__(None, None, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
