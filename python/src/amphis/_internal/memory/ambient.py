"""The shared memory that new arrays of this process lie in, when there is a channel to a host."""

from __future__ import annotations

from contextlib import suppress

from amphis._internal.memory.guest import GuestMemory

# The last one counts. Each change is one step for other threads, so that no lock is needed, which
# a fork might leave held in the child.
_guests: list[GuestMemory] = []


def set_ambient(guest: GuestMemory) -> None:
    """Let new arrays lie in it, until it is cleared or another is set."""
    _guests.append(guest)


def clear_ambient(guest: GuestMemory) -> None:
    """Undo `set_ambient`; what was set before counts again. Twice is as good as once."""
    with suppress(ValueError):
        _guests.remove(guest)


def ambient() -> GuestMemory | None:
    """The one set last. None in a child that was forked off its process."""
    try:
        guest = _guests[-1]
    except IndexError:
        return None
    return guest if guest.is_usable else None
