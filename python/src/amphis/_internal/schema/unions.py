"""Rules that look at the same value again: $ref, allOf, anyOf, oneOf, not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.schema.describe import one_of
from amphis._internal.schema.failure import ValidationFailure, failure
from amphis._internal.schema.show import NOTHING, property_step, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amphis._internal.schema.rule import Node

_TWO = 2


class AnyOf:
    """At least one member fits."""

    __slots__ = ("_members", "_text")

    def __init__(self, members: Sequence[Node], text: Callable[[], str]) -> None:
        self._members = members
        self._text = text

    def check(self, value: object, room: int) -> bool:
        """Tell whether a member fits."""
        for member in self._members:  # noqa: SIM110 - any() with a generator costs a third more
            if member.check(value, room):
                return True
        return False

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Say what the one member that could be meant misses, else what all of them ask for."""
        if not self.check(value, room):
            self.fail_all(value, path, room, found)

    def fail_all(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """As `fail`, where the caller knows that no member fits."""
        meant = [member for member in self._members if member.could_be(value, room)]
        if len(meant) == 1:
            meant[0].fail(value, path, room, found)
        elif meant or not self._fail_discriminator(value, path, room, found):
            found.append(failure(path, self._text(), show(value)))

    def _fail_discriminator(
        self, value: object, path: str, room: int, found: list[ValidationFailure]
    ) -> bool:
        if not isinstance(value, dict):
            return False
        apart = [
            member.discriminator()
            for member in self._members
            if member.could_be(value, room, whatever_consts=True)
        ]
        names = {found_one[0] if found_one else None for found_one in apart}
        name = names.pop() if len(names) == 1 else None
        if name is None or len(apart) < _TWO:
            return False
        expected = one_of(list(dict.fromkeys(one[1] for one in apart if one is not None)))
        received = show(value[name]) if name in value else NOTHING
        found.append(failure(path + property_step(name), expected, received))
        return True


class OneOf:
    """Exactly one member fits."""

    __slots__ = ("_any", "_members", "_text")

    def __init__(self, members: Sequence[Node], text: Callable[[], str]) -> None:
        self._members = members
        self._text = text
        self._any = AnyOf(members, text)

    def check(self, value: object, room: int) -> bool:
        """Tell whether exactly one member fits."""
        return self._count(value, room) == 1

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """As for anyOf when none fits; else say that more than one does."""
        count = self._count(value, room)
        if count == 0:
            self._any.fail_all(value, path, room, found)
        elif count > 1:
            found.append(failure(path, f"exactly one of {self._text()}", show(value)))

    def _count(self, value: object, room: int) -> int:
        return sum(member.check(value, room) for member in self._members)
