"""What a fork does to the channels of a process: they end in the child, and go on in the parent."""

from __future__ import annotations

import os
import weakref

from amphis._internal.light import Protocol


class Forked(Protocol):
    """Something whose descriptors a child must not keep: the host would not hear of our end."""

    def forked(self) -> None:
        """End here without a word; called in the child, where no other thread runs."""


# Nothing is kept alive by this.
_watched: weakref.WeakSet[Forked] = weakref.WeakSet()


def watch(one: Forked) -> None:
    """Have it end in children of this process."""
    _watched.add(one)


def _after_in_child() -> None:
    for one in list(_watched):
        one.forked()
    _watched.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_in_child)
