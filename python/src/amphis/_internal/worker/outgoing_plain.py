"""Which values travel as they are: a look at their types, without a copy and mostly in C."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

# What the codec takes whatever it holds.
_ALWAYS = frozenset((type(None), bool, float, complex, date, timedelta, UUID))
_SEQUENCES = frozenset((list, tuple, set, frozenset))
_LEAST, _MOST = -(2**63), 2**64 - 1

INLINE_BYTES = 65_536
"""Bytes from which on they are an attachment."""


def is_plain(value: Any, room: int) -> bool:  # noqa: ANN401 - anything at all
    """Whether the codec takes a value as it is, and nothing of it belongs beside the body.

    Only exact types count: a subclass may mean something else. False for what needs a closer look.

    Args:
        value: anything
        room: how many levels of containers may nest
    """
    kind = type(value)
    if kind in _ALWAYS:
        return True
    if kind is dict:
        inner = room - 1
        return room > 0 and are_plain(value, inner) and are_plain(value.values(), inner)
    if kind in _SEQUENCES:
        return room > 0 and are_plain(value, room - 1)
    if kind is int:
        return bool(_LEAST <= value <= _MOST)
    if kind is str:
        return value.isascii() or is_unicode(value)
    return kind is bytes and len(value) < INLINE_BYTES


def are_plain(items: Collection[object], room: int) -> bool:
    kinds = set(map(type, items))
    if kinds <= _ALWAYS:
        return True
    if len(kinds) == 1:
        # Most lists are of one kind, and these are judged without a step of Python for each.
        alike: Any = items
        if str in kinds:
            return all(map(str.isascii, alike)) or all(map(is_unicode, alike))
        if int in kinds:
            return bool(min(alike) >= _LEAST and max(alike) <= _MOST)
    return all(is_plain(item, room) for item in items if type(item) not in _ALWAYS)


def is_unicode(text: str) -> bool:
    """Whether a string has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
