"""The shape of everything that a schema compiles to: rules, and nodes that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from amphis._internal.schema.failure import ValidationFailure, failure
from amphis._internal.schema.identity import TooDeepError
from amphis._internal.schema.show import show

if TYPE_CHECKING:
    from collections.abc import Callable


class Rule(Protocol):
    """One demand on a value. `room` is how many more levels may follow."""

    def check(self, value: object, room: int) -> bool:
        """Tell whether the value satisfies the demand."""

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Append every failure of the value, none if it satisfies the demand."""


class Test:
    """A demand on the value as a whole."""

    __slots__ = ("_accepts", "expected")

    def __init__(self, expected: str, accepts: Callable[[object, int], bool]) -> None:
        self.expected = expected
        self._accepts = accepts

    def check(self, value: object, room: int) -> bool:
        """Tell whether the value satisfies the demand."""
        return self._accepts(value, room)

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Append the failure, if there is one."""
        if not self._accepts(value, room):
            found.append(failure(path, self.expected, show(value)))


class Never:
    """The schema `false`, in the words of the place where it stands."""

    __slots__ = ("_expected",)

    def __init__(self, expected: str) -> None:
        self._expected = expected

    def check(self, _value: object, _room: int) -> bool:
        """Refuse everything."""
        return False

    def fail(self, value: object, path: str, _room: int, found: list[ValidationFailure]) -> None:
        """Append the failure."""
        found.append(failure(path, self._expected, show(value)))


class Node:
    """One compiled schema. It is filled after it is made, as schemas may refer to themselves.

    Attributes:
        gates: type and kind; when one fails, nothing else is said
        constants: const and enum
        rules: everything else, in the order in which failures are listed
        same_value: the nodes of $ref and allOf, which look at the same value
        choices: for anyOf and oneOf each, the members
        const_properties: the test of each property that is a const, in the schema's order
    """

    __slots__ = ("choices", "const_properties", "constants", "gates", "rules", "same_value")

    def __init__(self) -> None:
        self.gates: list[Test] = []
        self.constants: list[Test] = []
        self.rules: list[Rule] = []
        self.same_value: list[Node] = []
        self.choices: list[list[Node]] = []
        self.const_properties: dict[str, Test] = {}

    def check(self, value: object, room: int) -> bool:
        """Tell whether the value satisfies the schema."""
        if room < 0:
            raise TooDeepError
        for gate in self.gates:
            if not gate.check(value, room):
                return False
        for test in self.constants:
            if not test.check(value, room):
                return False
        for rule in self.rules:  # noqa: SIM110 - all() with a generator costs a third more
            if not rule.check(value, room):
                return False
        return True

    def fail(self, value: object, path: str, room: int, found: list[ValidationFailure]) -> None:
        """Append every failure of the value."""
        if room < 0:
            raise TooDeepError
        for gate in self.gates:
            if not gate.check(value, room):
                gate.fail(value, path, room, found)
                return
        for test in self.constants:
            test.fail(value, path, room, found)
        for rule in self.rules:
            rule.fail(value, path, room, found)

    def could_be(self, value: object, room: int, *, whatever_consts: bool = False) -> bool:
        """Tell whether the value may be meant for this schema, though something in it is wrong."""
        return (
            all(test.check(value, room) for test in (*self.gates, *self.constants))
            and (whatever_consts or self._has_consts(value, room))
            and all(
                node.could_be(value, room, whatever_consts=whatever_consts)
                for node in self.same_value
            )
            and all(
                any(
                    member.could_be(value, room, whatever_consts=whatever_consts)
                    for member in members
                )
                for members in self.choices
            )
        )

    def _has_consts(self, value: object, room: int) -> bool:
        return not isinstance(value, dict) or all(
            name in value and test.check(value[name], room)
            for name, test in self.const_properties.items()
        )

    def discriminator(self) -> tuple[str, str] | None:
        """The first property that is a const, with the text of the const."""
        for name, test in self.const_properties.items():
            return name, test.expected
        for node in self.same_value:
            found = node.discriminator()
            if found is not None:
                return found
        return None
