"""Questions to objects of users, which may raise anything, or answer anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard, TypeVar

Answer = TypeVar("Answer")
Kind = TypeVar("Kind")


def ask(question: Callable[[], Answer]) -> Answer | None:
    """What code of users answers; None when it raises."""
    try:
        return question()
    except BaseException:  # noqa: BLE001 - user code may raise anything, SystemExit too; it stops here
        return None


def text_of(thing: object, name: str) -> str | None:
    """An attribute that is text, such as `__doc__`; None when it is not."""
    found = ask(lambda: getattr(thing, name, None))
    if type(found) is str:
        return found
    return str.__str__(found) if issubclass(type(found), str) else None


def is_a(thing: object, kind: type[Kind]) -> TypeGuard[Kind]:
    """Whether it is one in truth: `isinstance` would ask the object itself too."""
    return issubclass(type(thing), kind)
